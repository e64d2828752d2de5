"""Traffic classes: each has its own number of requests at once in a process, so that none takes another's place."""

import threading
from collections.abc import Mapping, Sequence


class Classes:
    """Which class an address belongs to, and how many requests of each are inside. Threads may share it.

    `prefixes`: pairs of the beginning of a path and its class, the first that fits counts; "" is outside all limits.
    """

    def __init__(self, prefixes: Sequence[tuple[str, str]]) -> None:
        self._prefixes = tuple(prefixes)
        self._inside = dict.fromkeys((name for _prefix, name in prefixes), 0)
        self._lock = threading.Lock()

    def of(self, path: str) -> str:
        for prefix, name in self._prefixes:
            if path.startswith(prefix):
                return name
        return ""

    def take(self, name: str, limits: Mapping[str, int]) -> bool:
        """A place for one request, to be given back; False where all are taken."""
        with self._lock:
            if self._inside[name] >= limits.get(name, 1):
                return False
            self._inside[name] += 1
            return True

    def give_back(self, name: str) -> None:
        with self._lock:
            self._inside[name] -= 1
