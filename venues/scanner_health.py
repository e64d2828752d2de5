"""How a scanner is, in plain words, and what its owner should do about it. Reads nothing but the row it is given."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from venues.hours import opened
from venues.models import Scanner, Venue

UNSEEN = timedelta(minutes=30)  # a scanner that is open asks every three minutes
GAP_PATIENCE = timedelta(hours=1)  # numbers that were left out come with the next uploads
CLOCK_OFF_MS = 5 * 60_000
LITTLE_STORAGE = 50 * 2**20  # bytes: some 30,000 scans
DANGER, WARNING, NOTE = "danger", "warning", "info"
WEIGHTS = {DANGER: 100, WARNING: 10, NOTE: 1}


@dataclass(slots=True, frozen=True)
class Trouble:
    """One thing that is not as it should be: how grave, what it is, what to do."""

    kind: str
    what: str
    todo: str


@dataclass(slots=True)
class Health:
    """A scanner with what it told, and what is wrong, gravest first."""

    scanner: Scanner
    now: datetime
    troubles: list[Trouble] = field(default_factory=list)
    missing: int = 0

    @property
    def weight(self) -> int:
        return sum(WEIGHTS[trouble.kind] for trouble in self.troubles)

    @property
    def kind(self) -> str:
        return self.troubles[0].kind if self.troubles else "success"

    @property
    def state(self) -> dict[str, Any]:
        told: dict[str, Any] = self.scanner.state
        return told

    @property
    def is_heard(self) -> bool:
        """Whether what it told is of now."""
        return self.now - (self.scanner.seen_at or self.scanner.paired_at) < UNSEEN

    @property
    def data_at(self) -> datetime | None:
        return _moment(self.state.get("data_at"))

    @property
    def is_current(self) -> bool | None:
        """Whether what it decides by is young enough; None where it has not told."""
        until = _moment(self.state.get("fresh_until"))
        return None if until is None else until > self.now

    @property
    def clock(self) -> str:
        """ "5 min slow", "in step", "" where it has not told."""
        if (offset := self.state.get("offset")) is None:
            return ""
        minutes = round(abs(offset) / 60_000)
        if not minutes:
            return _("agrees with ours")
        return (_("%(minutes)s min slow") if offset > 0 else _("%(minutes)s min fast")) % {"minutes": minutes}

    @property
    def free_mb(self) -> int | None:
        return None if (free := self.state.get("free")) is None else free // 2**20


def missing(scanner: Scanner) -> int:
    """How many of the numbers up to the highest received have not come."""
    spans = list(scanner.received)
    return max((span.upper for span in spans), default=1) - 1 - sum(span.upper - span.lower for span in spans)


def of(scanner: Scanner, venue: Venue, *, now: datetime, shell: str = "") -> Health:
    """How a scanner is; `shell` is the version of the scanner page that we serve, where it should be compared."""
    health = Health(scanner, now, missing=missing(scanner))
    if scanner.revoked_at:
        return health
    told = (
        _unseen(scanner, venue, now),
        _gap(health),
        _old_data(health),
        _clock(health),
        _storage(health),
        _waiting(health),
        _shell(health, shell),
    )
    health.troubles = sorted((trouble for trouble in told if trouble), key=lambda trouble: -WEIGHTS[trouble.kind])
    return health


def all_of(venue: Venue, *, now: datetime, shell: str = "") -> list[Health]:
    """The venue's scanners that are at work, those in trouble first, in one query."""
    found = [of(scanner, venue, now=now, shell=shell) for scanner in venue.scanners.active().devices()]
    return sorted(found, key=lambda health: (-health.weight, health.scanner.name, health.scanner.pk))


def unseen_since(scanner: Scanner, venue: Venue, *, now: datetime) -> datetime | None:
    """Since when a scanner has not been seen, where that is worth a word: the venue has been open for a while."""
    began = opened(venue.hours, localtime(now))
    if venue.status != Venue.Status.OPEN or began is None or now - began < UNSEEN:
        return None
    seen = scanner.seen_at or scanner.paired_at
    return seen if now - seen > UNSEEN else None


