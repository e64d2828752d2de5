"""A clock that never runs backwards, in microseconds since the epoch. No Django in here."""

import time
from collections.abc import Callable

SECOND = 1_000_000


class Clock:
    """The wall's time as long as it goes forward; where it is set back, time goes on from what was reached.

    `reach` lifts it to a time that the shared state or a signed ticket has seen, so that a process that starts after
    the clock was set back does not put newcomers before those who wait.
    """

    def __init__(self, wall: Callable[[], int] = time.time_ns, steady: Callable[[], int] = time.monotonic_ns) -> None:
        self._wall, self._steady = wall, steady
        self._base = wall() // 1000 - steady() // 1000

    def now(self) -> int:
        """Never less than any earlier answer or `reach`."""
        steady = self._steady() // 1000
        self._base = max(self._base, self._wall() // 1000 - steady)
        return self._base + steady

    def reach(self, moment: int) -> None:
        """Be at `moment` at least."""
        lag = moment - self.now()
        if lag > 0:
            self._base += lag
