"""Checking in by a venue's poster: the guest's own phone tells where it is, with a strip and a proof made
for this poster.

Nobody stands beside it. So what comes at once is decided as at a door, and who has no valid pass where one is asked for
is not written down; what comes later (the phone had no network) has happened, and is stored with what we know better
in its flags, as scanners' uploads are. A visit is the row of a pseudonym, second and venue: sending it again changes
nothing, and a second tap within ten minutes is the same visit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection

from checkins.log import retention
from checkins.models import Direction, Flag, Method
from checkins.scanning import storing_one
from checkins.scanning.judging import IN_FUTURE, TOO_OLD
from checkins.scanning.storing_one import ADMITTING, One, Tally
from registry import signing, vault
from registry.format import passcode
from registry.format.passcode import REPEAT_WITHIN, Malformed, Result, Strip, Verdict, seoul_day
from registry.reverification import outages
from registry.validity import SEOUL
from venues import manifest, revocations
from venues.models import Venue
from venues.posters import limits, making
from venues.posters.making import Found

MOST = 10  # guests that one phone checks in at once
AHEAD = 60  # seconds that a phone's clock may be ahead of ours: it corrects its own by ours
AT_ONCE = 120  # seconds within which a visit counts as told at once
BY_POSTER = 0  # stands in the log in place of a scanner
_FLAGS = {Verdict.REVOKED: Flag.REVOKED, Verdict.OUTDATED: Flag.OUTDATED, Verdict.NO_PASS: Flag.NO_PASS}

_LAST = (
    "SELECT t, direction FROM checkins_entry WHERE day = %s AND subject = %s AND venue = %s "
    "ORDER BY abs(t - %s) LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Guest:
    """One of those whom a phone checks in: the parts of a code made at the tap. `alone`: sits alone, without a pass."""

    strip: bytes = field(repr=False)
    t: int
    proof: bytes = field(repr=False)
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """A guest whose code is genuine, at the second of the tap."""

    venue: Venue
    strip: Strip
    second: int
    direction: str
    alone: bool  # asked for
    result: Result


def check_in(
    code: str, guests: Sequence[Guest], direction: str, *, address: str, now: datetime
) -> tuple[Found, list[dict[str, Any]]]:
    """Store the visit of each guest; the poster's venue, and what became of each, in order.

    An answer is `stored`, `known` (in the log already), `counted` (turned away) or `refused` with a reason; the verdict
    goes with all that are decided. Raises UnknownPoster, PosterEnded, ClosedPlace, SuspendedPlace, TooManyVisits.
    """
    here = limits.by_address(address)
    wrong = limits.wrong_by_address(address)
    try:
        found = making.find(code)
    except making.UnknownPoster:
        limits.count({wrong: limits.WRONG_PER_ADDRESS}, now=now)
        raise
    tapped = max(guest.t for guest in guests)
    making.check_good(found, at=datetime.fromtimestamp(min(tapped, now.timestamp()), UTC))
    if now.timestamp() - tapped <= AT_ONCE:
        making.check_open(found.venue)
    judged = [_judge(found, guest, direction, now=now) for guest in guests]
    phones = {
        limits.by_phone(visit.strip.day.isoformat(), visit.strip.cti): limits.PER_PHONE
        for visit in judged
        if isinstance(visit, Visit)
    }
    forged = {wrong: limits.WRONG_PER_ADDRESS} if len(phones) < len(guests) else {}
    limits.count(phones | forged, now=now)  # first: who is past these takes nothing of what all behind the address have
    limits.count({here: limits.PER_ADDRESS}, now=now)
    answers = [
        _settle(visit, now=now) if isinstance(visit, Visit) else {"answer": "refused", "reason": visit}
        for visit in judged
    ]
    return found, answers


def _judge(found: Found, guest: Guest, direction: str, *, now: datetime) -> Visit | str:
    """Steps 1 to 11 but for the repeat, at the second of the tap; a reason where it cannot be stored at all. The proof
    names the poster, so a code that was shown elsewhere is good for none."""
    venue = found.venue
    if guest.t > now.timestamp() + AHEAD:
        return IN_FUTURE
    try:
        code = passcode.code_of(guest.strip, guest.t, guest.proof, poster=(venue.pk, found.poster.number))
    except Malformed:
        return Verdict.MALFORMED.value
    failed = passcode.check(code, keys=signing.agency_keys(), now=guest.t)
    if failed is not None:
        return failed.value
    if retention.over(code.strip.day, vault.today(now)):
        return TOO_OLD
    first = min(code.strip.day, seoul_day(guest.t))
    result = passcode.decide(
        code,
        now=guest.t,
        keys=signing.agency_keys(),
        days=manifest.day_rules(venue, first, first + timedelta(days=1)),
        revoked=lambda day, cti: _revoked(day, cti, guest.t, now),
        last_shown=lambda _cti: None,
        outage=outages.declared_at(guest.t),
    )
    return Visit(venue, code.strip, guest.t, direction, guest.alone, result)


def _revoked(day: date, cti: bytes, second: int, now: datetime) -> int | None:
    """What was revoked by the second of the tap: a later revocation takes nothing back that has happened."""
    since = revocations.revoked(day, cti, now=now)
    return since if since is not None and since <= second else None


def _settle(visit: Visit, *, now: datetime) -> dict[str, Any]:
    """Store or count a visit; the answer."""
    result, second = visit.result, visit.second
    body = {"verdict": result.verdict.value, "colour": result.colour, "at": second}
    last = _last(visit)
    if last and last[1] == visit.direction and abs(last[0] - second) <= REPEAT_WITHIN:
        return body | {"answer": "known", "at": last[0]}
    alone = result.alone and visit.alone
    happened = visit.direction == Direction.OUT or now.timestamp() - second > AT_ONCE
    if result.verdict in ADMITTING or alone or happened:
        flags = Flag.ALONE if alone else _FLAGS.get(result.verdict, 0)
        return body | {"answer": storing_one.store(_row(visit, int(flags), now=now), _tally(visit, admitted=True))}
    storing_one.count(_tally(visit, admitted=False))
    return body | {"answer": "counted"} | ({"alone": True} if result.alone else {})


def _last(visit: Visit) -> tuple[int, str] | None:
    """Second and direction of the visit of that day that lies nearest."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [visit.strip.day, visit.strip.cti, visit.venue.pk, visit.second])
        found: tuple[int, str] | None = cursor.fetchone()
    return found


def _row(visit: Visit, flags: int, *, now: datetime) -> One:
    strip, seen = visit.strip, datetime.fromtimestamp(visit.second, UTC)
    return One(
        *(strip.day, strip.cti, visit.second, visit.venue.pk, BY_POSTER),
        *(seen, now, Method.POSTER.value, visit.direction, flags),
    )


def _tally(visit: Visit, *, admitted: bool) -> Tally:
    local, verdict = datetime.fromtimestamp(visit.second, SEOUL), visit.result.verdict.value
    method, direction = Method.POSTER.value, visit.direction
    return Tally(visit.venue.pk, local.date(), local.hour, verdict, method, direction, admitted)


def asks(venue: Venue, now: datetime) -> Mapping[str, bool]:
    """Whether the venue asks for a pass today, and whether a guest without one may sit alone."""
    today = vault.today(now)
    rule = manifest.day_rules(venue, today, today)[today]
    return {"asks": rule.asks, "alone": rule.alone}
