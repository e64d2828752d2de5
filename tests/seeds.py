"""Every test finds the seed data in both databases, a policy in force today among it, and nothing else.

One process makes the databases, the others copy its. After a test that committed, what it left is deleted and the seed
data are put back as they were. Django would TRUNCATE every table, which waits for whoever has looked at one, makes a
hundred files anew, and numbers what it seeds anew: processes of the running stack hold numbers and keys for minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connections, transaction
from django.test import TransactionTestCase
from django.test.utils import setup_databases
from django.utils import timezone

BOTH = ("default", "vault")
KEPT = frozenset({"django_content_type", "auth_permission", "django_migrations"})  # migrations fill them, seeds do not
UNMANAGED = {"default": ["checkins_entry"], "vault": []}  # not Django's to empty: the log is made in SQL

_rows: dict[str, dict[str, bytes]] = {}  # by database and table, as COPY writes them


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any
) -> Iterator[None]:
    """In place of pytest-django's. The databases go with their server."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        with connections["default"]._nodb_cursor() as server:
            server.execute("SELECT pg_advisory_lock(1)")
            if not _copied(server):
                _make()
                _offer(server)
        _rows.update({alias: _rows_of(alias) for alias in BOTH})
        patch.setattr(TransactionTestCase, "_fixture_teardown", _put_back)
        yield


def _make() -> None:
    from config.management.commands.seed import seed

    setup_databases(verbosity=0, interactive=False, aliases=set(BOTH), serialized_aliases=set())
    seed(today_policy=True)


def _offer(server: Any) -> None:
    """Leave a copy to the processes that come after."""
    for alias in BOTH:
        connections[alias].close()
        connections[alias].close_pool()
        server.execute(f"CREATE DATABASE {_offered(alias)} TEMPLATE {connections[alias].settings_dict['NAME']}")


def _copied(server: Any) -> bool:
    """Take a copy of what another process has made, if there is one."""
    server.execute("SELECT count(*) FROM pg_database WHERE datname = ANY(%s)", [[_offered(alias) for alias in BOTH]])
    if server.fetchone() != (len(BOTH),):
        return False
    for alias in BOTH:
        name = connections[alias].creation._get_test_db_name()
        server.execute(f"CREATE DATABASE {name} TEMPLATE {_offered(alias)}")
        connections[alias].close()
        settings.DATABASES[alias]["NAME"] = connections[alias].settings_dict["NAME"] = name
    return True


def _offered(alias: str) -> str:
    return f"seeded_{alias}"


def _filled(alias: str) -> list[str]:
    """The tables with a row, but for those that are kept."""
    names = [*connections[alias].introspection.django_table_names(only_existing=True, include_views=False)]
    looks = (f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in {*names, *UNMANAGED[alias]} - KEPT)
    with connections[alias].cursor() as cursor:
        cursor.execute(" UNION ALL ".join(looks))
        return [name for (name,) in cursor.fetchall()]


def _rows_of(alias: str) -> dict[str, bytes]:
    found = {}
    with connections[alias].cursor() as cursor:
        for table in _filled(alias):
            with cursor.copy(f"COPY {table} TO STDOUT") as rows:
                found[table] = b"".join(rows)
    return found


def _put_back(self: TransactionTestCase) -> None:
    from registry import policy, signing, vault
    from venues import manifest, revocations

    for alias in self._databases_names(include_mirrors=False):
        put_back(alias)
    _drop_old_days()
    for held in (policy, signing, vault, manifest, revocations):
        held.forget()


def _drop_old_days() -> None:
    """Days of the log that a test made and left: to others they would be days that are to be destroyed."""
    from checkins.log import partitions, retention

    for day in partitions.attached():
        if retention.over(day, timezone.localdate()):
            with connections["default"].cursor() as cursor:
                cursor.execute(f"DROP TABLE {partitions.name(day)}")


def put_back(alias: str) -> None:
    """Content types and permissions stay: the running web processes hold their numbers for life, and a form in the
    admin would name one that is gone."""
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # foreign keys and triggers aside
        for table in _filled(alias):
            cursor.execute(f"DELETE FROM {table}")
        for table, rows in _rows[alias].items():
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(rows)
