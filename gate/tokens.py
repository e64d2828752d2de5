"""Admissions as tokens: `rate` a second, kept up to a burst. The shared twin is take() in gate/shared.py. No Django."""

from gate.clock import SECOND

BURST = 2.0  # seconds
LEAST_BURST = 10.0


def burst(rate: float) -> float:
    """How many admissions may be saved up."""
    return max(LEAST_BURST, rate * BURST)


class Tokens:
    """The bucket of one process, for when there is none that is shared."""

    def __init__(self) -> None:
        self.left = 0.0
        self._at = 0

    def put(self, left: float, now: int) -> None:
        self.left, self._at = left, now

    def fill(self, rate: float, now: int) -> None:
        self.left = min(burst(rate), self.left + max(0, now - self._at) * rate / SECOND)
        self._at = now

    def take(self, rate: float, now: int, reserve: float = 0) -> bool:
        """One of them, where `reserve` are left."""
        self.fill(rate, now)
        if self.left < 1 + reserve:
            return False
        self.left -= 1
        return True
