"""Two registries side by side on one PostgreSQL, made by `manage.py make_data`: a small one, and one at full size.

They are kept under var/ for the next run of the same day and scale, as making takes minutes.
"""

import atexit
import base64
import json
import os
import secrets
import subprocess
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

import psycopg

from config.local import embedded
from config.local.accounts import CHECKOUT

SMALL = 0.01
KEPT = CHECKOUT / "var" / "bench-desk"
# Looking at a person is written down: how long a disk takes for that is no part of how a page grows.
OPTIONS = {"shared_buffers": "1GB", "synchronous_commit": "off", "max_wal_size": "4GB"}


def countries(scale: float) -> dict[str, dict[str, str]]:
    """Start the servers and have both registries; for each, "small" and "large", the environment to work on it."""
    KEPT.mkdir(parents=True, exist_ok=True)
    kept = _secrets()
    postgres = embedded.start_postgres(KEPT, kept["SECRET_KEY"][:30], options=OPTIONS)
    atexit.register(postgres.stop)
    valkey = embedded.start_valkey(KEPT, kept["SECRET_KEY"][:30])
    atexit.register(valkey.stop)
    both = {}
    for size, name, factor in (("small", "small", SMALL), ("large", f"large_{scale:g}".replace(".", "_"), scale)):
        both[size] = kept | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": postgres.url(name),
            "VAULT_DATABASE_URL": postgres.url(f"{name}_vault"),
            "REDIS_URL": valkey.url(0),
        }
        _have(postgres, name, factor, both[size])
    return both


def _secrets() -> dict[str, str]:
    file = KEPT / "secrets.json"
    if not file.exists():
        made = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "MASTER_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        }
        file.touch(mode=0o600)
        file.write_text(json.dumps(made))
    return dict(json.loads(file.read_text()))


def _have(server: embedded.Server, name: str, factor: float, environment: dict[str, str]) -> None:
    """The pair of databases as of today (a day of Seoul, as the data has it), with today's migrations."""
    today = datetime.now(ZoneInfo("Asia/Seoul")).date().isoformat()
    with psycopg.connect(server.url("postgres"), autocommit=True) as link:
        made = link.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
        fresh = made is None or made[0] != today
        if fresh:
            for each in (name, f"{name}_vault"):
                link.execute(f"DROP DATABASE IF EXISTS {each} WITH (FORCE)".encode())
                link.execute(f"CREATE DATABASE {each}".encode())
        for alias in ("default", "vault"):
            _manage(environment, "migrate", f"--database={alias}", "--verbosity=0")
        if fresh:
            _manage(environment, "make_data", f"--scale={factor}")
            link.execute(f"COMMENT ON DATABASE {name} IS '{today}'".encode())


def _manage(environment: dict[str, str], *words: str) -> None:
    command = [sys.executable, str(CHECKOUT / "manage.py"), *words]
    subprocess.run(command, check=True, cwd=CHECKOUT, env=os.environ | environment, stdout=sys.stderr)
