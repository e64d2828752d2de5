"""The pool of connections while the database is away, and when it is back. To know that it is away takes a while."""

import os
import time

import pytest
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool, PoolTimeout

from config.postgresql.pool import HURRY, OPTIONS, PATIENCE, RETRIED, calm


def seconds_to_refusal(pool, **patience) -> float:
    began = time.monotonic()
    with pytest.raises(PoolTimeout):
        pool.getconn(**patience)
    return time.monotonic() - began


def test_it_refuses_quickly_while_the_database_is_away_and_is_patient_again_when_it_is_back(unused_port):
    there = os.environ["DATABASE_URL"]
    away = make_conninfo(there, host="127.0.0.1", port=unused_port)
    with ConnectionPool(away, **OPTIONS) as pool:
        assert pool.timeout == PATIENCE
        seconds_to_refusal(pool, timeout=RETRIED + 0.2)
        assert seconds_to_refusal(pool) < HURRY + 0.15
        pool.conninfo = there
        deadline = time.monotonic() + RETRIED + 1
        while time.monotonic() < deadline:
            try:
                pool.putconn(pool.getconn())
            except PoolTimeout:
                continue
            break
        calm(pool)
        assert time.monotonic() < deadline and pool.timeout == PATIENCE


@pytest.fixture
def unused_port():
    """Where nobody listens."""
    from config.local import embedded

    return embedded.free_port()
