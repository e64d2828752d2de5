"""The register of those who left: who was erased, and whose pass ended by their wish, kept outside of `default` so that
no restore of it brings them back.

The access log tells of each in the transaction of the deed. From there it comes to the vault within seconds, and to a
file outside of both databases where one is kept (settings.LEAVINGS_FILE). A web or worker process replays the register
before it serves anything; so does the hourly run. It holds keys of people, moments, and whether they were erased: the
keys are random, and those of the erased lead to nobody.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from registry import registers, vault
from registry.citizens import withdrawal
from registry.errors import DomainError, VaultUnavailable
from registry.models import Citizen, Event, Leaving, Tag

log = logging.getLogger(__name__)
LOOKED_BACK = timedelta(days=1)  # far longer than a transaction may take from writing a moment to its end
AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Line:
    """A person's key, when they left, and whether they were erased; otherwise their pass was ended."""

    citizen: UUID
    at: datetime
    erased: bool


Lines = dict[UUID, Line]


def of_vault() -> Lines:
    """Raises VaultUnavailable."""
    with vault.reached():
        return {row.citizen: Line(row.citizen, row.at, row.erased) for row in Leaving.objects.iterator()}


def of_file(path: Path) -> Lines:
    """Raises registers.Unreadable, OSError."""
    return _merged({}, registers.read(path, _as_line))


def of_access_log(since: datetime | None = None) -> Lines:
    """Whom the access log tells of, former identities among them."""
    told = Event.objects.filter(tag__in=[Tag.PERSON_ERASED, Tag.WITHDRAWN])
    rows = (told.filter(at__gte=since) if since else told).values_list("tag", "at", "target", "detail")
    return _merged(
        {},
        [
            Line(UUID(key), at, tag == Tag.PERSON_ERASED)
            for tag, at, target, detail in rows.iterator()
            for key in (target.partition(":")[2], *detail.get("former", ()))
        ],
    )


def kept_file() -> Path | None:
    """The file outside of both databases, where one is kept."""
    return Path(settings.LEAVINGS_FILE) if settings.LEAVINGS_FILE else None


def keep() -> int:
    """Tell the vault and the file what they do not know yet; how many lines were new to the vault. May run any number
    of times. Raises VaultUnavailable, registers.Unreadable, OSError."""
    path = kept_file()
    in_file = of_file(path) if path and path.exists() else {}
    with vault.reached():
        newest = Leaving.objects.order_by("-at").values_list("at", flat=True).first()
    told = _merged(in_file, of_access_log(newest and newest - LOOKED_BACK).values())
    fresh = _tell_vault(told)
    if path and (fresh or not path.exists() or told != in_file):
        everybody = _merged(told, of_vault().values())
        registers.write(path, (asdict(everybody[key]) for key in sorted(everybody)))
    return fresh


def _tell_vault(told: Lines) -> int:
    fresh = 0
    with vault.reached():
        for keys in _parts(told):
            known = {row.citizen: row for row in Leaving.objects.filter(citizen__in=keys)}
            new = [told[key] for key in keys if key not in known or _more(told[key], known[key])]
            rows = [Leaving(citizen=line.citizen, at=line.at, erased=line.erased) for line in new]
            Leaving.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["citizen"], update_fields=["at", "erased"]
            )
            fresh += len(rows)
    return fresh


def replay(path: Path | None = None) -> int:
    """Erase again, and end the passes again, of those who came back with a restore; how many. While the vault is away
    the file alone is gone by. Raises VaultUnavailable where there is none, registers.Unreadable, OSError."""
    path = path or kept_file()
    told = of_file(path) if path and path.exists() else {}
    try:
        told = _merged(told, of_vault().values())
    except VaultUnavailable:
        if not told:
            raise
    return sum(_again(person, told[person.pk]) for keys in _parts(told) for person in _risen(keys, told))


def _parts(told: Lines) -> Iterator[list[UUID]]:
    keys = list(told)
    return (keys[at : at + AT_ONCE] for at in range(0, len(keys), AT_ONCE))


def _risen(keys: list[UUID], told: Lines) -> list[Citizen]:
    """Those who are there though they were erased, or hold the pass that they had ended."""
    there = Citizen.objects.filter(pk__in=keys)
    passes = there.filter(Q(verified_at__isnull=False) | Q(phone__isnull=False))
    erased = [key for key in keys if told[key].erased]
    return [*there.filter(pk__in=erased), *(person for person in passes.exclude(pk__in=erased) if _holds(person, told))]


def _holds(person: Citizen, told: Lines) -> bool:
    """Whether the pass, or the number, is of before they left."""
    proven = [moment for moment in (person.verified_at, person.phone_since) if moment]
    return bool(proven) and max(proven) <= told[person.pk].at


def _again(person: Citizen, line: Line) -> bool:
    try:
        withdrawal.repeat(person, erased=line.erased, left_at=line.at)
    except (Citizen.DoesNotExist, DomainError):  # another process was first
        return False
    done = "erased" if line.erased else "ended the pass of"
    log.warning("the register of those who left: %s somebody again, who came back with a restore", done)
    return True


def _merged(lines: Lines, more: Iterable[Line]) -> Lines:
    """Of two lines of one person the one that tells more."""
    found = dict(lines)
    for line in more:
        if line.citizen not in found or _more(line, found[line.citizen]):
            found[line.citizen] = line
    return found


def _more(line: Line, than: Line | Leaving) -> bool:
    return (line.erased, line.at) > (than.erased, than.at)


def _as_line(told: Any) -> Line:
    at, erased = datetime.fromisoformat(told["at"]), told["erased"]
    if at.tzinfo is None or not isinstance(erased, bool):
        raise ValueError(told)
    return Line(UUID(told["citizen"]), at, erased)
