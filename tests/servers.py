"""A pytest plugin: every session has a PostgreSQL and a Valkey of its own, empty at the start and gone at the end.

Loaded by `-p tests.servers` (pyproject.toml) before Django's settings are read, as those take the servers' addresses
from the environment. Under xdist the controller starts the servers and the workers inherit them; each worker has test
databases and a Valkey database of its own.
"""

from __future__ import annotations

import atexit
import base64
import contextlib
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Generator
from pathlib import Path

import psutil
import pytest

from config.local import embedded

PREFIX = "munjigi-test-"
_running: list[embedded.Server] = []
_folders: list[Path] = []


def new_folder() -> Path:
    """A folder that this session's servers may use; it goes when the session ends, or with the next one's start."""
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    folder.chmod(0o711)
    _folders.append(folder)
    return folder


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    if "PYTEST_XDIST_WORKER" in os.environ:
        number = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw")) + 1
        os.environ["REDIS_URL"] = os.environ["REDIS_URL"].rsplit("/", 1)[0] + f"/{number % 32}"
    elif not early_config.known_args_namespace.help and not early_config.known_args_namespace.version:
        _start()
    return (yield)


def pytest_unconfigure() -> None:
    _stop()


def _start() -> None:
    signal.signal(signal.SIGTERM, _leave)
    atexit.register(_stop)  # where pytest fails before it is configured, it does not unconfigure
    _sweep()
    folder = new_folder()
    try:
        password = embedded.new_password()
        options = embedded.CARELESS | {"max_connections": "200"}
        postgres = embedded.start_postgres(folder, password, options=options)
        _running.append(postgres)
        if postgres.folder != folder:
            _folders.append(postgres.folder)
        valkey = embedded.start_valkey(folder, password, options={"appendonly": "no"})
        _running.append(valkey)
    except BaseException:
        _stop()
        raise
    os.environ.update(environment(postgres, valkey))


def environment(postgres: embedded.Server, valkey: embedded.Server) -> dict[str, str]:
    """What the settings read, naming these servers and secrets made for this session."""
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": postgres.url("munjigi"),
        "VAULT_DATABASE_URL": postgres.url("munjigi_vault"),
        "REDIS_URL": valkey.url(0),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "MASTER_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
        "SITE_URL": "http://localhost:8000",
        "SMS_HTTP_URL": "http://127.0.0.1:9/send",
        "SMS_HTTP_KEY": "test-key",
        "DEBUG": "0",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",  # playwright's own loop runs in the thread of the browser tests
    }


def _stop() -> None:
    while _running:
        _running.pop().stop(patience=5)
    while _folders:
        shutil.rmtree(_folders.pop(), ignore_errors=True)


def _leave(number: int, frame: object) -> None:
    """Let SIGTERM end the session as Ctrl-C does, so that the servers are ended too."""
    raise KeyboardInterrupt


def _sweep() -> None:
    """End what sessions that were killed left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        owner = folder.name.removeprefix(PREFIX).split("-")[0]
        if not owner.isdigit() or psutil.pid_exists(int(owner)) or not os.access(folder, os.W_OK):
            continue
        for process in psutil.process_iter(["cwd", "cmdline"]):
            with contextlib.suppress(psutil.Error):
                if str(folder) in " ".join(process.info["cmdline"] or []) or str(folder) in (process.info["cwd"] or ""):
                    process.kill()
        shutil.rmtree(folder, ignore_errors=True)
