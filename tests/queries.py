"""How much a page asks the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

BOUNDS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


def asked(caught: CaptureQueriesContext) -> list[str]:
    """The statements, without the bounds of transactions: in the transaction of a test a page has others."""
    return [query["sql"] for query in caught if not query["sql"].startswith(BOUNDS)]


@contextmanager
def at_most(number: int) -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as caught:
        yield caught
    told = asked(caught)
    assert len(told) <= number, "\n".join(told)
