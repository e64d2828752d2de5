"""What all tests share. The servers are in servers.py, the running stack in stack.py, the browser in chromium.py."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from datetime import datetime, time

import pytest
import redis
import time_machine
from django.conf import settings
from django.utils import timezone, translation

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

    items[:] = dealt(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
    for item in items:
        if "live_stack" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.django_db(transaction=True))
        for mark in item.iter_markers("django_db"):
            mark.kwargs.setdefault("databases", BOTH)


def pytest_collection_finish() -> None:
    """What is there now stays: it is not looked through for garbage with each page that a test renders."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def dealt(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Equal parts, as the workers begin with. The first has all tests on the running stack, so that one is started; the
    second begins with the servers' own tests, most of which need no databases while the first makes them; the third has
    those in a browser alone, or the first where there are but two. Files of others fill them up: whoever is done first
    takes over what another has last (--dist worksteal), which are files of few tests."""
    stack: list[pytest.Item] = []
    browser: list[pytest.Item] = []
    servers: list[pytest.Item] = []
    files: dict[object, list[pytest.Item]] = {}
    for item in items:
        needs = getattr(item, "fixturenames", ())
        if "live_stack" in needs:
            stack.append(item)
        elif "chromium_path" in needs:
            browser.append(item)
        elif item.path.parent.name == "setup":
            servers.append(item)
        else:
            files.setdefault(item.path, []).append(item)
    servers.sort(key=lambda item: item.get_closest_marker("django_db") is not None)
    parts = [stack, servers, browser] if workers > 2 else [stack + browser, servers]
    for of_one in sorted(files.values(), key=len, reverse=True):
        min(parts, key=len).extend(of_one)
    return [item for part in parts for item in part]


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
def in_korean() -> None:
    """What a page was asked for in another language does not make the next test speak it."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def empty_valkey(request: pytest.FixtureRequest, valkey: redis.Redis) -> Iterator[None]:
    """Throttles, counters and queued tasks of one test do not reach the next; where queues lead is left to Celery."""
    yield
    if request.node.get_closest_marker("django_db"):
        keys = [key for key in valkey.scan_iter(count=1000) if not key.startswith(b"_kombu")]
        if keys:
            valkey.delete(*keys)
