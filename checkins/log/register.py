"""The register of destroyed days: dates, moments and fingerprints of keys, kept in three places so that a restore of
one of them does not bring the dead back.

`default` has it with the figures (Destruction), `vault` on its own (registry.vault), and a file outside of both may
hold it as well (settings.DESTROYED_DAYS_FILE). A web or worker process replays it before it serves anything; so does
the nightly run, and `manage.py replay_destructions`.
"""

import logging
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from checkins.log import partitions, retention
from checkins.models import Destruction
from registry import audit, registers, vault
from registry.errors import DomainError
from registry.models import Tag

log = logging.getLogger(__name__)


class AnotherAtIt(DomainError):
    code = "register_busy"
    message = _("Another process destroys days at this moment. Try again when it is done.")


@dataclass(frozen=True, slots=True)
class Line:
    """A day that was destroyed, when, and the fingerprint of its key ("" where it had none)."""

    day: date
    destroyed_at: datetime
    fingerprint: str


def of_default() -> dict[date, Line]:
    """What this database says is gone."""
    done = Destruction.objects.filter(done_at__isnull=False)
    return {end.day: Line(end.day, end.done_at, end.key_fingerprint) for end in done if end.done_at}


def of_vault() -> dict[date, Line]:
    """What the vault says is gone. Raises VaultUnavailable."""
    found = vault.destroyed_days().values()
    return {line.day: Line(line.day, line.destroyed_at, line.fingerprint) for line in found}


def of_file(path: Path) -> dict[date, Line]:
    """What a file says is gone: one JSON object a line. Raises registers.Unreadable, OSError."""
    return {line.day: line for line in registers.read(path, _as_line)}


def _as_line(told: Any) -> Line:
    line = Line(
        day=date.fromisoformat(told["day"]),
        destroyed_at=datetime.fromisoformat(told["destroyed_at"]),
        fingerprint=str(told["fingerprint"])[:32],
    )
    if line.destroyed_at.tzinfo is None or line.destroyed_at.date() < line.day:
        raise ValueError(told)
    return line


def export(path: Path) -> int:
    """Write the register to a file, whole or not at all, with what the file itself remembers; how many days."""
    lines = everywhere(path if path.exists() else None)
    registers.write(path, (asdict(lines[day]) for day in sorted(lines)))
    return len(lines)


def everywhere(path: Path | None = None) -> dict[date, Line]:
    """All registers as one. Raises VaultUnavailable, registers.Unreadable, OSError."""
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

    Raises VaultUnavailable, AnotherAtIt, registers.Unreadable.
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
