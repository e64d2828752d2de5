"""Celery's worker as we want it: back within a second or two of a broker that was away."""

from functools import partial
from typing import Any

from celery.worker import consumer

AGAIN_S = 1


class Consumer(consumer.Consumer):
    """Asks a broker that is away every second. Celery's own waits 2, 4, 6 and at last 30 seconds between two, which
    no setting changes, and codes by SMS would be late by that after each restart of the broker."""

    def ensure_connected(self, conn: Any) -> Any:
        conn.ensure_connection = partial(conn.ensure_connection, interval_start=AGAIN_S, interval_step=0)
        return super().ensure_connected(conn)