def _unseen(scanner: Scanner, venue: Venue, now: datetime) -> Trouble | None:
    todo = _(
        "Look whether the device is on, the scanner page is open and it has a network. It goes on checking passes "
        "without one, and what it holds arrives later."
    )
    if since := unseen_since(scanner, venue, now=now):
        return Trouble(DANGER, _("Not seen since %(when)s, though you are open") % {"when": when(since)}, todo)
    seen = scanner.seen_at or scanner.paired_at
    if now - seen > timedelta(days=1):
        kind = NOTE if venue.hours or venue.status != Venue.Status.OPEN else WARNING
        if now - seen > timedelta(days=7):
            todo = _("If nobody uses this device any more, revoke it here. What it still holds should be sent first.")
            kind = WARNING
        return Trouble(kind, _("Not seen since %(when)s") % {"when": when(seen)}, todo)
    return None


def _gap(health: Health) -> Trouble | None:
    since = health.scanner.gap_since or health.now
    if not health.missing or health.now - since < GAP_PATIENCE:
        return None
    what = ngettext(
        "%(n)s scan has not arrived, though later ones have, since %(when)s",
        "%(n)s scans have not arrived, though later ones have, since %(when)s",
        health.missing,
    ) % {"n": health.missing, "when": when(since)}
    todo = _(
        "Leave the scanner page open with a network for ten minutes. If the number stays, do not clear the browser’s "
        "data, and tell the agency."
    )
    return Trouble(WARNING, what, todo)


def _old_data(health: Health) -> Trouble | None:
    if health.state.get("list_good") is False:
        return Trouble(
            WARNING,
            _("The list of revoked passes on the device could not be checked"),
            _("Reload the scanner page with a network. If this stays, tell the agency; the list before is in use."),
        )
    if health.is_current is not False:
        return None
    at = health.data_at
    what = _("What it decides by is from %(when)s") % {"when": when(at)} if at else _("What it decides by is old")
    return Trouble(WARNING, what, _("Connect the device to a network for a minute. Until then it works on."))


def _clock(health: Health) -> Trouble | None:
    offset = health.state.get("offset", 0)
    if abs(offset) < CLOCK_OFF_MS:
        return None
    return Trouble(
        NOTE if abs(offset) < 24 * 3_600_000 else WARNING,
        _("The device’s clock is wrong: %(how)s") % {"how": health.clock},
        _("The scanner corrects it by ours. Still, let the device take its time from the network."),
    )


def _storage(health: Health) -> Trouble | None:
    free = health.state.get("free")
    if free is None or free >= LITTLE_STORAGE:
        return None
    return Trouble(
        DANGER if free < LITTLE_STORAGE // 5 else WARNING,
        _("Only %(n)s MB of storage are left on the device") % {"n": health.free_mb},
        _("Delete photos or apps that nobody needs on it. Do not clear the browser’s data while scans wait."),
    )


def _waiting(health: Health) -> Trouble | None:
    waiting, foreign = health.state.get("waiting", 0), health.state.get("foreign", 0)
    if foreign:
        what = ngettext("%(n)s scan of another venue waits on it", "%(n)s scans of another venue wait on it", foreign)
        todo = _("Pair the device with that venue once more to send them, then with this one again.")
        return Trouble(WARNING, what % {"n": foreign}, todo)
    if not waiting or health.is_heard:
        return None
    what = ngettext("%(n)s scan waited on it then", "%(n)s scans waited on it then", waiting) % {"n": waiting}
    todo = _("Nothing is lost. Connect the device to a network; they are sent by themselves.")
    return Trouble(NOTE, what, todo)


def _shell(health: Health, shell: str) -> Trouble | None:
    held = health.state.get("shell")
    if not shell or not held or held == shell:
        return None
    return Trouble(
        NOTE,
        _("Its scanner page is of an older version"),
        _("Close the scanner page and open it again when nobody waits at the door."),
    )


def when(moment: datetime) -> str:
    """A moment in words, short."""
    return date_format(localtime(moment), "SHORT_DATETIME_FORMAT")


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)
