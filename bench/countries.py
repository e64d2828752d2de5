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
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from config.local import embedded
from config.local.accounts import CHECKOUT

SMALL = 0.01
KEPT = CHECKOUT / "var" / "bench-desk"


@dataclass(frozen=True)
class Countries:
    """The server that both are on."""

    server: embedded.Server

    def use(self, name: str) -> None:
        """From now on Django's databases are this pair."""
        from django.db import connections

        from checkins import partitions
        from registry import policy, signing, vault

        for alias, suffix in (("default", ""), ("vault", "_vault")):
            link: Any = connections[alias]
            link.close()
            link.close_pool()
            link.settings_dict["NAME"] = name + suffix
        for held in (policy, signing, vault, partitions):
            held.forget()


def countries(scale: float) -> Countries:
    """Start the server and have both registries on it."""
    KEPT.mkdir(parents=True, exist_ok=True)
    kept = _secrets()
    os.environ.update(kept | {"DJANGO_SETTINGS_MODULE": "config.settings"})
    server = embedded.start_postgres(KEPT, kept["SECRET_KEY"][:30], options={"shared_buffers": "1GB"})
    atexit.register(server.stop)
    valkey = embedded.start_valkey(KEPT, kept["SECRET_KEY"][:30])
    atexit.register(valkey.stop)
    os.environ["REDIS_URL"] = valkey.url(0)
    for name, factor in (("small", SMALL), (large(scale), scale)):
        _have(server, name, factor)
    _address(server, "small")
    return Countries(server)


def large(scale: float) -> str:
    """The name of the large one."""
    return f"large_{scale:g}".replace(".", "_")


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


def _address(server: embedded.Server, name: str) -> dict[str, str]:
    found = {"DATABASE_URL": server.url(name), "VAULT_DATABASE_URL": server.url(f"{name}_vault")}
    os.environ.update(found)
    return found


def _have(server: embedded.Server, name: str, factor: float) -> None:
    """The pair of databases as of today, with today's migrations."""
    today = date.today().isoformat()
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
            _manage(server, name, "migrate", f"--database={alias}", "--verbosity=0")
        if fresh:
            _manage(server, name, "make_data", f"--scale={factor}")
            link.execute(f"COMMENT ON DATABASE {name} IS '{today}'".encode())


def _manage(server: embedded.Server, name: str, *words: str) -> None:
    environment = os.environ | _address(server, name)
    command = [sys.executable, str(CHECKOUT / "manage.py"), *words]
    subprocess.run(command, check=True, cwd=CHECKOUT, env=environment, stdout=sys.stderr)
