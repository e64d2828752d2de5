"""The register of destroyed days: dates, moments and fingerprints of keys, kept in three places so that a restore of
one of them does not bring the dead back.

`default` has it with the figures (Destruction), `vault` on its own (registry.vault), and a file outside of both may
hold it as well (settings.DESTROYED_DAYS_FILE). A web or worker process replays it before it serves anything; so does
the nightly run, and `manage.py replay_destructions`.
"""

import json
import logging
import os
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from checkins import partitions, retention
from checkins.models import Destruction
from registry import audit, vault
from registry.errors import DomainError
from registry.models import Tag

log = logging.getLogger(__name__)


class Unreadable(DomainError):
    """A file of the register is not one, or a line of it is damaged. Nothing was done."""

    code = "register_unreadable"
    status = 400
    message = _("Line {line} of the register of destroyed days cannot be read. Nothing was done.")


class AnotherAtIt(DomainError):
    code = "register_busy"
    message = _("Another process destroys days at this moment. Try again when it is done.")


@dataclass(frozen=True, slots=True)
class Line:
    """A day that was destroyed, when, and the fingerprint of its key ("" where it had none)."""

    day: date
    destroyed_at: datetime
    fingerprint: str

    def as_json(self) -> str:
        return json.dumps(asdict(self), default=lambda value: value.isoformat())


def of_default() -> dict[date, Line]:
    """What this database says is gone."""
    done = Destruction.objects.filter(done_at__isnull=False)
    return {end.day: Line(end.day, end.done_at, end.key_fingerprint) for end in done if end.done_at}


def of_vault() -> dict[date, Line]:
    """What the vault says is gone. Raises VaultUnavailable."""
    found = vault.destroyed_days().values()
    return {line.day: Line(line.day, line.destroyed_at, line.fingerprint) for line in found}


def of_file(path: Path) -> dict[date, Line]:
    """What a file says is gone: one JSON object a line. Raises Unreadable, OSError."""
    lines = {}
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = _read(text, number)
        lines[line.day] = line
    return lines


def _read(text: str, number: int) -> Line:
    try:
        told: dict[str, Any] = json.loads(text)
        moment = datetime.fromisoformat(told["destroyed_at"])
        line = Line(date.fromisoformat(told["day"]), moment, str(told["fingerprint"])[:32])
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(line=number) from error
    if moment.tzinfo is None or moment.date() < line.day:
        raise Unreadable(line=number)
    return line


def export(path: Path) -> int:
    """Write the register to a file, whole or not at all, with what the file itself remembers; how many days."""
    lines = everywhere(path if path.exists() else None)
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("w", encoding="utf-8") as file:
        file.writelines(f"{lines[day].as_json()}\n" for day in sorted(lines))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return len(lines)


def everywhere(path: Path | None = None) -> dict[date, Line]:
    """All registers as one. Raises VaultUnavailable, Unreadable, OSError."""
    return (of_file(path) if path else {}) | of_vault() | of_default()


def kept_file() -> Path | None:
    """The file outside of both databases, where one is kept."""
    return Path(settings.DESTROYED_DAYS_FILE) if settings.DESTROYED_DAYS_FILE else None


def risen(lines: dict[date, Line]) -> list[date]:
    """Days of the register of which there is a key or a row, or which one of the databases has forgotten. Raises
    VaultUnavailable."""
    there = vault.keyed_days() | partitions.attached().keys() | partitions.loose()
    forgotten = (lines.keys() - of_vault().keys()) | (lines.keys() - of_default().keys())
    return sorted((lines.keys() & there) | forgotten)


def replay(path: Path | None = None) -> list[date]:
    """Destroy again what came back with a restore, and tell each database what it has forgotten; the days.

    Raises VaultUnavailable, AnotherAtIt, Unreadable.
    """
    path = path or kept_file()
    lines = everywhere(path if path and path.exists() else None)
    if not risen(lines):
        return []
    with retention.alone() as got:
        if not got:
            raise AnotherAtIt
        days = risen(lines)
        for day in days:
            _again(lines[day])
    return days


def _again(line: Line) -> None:
    day, known = line.day, Destruction.objects.filter(day=line.day, done_at__isnull=False).exists()
    came_back = day in vault.keyed_days() or day in partitions.attached() or day in partitions.loose()
    retention.intend(day, cause=Destruction.Cause.REPLAYED)
    Destruction.objects.filter(day=day, key_fingerprint="").update(key_fingerprint=line.fingerprint)
    retention.destroy(day)
    if known and came_back:
        with transaction.atomic():
            audit.record(Tag.DAY_DESTROYED_AGAIN, by=None, target=Destruction(day=day), key=line.fingerprint)
    log.warning("day %s is in the register of destroyed days and was destroyed again", day)
