"""Databases and static files made ready for a start: `python -m config.local.prepare databases LOGINS|static`."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg

CHECKOUT = Path(__file__).resolve().parents[2]


def databases(logins: str) -> None:
    """Bring both databases to the newest migration, then seed data and, once, demo data with its `logins` file."""
    from django.core.management import CommandError, call_command
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    from config.management.commands import migrate

    for alias in ("default", "vault"):
        try:
            migrate.refuse_half_of_before(connections[alias])
        except CommandError as error:
            sys.exit(str(error))
        executor = MigrationExecutor(connections[alias])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", database=alias, interactive=False, verbosity=1)
    call_command("seed")
    call_command("demo", logins=logins)
    _stamp(logins).write_text(databases_fingerprint(os.environ))


def databases_are_fresh(logins: str, environment: Mapping[str, str]) -> bool:
    """Whether `databases` would find nothing to do: same code, same databases, same day (keys are made by the day)."""
    try:
        return Path(logins).exists() and _stamp(logins).read_text() == databases_fingerprint(environment)
    except (OSError, psycopg.Error):
        return False


def databases_fingerprint(environment: Mapping[str, str]) -> str:
    """What prepared databases depend on. Databases made anew differ in when their migrations were applied."""
    digest = hashlib.sha256(f"{datetime.now(ZoneInfo('Asia/Seoul')):%F}".encode())
    for pattern in ("*/migrations/*.py", "*/seeding.py", "*/seeds/*", "config/management/commands/*.py"):
        _digest_files(digest, CHECKOUT.glob(pattern))
    for name in ("DATABASE_URL", "VAULT_DATABASE_URL"):
        with psycopg.connect(environment[name], connect_timeout=5) as connection:
            applied = connection.execute("SELECT count(*), max(applied) FROM django_migrations").fetchone()
        digest.update(str(applied).encode())
    return digest.hexdigest()


def _stamp(logins: str) -> Path:
    return Path(logins).with_suffix(".prepared")


def _digest_files(digest: hashlib._Hash, paths: Iterable[Path]) -> None:
    for path in sorted(paths):
        if path.is_file():
            facts = path.stat()
            digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())


def static() -> None:
    """Collect the static files under their hashed names, unless nothing has changed since the last time. What demo,
    tests, drills or benches have collected beside it and is still good is taken over: a second in place of fifteen."""
    from django.conf import settings
    from django.core.management import call_command

    root, wanted = Path(settings.STATIC_ROOT), static_fingerprint()
    if static_is_fresh(root):
        return
    (root / ".munjigi").unlink(missing_ok=True)
    if not _taken_over(root):
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    (root / ".munjigi").write_text(wanted)


def _taken_over(root: Path) -> bool:
    """Link the files of a neighbour that is fresh. Collecting only ever removes names, so nobody's files change."""
    for other in sorted(root.parent.glob("*static")):
        if other == root or not static_is_fresh(other):
            continue
        try:
            shutil.rmtree(root, ignore_errors=True)
            shutil.copytree(other, root, copy_function=os.link)
        except OSError:  # it is being collected anew, or lies on another disk
            continue
        if static_is_fresh(root):
            return True
    return False


def static_is_fresh(root: Path) -> bool:
    """Whether `root` holds what the sources would give now, every file of it."""
    try:
        if (root / ".munjigi").read_text() != static_fingerprint():
            return False
        collected = json.loads((root / "staticfiles.json").read_text())["paths"].values()
    except (OSError, ValueError, KeyError):
        return False
    return all((root / name).exists() for name in collected)


def static_fingerprint() -> str:
    """What the collected files depend on: our sources, by size and time, and the pinned packages that bring theirs."""
    digest = hashlib.sha256((CHECKOUT / "requirements.txt").read_bytes())
    _digest_files(digest, _sources())
    return digest.hexdigest()


def _sources() -> Iterable[Path]:
    yield from (CHECKOUT / "static").rglob("*")
    for folder in CHECKOUT.glob("*/static"):
        if folder.parent.name not in ("var", ".venv"):
            yield from folder.rglob("*")


def main(what: str, *arguments: str) -> None:
    import django

    django.setup()
    if what == "static":
        static()
    else:
        databases(*arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
