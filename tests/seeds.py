"""Every database of the tests holds the seed data, a policy in force today among it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from pytest_django.plugin import blocking_manager_key

_first_keys: list[Any] = []


def seed_databases() -> None:
    """The seed data, each time with the keys of the first time: running processes hold keys for minutes."""
    from config.management.commands.seed import seed
    from registry import policy, signing, vault
    from registry.models import DayKey, SigningKey
    from venues import manifest, revocations

    for held in (policy, signing, vault, manifest, revocations):
        held.forget()
    for model in (SigningKey, DayKey):
        kept = [row for row in _first_keys if isinstance(row, model)]
        model.objects.bulk_create(kept, ignore_conflicts=True)
    seed(today_policy=True)
    if not _first_keys:
        _first_keys.extend([*SigningKey.objects.all(), *DayKey.objects.all()])


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        seed_databases()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """A transactional test empties the tables at its end; the next test, of any kind, finds the seed data again."""
    yield
    marks = any(mark.kwargs.get("transaction") for mark in item.iter_markers("django_db"))
    emptied = marks or "transactional_db" in getattr(item, "fixturenames", ())
    if nextitem and emptied:
        with item.config.stash[blocking_manager_key].unblock():
            with connection.cursor() as cursor:  # not Django's to empty: the log is managed in SQL
                cursor.execute("TRUNCATE checkins_entry")
            seed_databases()
