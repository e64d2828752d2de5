"""Outages of the phone check: opened by themselves or by a clerk, told to everybody, closed by a clerk.

    watch(now) -> Outage | None                              from the beat; opens one where codes do not arrive
    open_(cause=…, by=…, now=…, began_at=None) -> Outage     raises AlreadyOpen
    close(outage, by=…, note=…, now=…) -> None               raises NotOpen; the due dates are then spread
    current() -> Outage | None, extends() -> bool            as this process last looked, at most 5 s ago

While one is open, and after that until the due dates that it touched are moved (spreading.py), no pass ends for lack of
a phone check within the policy's extension (registry/issuing.py). It never closes by itself: that messages arrive again
does not say that everybody could check their number.
"""

import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry import audit
from registry.errors import DATABASE_AWAY, DomainError
from registry.models import Outage, OutageRule, Tag, User
from registry.reverification import arrivals, spreading

log = logging.getLogger(__name__)

HELD_SECONDS = 5  # an outage opened or closed is seen by every process within this time
REMEMBERED = timedelta(days=30)  # scans come this late at most
HEARD = timedelta(minutes=5)  # until the scanners that are connected know that it is closed

_held: tuple[float, list[Outage]] | None = None


class AlreadyOpen(DomainError):
    code = "outage_open"
    message = _("An outage is open already.")


class NotOpen(DomainError):
    code = "outage_not_open"
    message = _("This outage is closed already.")


class BadBeginning(DomainError):
    code = "bad_beginning"
    status = 422
    message = _("An outage begins at most 7 days ago and not in the future.")


LONGEST_AGO = timedelta(days=7)  # that a clerk may say it began


# --- what is known of them


def _known() -> list[Outage]:
    """Those of the last weeks, and whatever passes last longer for. While PostgreSQL is away, what was known before."""
    global _held  # noqa: PLW0603 -- the process's copy of a row or two
    if _held is None or _held[0] < time.monotonic():
        before = _held[1] if _held else []
        _held = (time.monotonic() + HELD_SECONDS, before)  # others go on with what is known
        try:
            rows = list(Outage.objects.remembered(timezone.now() - REMEMBERED))
        except DATABASE_AWAY:
            log.warning("outages cannot be read; going on with what was known")
        else:
            _held = (time.monotonic() + HELD_SECONDS, rows)
    return _held[1]


def current() -> Outage | None:
    """The outage that is open now, as this process last looked."""
    return next((outage for outage in _known() if outage.is_open), None)


def extends() -> bool:
    """Whether passes last beyond their grace now, because numbers could not be checked: an outage is open, or the due
    dates of one that was closed are still being moved."""
    return any(outage.is_open or outage.moving for outage in _known())


def declared_at(second: float) -> bool:
    """Whether an outage lasted at a time of the last weeks (seconds since the epoch), for what scanners send later."""
    moment = datetime.fromtimestamp(second, UTC)
    begun = [one for one in _known() if one.began_at <= moment]
    return any(one.closed_at is None or moment <= one.closed_at + HEARD for one in begun)


def forget() -> None:
    """Look anew at the next use."""
    global _held  # noqa: PLW0603
    _held = None


def as_json() -> dict[str, Any] | None:
    """What wallets are told: since when (milliseconds), null where all is well."""
    outage = current()
    return {"since": int(outage.began_at.timestamp() * 1000)} if outage else None


def rule() -> OutageRule:
    """When one opens by itself; the defaults where no clerk has changed them."""
    return OutageRule.objects.filter(pk=1).first() or OutageRule(pk=1)


# --- opening and closing


def watch(now: datetime) -> Outage | None:
    """Open an outage where codes do not arrive, and say why; None where nothing is amiss, or one is open.

    What was asked for before the last one was closed does not count again.
    """
    limits = rule()
    if not limits.enabled or Outage.objects.open().exists():
        return None
    last = Outage.objects.order_by("-closed_at").values_list("closed_at", flat=True).first()
    found = arrivals.trouble(limits, now=now, not_before=last)
    if found is None:
        return None
    try:
        return _create(
            cause=found.words, by=None, now=now, began_at=found.began_at, measured=found.measured, address=None
        )
    except AlreadyOpen:
        return None


def open_(
    *, cause: str, by: User, now: datetime, began_at: datetime | None = None, address: str | None = None
) -> Outage:
    """A clerk declares one. Raises AlreadyOpen, BadBeginning."""
    began_at = began_at or now
    if not now - LONGEST_AGO <= began_at <= now:
        raise BadBeginning
    return _create(cause=cause, by=by, now=now, began_at=began_at, measured={}, address=address)


def _create(
    *, cause: str, by: User | None, now: datetime, began_at: datetime, measured: dict[str, Any], address: str | None
) -> Outage:
    try:
        with transaction.atomic():
            outage = Outage.objects.create(
                opened_at=now, began_at=began_at, opened_by=by, cause=cause, measured=measured
            )
            audit.record(Tag.OUTAGE_OPENED, by=by, target=outage, reason=cause, address=address, **measured)
            transaction.on_commit(forget)
    except IntegrityError as error:  # one_open_outage
        raise AlreadyOpen from error
    return outage


@transaction.atomic
def close(outage: Outage, *, by: User, note: str, now: datetime, address: str | None = None) -> None:
    """All is well again: the due dates that it touched are spread over the next days, and until that is done passes
    still last longer. Raises NotOpen."""
    if not Outage.objects.open().filter(pk=outage.pk).update(closed_at=now, closed_by=by, note=note):
        raise NotOpen
    outage.refresh_from_db()
    audit.record(Tag.OUTAGE_CLOSED, by=by, target=outage, reason=note, address=address)
    spreading.after_outage(outage, now=now)
    transaction.on_commit(forget)


@transaction.atomic
def change_rule(changed: OutageRule, *, by: User, address: str | None = None) -> None:
    """Write the one rule, with what it said and says as evidence."""
    before = rule()
    changed.pk = 1
    changed.save()
    values: dict[str, Any] = {
        name: {field: getattr(each, field) for field in ("enabled", "share", "minutes", "least")}
        for name, each in (("before", before), ("after", changed))
    }
    audit.record(Tag.OUTAGE_RULE_CHANGED, by=by, target=changed, address=address, **values)
