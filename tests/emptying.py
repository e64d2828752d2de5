"""Emptying the tables after a test that committed: quickly, and without pulling anything from under running processes.

Django would TRUNCATE every table, which waits for whoever has looked at one and makes a hundred files anew. Here the
rows of those that have any are deleted, foreign keys and triggers aside. Content types and permissions are kept: web
processes of the running stack hold their numbers for life, and a form in the admin would name one that is gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.db import connections
from django.db.backends.postgresql.operations import DatabaseOperations

KEPT = frozenset({"django_content_type", "auth_permission", "django_migrations"})


def _deletions(self: DatabaseOperations, style: Any, tables: Sequence[str], **_options: Any) -> list[str]:
    names = [name for name in tables if name not in KEPT]
    if not names:
        return []
    looks = (f"SELECT '{name}' WHERE EXISTS (SELECT FROM {self.quote_name(name)})" for name in names)
    with connections[self.connection.alias].cursor() as cursor:
        cursor.execute(" UNION ALL ".join(looks))
        filled = [name for (name,) in cursor.fetchall()]
    rows = [f"DELETE FROM {self.quote_name(name)}" for name in filled]
    return ["SET LOCAL session_replication_role = replica", *rows] if rows else []


@pytest.fixture(scope="session", autouse=True)
def _emptied_by_deleting() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setattr(DatabaseOperations, "sql_flush", _deletions)
    yield
    patch.undo()
