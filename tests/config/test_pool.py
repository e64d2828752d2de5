"""The pool of connections while the database is away, and when it is back. To know that it is away takes a while."""

import os
import time

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool, PoolTimeout

from config.postgresql.pool import HURRY, OPTIONS, PATIENCE, RETRIED, hurry


def seconds_to_refusal(pool, **patience) -> float:
    began = time.monotonic()
    with pytest.raises(PoolTimeout):
        pool.getconn(**patience)
    return time.monotonic() - began


def test_it_refuses_quickly_while_the_database_is_away_and_connects_soon_after_it_is_back(unused_port):
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
        assert time.monotonic() < deadline


@pytest.mark.django_db
def test_it_is_patient_again_once_a_connection_was_made():
    another = connection.copy()
    hurry(another.pool)
    another.ensure_connection()
    another.close()
    assert another.pool.timeout == PATIENCE


@pytest.fixture
def unused_port():
    """Where nobody listens."""
    from config.local import embedded

    return embedded.free_port()
