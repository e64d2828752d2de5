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
