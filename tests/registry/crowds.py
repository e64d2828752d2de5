"""Several who do the same at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections


def at_once(deed: Callable[[int], Any], times: int) -> list[Any]:
    """What deed(0), deed(1) … gave, each in a thread with connections of its own; for tests with transaction=True."""
    together = Barrier(times)

    def done(n: int) -> Any:
        together.wait(10)
        try:
            return deed(n)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(done, range(times)))
