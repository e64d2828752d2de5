"""How many rows wait for a clerk at each desk, in the sidebar and on the first page: counted in one statement.

It stands on every page of the desk, so where it fails (a table is locked, it takes too long) the page comes without
numbers.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.http import HttpRequest

log = logging.getLogger(__name__)

AT_MOST = 100
PATIENCE = "SELECT set_config('lock_timeout', '300ms', true), set_config('statement_timeout', '2s', true)"

Rows = Callable[[HttpRequest], QuerySet[Any]]
_rows: dict[str, Rows] = {}


def counted(rows: Rows) -> Callable[[HttpRequest], str]:
    """A badge: how many of these rows there are, nothing for none or where that is not known, and counted no further
    than a hundred. The first that a request asks for counts all of them."""
    name = f"{rows.__module__}.{rows.__qualname__}"
    _rows[name] = rows

    @wraps(rows)
    def count(request: HttpRequest) -> str:
        number = (_counts(request) or {}).get(name, 0)
        return f"{AT_MOST - 1}+" if number == AT_MOST else str(number or "")

    return count


def known(request: HttpRequest) -> bool:
    """Whether no badge means that nothing waits."""
    return _counts(request) is not None


def _counts(request: HttpRequest) -> dict[str, int] | None:
    """Of all badges, None where they could not be counted; tried once a request."""
    if not hasattr(request, "_badges"):
        try:
            with _impatiently():
                request._badges = _count(request)  # type: ignore[attr-defined]
        except DatabaseError:
            log.exception("what waits could not be counted")
            request._badges = None  # type: ignore[attr-defined]
    return request._badges  # type: ignore[attr-defined, no-any-return]


@contextmanager
def _impatiently() -> Iterator[None]:
    """Statements wait for no lock and take no long time. Nothing stays in a transaction that goes on, as that of a
    form's page: neither what failed nor the short patience, which would last until its end."""
    goes_on = connection.in_atomic_block
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(PATIENCE)
        yield
        if goes_on:
            transaction.set_rollback(True)


def _count(request: HttpRequest) -> dict[str, int]:
    parts, values = [], []
    for name, rows in _rows.items():
        found = rows(request)
        query = (found if found.query.combinator else found.order_by().values("pk"))[:AT_MOST].query
        try:
            sql, its_values = query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT %s, count(*) FROM ({sql}) AS waiting")  # noqa: S608 -- as Django writes it
        values += [name, *its_values]
    if not parts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        return dict(cursor.fetchall())
