"""After a restore of `default`: whoever had left leaves again, by the register outside of it (leavings.py). A web or
worker process does so before it serves anything; so does the hourly run.
"""

import logging
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from registry.citizens import leavings, merging, withdrawal
from registry.citizens.leavings import Line, Lines
from registry.errors import DomainError, VaultUnavailable
from registry.models import Citizen, FormerIdentity

log = logging.getLogger(__name__)


def replay(path: Path | None = None) -> int:
    """Erase again, and end the passes again, of those who came back with a restore, be it as a part of somebody else's
    row; how many. While the vault is away the file alone is gone by. Raises VaultUnavailable where there is none,
    registers.Unreadable, OSError."""
    path = path or leavings.kept_file()
    told = leavings.of_file(path) if path and path.exists() else {}
    try:
        told = leavings.merged(told, leavings.of_vault().values())
    except VaultUnavailable:
        if not told:
            raise
    risen = sum(_again(person, told[person.pk]) for keys in leavings.parts(told) for person in _risen(keys, told))
    return risen + sum(_apart(row, told[row.pk]) for keys in leavings.parts(told) for row in _in_others(keys, told))


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
    return _told(line)


def _in_others(keys: list[UUID], told: Lines) -> list[FormerIdentity]:
    """Those who were parted from somebody since the backup, left, and are now merged as before."""
    rows = FormerIdentity.objects.filter(pk__in=keys, merged_at__lte=max(told[key].at for key in keys))
    before = [row for row in rows if row.merged_at <= told[row.pk].at and _left_alone(row, told)]
    return [row for row in before if merging.became_part_at(row) <= told[row.pk].at]


def _left_alone(row: FormerIdentity, told: Lines) -> bool:
    """Not as a part of the other, with whom they would go: whoever is erased or withdraws is told of under all keys."""
    line, other = told[row.pk], told.get(row.citizen_id)
    if line.erased:
        return other is None or not other.erased
    return other is None or other.at < line.at


def _apart(row: FormerIdentity, line: Line) -> bool:
    """Part the two again, and do with the one what was done."""
    try:
        with transaction.atomic():
            back = merging.part(row, by=None, reason=withdrawal.AGAIN, now=line.at)
            withdrawal.repeat(back, erased=line.erased, left_at=line.at)
    except (Citizen.DoesNotExist, merging.NotParted):  # another process was first
        return False
    except DomainError as error:
        log.error("the register of those who left: %s could not be parted again (%s): a clerk must", row.pk, error.code)
        return False
    return _told(line)


def _told(line: Line) -> bool:
    done = "erased" if line.erased else "ended the pass of"
    log.warning("the register of those who left: %s somebody again, who came back with a restore", done)
    return True
