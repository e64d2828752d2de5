"""What all tests share. The servers are in servers.py, the running stack in stack.py."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

BOTH = ("default", "vault")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A bare `@pytest.mark.django_db` means both databases: nearly everything that writes touches the vault as well."""
    for item in items:
        for mark in item.iter_markers("django_db"):
            mark.kwargs.setdefault("databases", BOTH)


@pytest.fixture(autouse=True)
def empty_valkey(request: pytest.FixtureRequest) -> Iterator[None]:
    """Throttles and counters of one test do not reach the next."""
    yield
    if request.node.get_closest_marker("django_db"):
        import redis

        with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
            client.flushdb()


def _seed() -> None:
    from config.management.commands.seed import seed
    from registry import policy, signing, vault

    for held in (policy, signing, vault):
        held.forget()
    seed(today_policy=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """Every database of the tests begins with the seed data, a policy in force today among it."""
    with django_db_blocker.unblock():
        _seed()


@pytest.fixture(autouse=True)
def seeded(request: pytest.FixtureRequest) -> None:
    """A transactional test empties the tables at its end; the next one finds the seed data again."""
    mark = request.node.get_closest_marker("django_db")
    if mark and mark.kwargs.get("transaction"):
        request.getfixturevalue("transactional_db")
        _seed()
