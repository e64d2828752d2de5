"""Several who do the same at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from time import sleep
from typing import Any

from django.db import connections, transaction


def apart(deed: Callable[[], Any]) -> Any:
    """What it gives, in a thread with connections of its own."""
    try:
        return deed()
    finally:
        connections.close_all()


def while_held(ours: Callable[[], Any], theirs: Callable[[], Any], then: Callable[[], Any] | None = None) -> Any:
    """Do `ours` in a transaction that stays open until `theirs`, beside it, waits for a lock of it, and then does what
    else there is to do. What the two gave; for tests with transaction=True."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first = ours()
            beside = pool.submit(apart, theirs)
            wait_for_a_waiter(beside)
            if then:
                then()
        return first, beside.result(10)


def at_once(deed: Callable[[int], Any], times: int) -> list[Any]:
    """What deed(0), deed(1) … gave, each in a thread with connections of its own; for tests with transaction=True."""
    together = Barrier(times)

    def done(n: int) -> Any:
        together.wait(10)
        return apart(lambda: deed(n))

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(done, range(times)))


def wait_for_a_waiter(beside: Future[Any] | None = None) -> None:
    """Until another connection waits for a lock of ours. Raises what went wrong `beside` instead."""
    for _n in range(500):
        if beside and beside.done():
            raise AssertionError(f"nobody waited: {beside.result()}")
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # who connects later is not seen within a transaction
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        sleep(0.01)
    raise AssertionError("nobody waits")
