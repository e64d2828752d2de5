"""Which policy is in force on a day, and how a version comes into force."""

import time
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from registry import audit, vault
from registry.errors import DomainError
from registry.models import PolicyVersion, Tag, User
from registry.validity import Rules

HELD_SECONDS = 5  # a published version is seen by every process within this time
FLOOR_NOTICE = timedelta(days=7)

_held: tuple[float, list[PolicyVersion]] | None = None


class NoPolicy(DomainError):
    """No published policy covers the day."""

    code = "no_policy"
    status = 503
    message = _("No policy is in force on this day. A clerk must publish one.")


class OwnPolicy(DomainError):
    code = "own_policy"
    status = 403
    message = _("A second person must publish it.")


class AlreadyPublished(DomainError):
    code = "already_published"
    message = _("This version is already published.")


class DayTaken(DomainError):
    code = "day_taken"
    message = _("Another published version begins on this day.")


class TooSoon(DomainError):
    code = "too_soon"
    status = 422
    message = _("Older passes may end at the earliest 7 days after publishing.")


def published() -> list[PolicyVersion]:
    """The published versions, latest effective day first, as this process last read them."""
    global _held  # noqa: PLW0603 -- the process's copy of a handful of rows
    if _held is None or _held[0] < time.monotonic():
        rows = list(PolicyVersion.objects.published().order_by("-effective_on"))
        _held = (time.monotonic() + HELD_SECONDS, rows)
    return _held[1]


def forget() -> None:
    """Read the versions anew at the next use."""
    global _held  # noqa: PLW0603
    _held = None


def in_force_on(day: date) -> PolicyVersion:
    """The version in force on a day. Raises NoPolicy."""
    for version in published():
        if version.effective_on <= day:
            return version
    raise NoPolicy


def floor_on(day: date) -> int:
    """The least policy number that a pass for `day` must carry; 0 where none is set."""
    floors = [version.number for version in published() if version.floor_from and version.floor_from <= day]
    return max(floors, default=0)


def rules_of(version: PolicyVersion) -> Rules:
    """The version's rules. Raises InvalidRules."""
    return Rules.from_json(version.rules)


@transaction.atomic
def publish(version: PolicyVersion, *, by: User, now: datetime, address: str | None = None) -> None:
    """Bring a version into force from its effective day.

    Raises OwnPolicy, AlreadyPublished, DayTaken, InvalidRules, TooSoon.
    """
    if version.author_id == by.pk:
        raise OwnPolicy
    rules_of(version)
    if version.floor_from and version.floor_from < vault.today(now + FLOOR_NOTICE):
        raise TooSoon
    if PolicyVersion.objects.published().filter(effective_on=version.effective_on).exclude(pk=version.pk).exists():
        raise DayTaken
    drafts = PolicyVersion.objects.filter(pk=version.pk, published_at__isnull=True)
    if not drafts.update(published_at=now, approver=by):
        raise AlreadyPublished
    day = version.effective_on.isoformat()
    audit.record(Tag.POLICY_PUBLISHED, by=by, target=version, address=address, effective_on=day)
    transaction.on_commit(forget)
