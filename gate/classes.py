"""Traffic classes: each has its own number of requests at once in a process, so that none takes another's place."""

import threading
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

PATIENCE = 1.0  # seconds that somebody who was let in waits for a place
COURTESY = 0.3  # of them, at the most, only because somebody is inside who was promised a quick answer


class Classes:
    """Which class an address belongs to, and how many requests of each are inside. Threads may share it.

    `prefixes`: pairs of the beginning of a path and its class, the first that fits counts; "" is outside all limits.
    `quick`: classes that were promised a quick answer. The threads of a process compute one at a time, so whoever can
    wait for a place does not begin beside them.
    """

    def __init__(self, prefixes: Sequence[tuple[str, str]], quick: Collection[str] = ()) -> None:
        self._prefixes, self._quick = tuple(prefixes), tuple(quick)
        self._inside: Counter[str] = Counter()
        self._waiting = 0
        self._left = threading.Condition()

    def of(self, path: str) -> str:
        for prefix, name in self._prefixes:
            if path.startswith(prefix):
                return name
        return ""

    def take(self, name: str, limits: Mapping[str, int]) -> bool:
        """A place for one request, to be given back; False where all are taken."""
        with self._left:
            return self._take(name, limits)

    def wait_for(self, name: str, limits: Mapping[str, int], threads: int) -> bool:
        """The same, or one that becomes free within PATIENCE. Of the process's `threads` only those wait that are left
        over when every place of every class is taken, so that nobody who waits keeps another out."""
        with self._left:
            if self._take_politely(name, limits):
                return True
            if self._waiting >= threads - sum(limits.values()):
                return self._take(name, limits)
            self._waiting += 1
            try:
                return self._left.wait_for(lambda: self._take_politely(name, limits), COURTESY) or self._left.wait_for(
                    lambda: self._take(name, limits), PATIENCE - COURTESY
                )
            finally:
                self._waiting -= 1

    def _take_politely(self, name: str, limits: Mapping[str, int]) -> bool:
        return not any(self._inside[quick] for quick in self._quick) and self._take(name, limits)

    def _take(self, name: str, limits: Mapping[str, int]) -> bool:
        if self._inside[name] >= limits.get(name, 1):
            return False
        self._inside[name] += 1
        return True

    def give_back(self, name: str) -> None:
        with self._left:
            self._inside[name] -= 1
            if self._waiting:
                self._left.notify_all()
