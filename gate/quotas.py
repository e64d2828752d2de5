"""How many requests a caller with a key may make: so many a minute, evenly, with a burst saved up (gate/tokens.py).

Counted in Redis for all processes; whoever is refused is refused here until their next request fits, without another
question, so that a flood costs next to nothing. While Redis is away each process gives out its share.
"""

import threading

from gate.callers import Caller
from gate.clock import SECOND
from gate.lookout import Lookout
from gate.tokens import Tokens

MINUTE = 60


class Quotas:
    """One process's. Threads may share it."""

    def __init__(self, lookout: Lookout) -> None:
        self.lookout = lookout
        self._lock = threading.Lock()
        self._full_until: dict[str, int] = {}  # µs, by caller
        self._own: dict[str, Tokens] = {}  # while Redis is away

    def wait(self, caller: Caller) -> float:
        """Seconds until one more request fits; 0 where it does now, and is counted."""
        now = self.lookout.clock.now()
        if (until := self._full_until.get(caller.name, 0)) > now:
            return (until - now) / SECOND
        rate = caller.per_minute / MINUTE
        wait = self.lookout.spend(caller.name, rate, now)
        if wait is None:
            wait = self._take_own(caller.name, rate / self.lookout.processes, now)
        if wait:
            self._full_until[caller.name] = now + wait
        return wait / SECOND

    def _take_own(self, name: str, rate: float, now: int) -> int:
        with self._lock:
            tokens = self._own.setdefault(name, Tokens())
            return 0 if tokens.take(rate, now) else round((1 - tokens.left) / rate * SECOND)
