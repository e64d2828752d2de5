"""What all tests share. The servers are in servers.py, the running stack in stack.py, the browser in chromium.py."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, time

import pytest
import redis
import time_machine
from django.conf import settings
from django.utils import timezone

pytest_plugins = ["tests.chromium", "tests.seeds", "tests.stack"]


def pytest_configure() -> None:
    """Quick passwords, static files under their own names, uncollected and looked for when asked for (a test's client
    would read all their names first), and a wide gate; the running stack has the real settings."""
    settings.PASSWORD_HASHERS = ["tests.hashers.QuickHasher"]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    settings.WHITENOISE_AUTOREFRESH = True
    settings.GATE_LIMITS = dict.fromkeys(settings.GATE_LIMITS, 50)  # one process stands for all here


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A bare `@pytest.mark.django_db` means both databases: nearly everything that writes touches the vault as well."""
    from tests.seeds import BOTH

    items[:] = dealt(items)
    for item in items:
        if "live_stack" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.django_db(transaction=True))
        for mark in item.iter_markers("django_db"):
            mark.kwargs.setdefault("databases", BOTH)


def dealt(items: list[pytest.Item]) -> list[pytest.Item]:
    """Two halves, as two workers begin with: each has half of the tests on the running stack first, as these take
    longest, then whole files of others, which are quickly taken over by whoever is done first (--dist worksteal). The
    second begins with a file of the others: the first may have to collect static files for both."""
    long: list[pytest.Item] = []
    files: dict[object, list[pytest.Item]] = {}
    for item in items:
        of_its_kind = long if "live_stack" in getattr(item, "fixturenames", ()) else files.setdefault(item.path, [])
        of_its_kind.append(item)
    others = sorted(files.values(), key=len, reverse=True)
    halves = [long[0::2], [*(others.pop(0) if others else []), *long[1::2]]]
    for of_one in others:
        min(halves, key=len).extend(of_one)
    return halves[0] + halves[1]


@pytest.fixture
def noon() -> Iterator[datetime]:
    """The clock at noon of today, for what happened some time ago and yet today, whenever the tests run."""
    now = datetime.combine(timezone.localdate(), time(12), timezone.get_default_timezone())
    with time_machine.travel(now):
        yield now


@pytest.fixture(scope="session")
def valkey() -> Iterator[redis.Redis]:
    """This test process's own Valkey database."""
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        yield client


@pytest.fixture(autouse=True)
def empty_valkey(request: pytest.FixtureRequest, valkey: redis.Redis) -> Iterator[None]:
    """Throttles, counters and queued tasks of one test do not reach the next; where queues lead is left to Celery."""
    yield
    if request.node.get_closest_marker("django_db"):
        keys = [key for key in valkey.scan_iter(count=1000) if not key.startswith(b"_kombu")]
        if keys:
            valkey.delete(*keys)
