"""How the pool of connections behaves. Who asks for one waits PATIENCE; once it is clear that the database is away,
HURRY, until one is made again: so a minute's outage is a minute of quick 503s instead of slow ones. No Django in here.

Left to itself the pool would try again at ever longer pauses, and go on pausing when the database is back. Here it
gives up after RETRIED, and each request makes it try anew.
"""

from typing import Any

from psycopg_pool import ConnectionPool

PATIENCE, HURRY = 2.0, 0.1  # seconds
RETRIED = 0.5  # seconds; what is back sooner was not away


def hurry(pool: ConnectionPool[Any]) -> None:
    """No connection could be made."""
    pool.timeout = HURRY


def calm(pool: ConnectionPool[Any] | None) -> None:
    """One was made."""
    if pool and pool.timeout != PATIENCE:
        pool.timeout = PATIENCE


OPTIONS: dict[str, Any] = {
    "min_size": 1, "max_idle": 300, "timeout": PATIENCE, "reconnect_timeout": RETRIED, "reconnect_failed": hurry,
}  # fmt: skip
