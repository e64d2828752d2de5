"""How many rows wait for a clerk at each desk, in the sidebar and on the first page: counted in one statement."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest

AT_MOST = 100

Rows = Callable[[HttpRequest], QuerySet[Any]]
_rows: dict[str, Rows] = {}


def counted(rows: Rows) -> Callable[[HttpRequest], str]:
    """A badge: how many of these rows there are, nothing for none, and counted no further than a hundred. The first
    that a request asks for counts all of them."""
    name = f"{rows.__module__}.{rows.__qualname__}"
    _rows[name] = rows

    @wraps(rows)
    def count(request: HttpRequest) -> str:
        if not hasattr(request, "_badges"):
            request._badges = _count(request)  # type: ignore[attr-defined]
        number: int = request._badges.get(name, 0)  # type: ignore[attr-defined]
        return f"{AT_MOST - 1}+" if number == AT_MOST else str(number or "")

    return count


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
