"""The real stack for tests: granian, a Celery worker with beat, the SMS simulator, on our own test databases."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from config.local import embedded
from config.local.accounts import CHECKOUT
from config.local.prepare import static_is_fresh
from config.local.stack import Stack, inherited, run_module
from tests.servers import new_folder


class TestStack(Stack):
    """The stack with a broker that a test may stop."""

    __test__ = False  # no collection of tests
    broker: embedded.Server


_made: list[TestStack] = []


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Nothing runs beside a test that did not ask for it: worker and beat would take its work from under it."""
    if "live_stack" not in getattr(item, "fixturenames", ()):
        for stack in _made:
            stack.stop()


@pytest.fixture(scope="session")
def _processes(django_db_setup: None) -> Iterator[TestStack]:
    folder = new_folder()
    broker = embedded.start_valkey(folder, embedded.new_password(), options={"appendonly": "no"})
    web, sms = embedded.free_port(), embedded.free_port()
    stack = TestStack(folder, web, sms, inherited(settings_of(web, sms) | {"REDIS_URL": broker.url(0)}))
    stack.broker = broker
    _made.append(stack)
    yield stack
    stack.stop()
    broker.stop()


@pytest.fixture
def live_stack(transactional_db: None, _processes: TestStack) -> Iterator[TestStack]:
    """The running stack; every part answers, the databases hold the seed data and nothing else.

    `.web` and `.simulator` are addresses; `.stop("web")`, `.kill("worker")`, `.start("web")`, `.wait("web")` work on
    the real processes. Whatever a test stopped is started again for the next. `.broker` is the stack's own Valkey.
    """
    missing = [
        name
        for name in ("simulator", "web", "worker")
        if name not in _processes.parts or _processes.parts[name].process.poll() is not None
    ]
    if "web" in missing:
        collect_static(_processes)
    if missing:
        _processes.start(*missing)
    _processes.wait()
    httpx.delete(f"{_processes.simulator}/messages").raise_for_status()  # nobody reads another test's code
    yield _processes


def settings_of(web: int, sms: int) -> dict[str, str]:
    """This test process's own settings, with the addresses of its test databases."""
    from django.db import connections

    addresses = {
        variable: f"{os.environ[variable].rsplit('/', 1)[0]}/{connections[alias].settings_dict['NAME']}"
        for variable, alias in (("DATABASE_URL", "default"), ("VAULT_DATABASE_URL", "vault"))
    }
    return addresses | {
        "SITE_URL": f"http://localhost:{web}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "SMS_HTTP_URL": f"http://127.0.0.1:{sms}",
        "SMS_HTTP_RECEIPT_KEY": "test-receipt-key",
        "STATIC_ROOT": str(CHECKOUT / "var" / "tests-static"),
        "DOCUMENTS_ROOT": str(new_folder() / "documents"),
    }


def collect_static(stack: Stack) -> None:
    """Collect the files once for all sessions that come after; one process at a time."""
    root = Path(stack.environment["STATIC_ROOT"])
    root.parent.mkdir(exist_ok=True)
    import fcntl

    with (root.parent / "tests-static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not static_is_fresh(root):
            run_module("config.local.prepare", "static", environment=stack.environment, log=stack.logs / "static.log")


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for what the running stack does by itself."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.1)
