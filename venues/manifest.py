"""What a scanner keeps to decide without us: keys, the days' rules, the venue, and where the revocations are.

Everything but the time is the same for minutes, so that a scanner's next question is answered with 304.
"""

import hashlib
import json
import threading
import time
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse

from registry import policy, signing, vault
from registry.format import base64url, passcode
from registry.reverification import outages
from venues import revocations
from venues.models import Category, CategoryRule, Scanner, Venue

VERSION = 1
DAYS_AHEAD = 14
UPLOAD = {"size": 500, "pace_ms": 2000, "drain_ms": 100}  # drain: between two full batches
FRESH = timedelta(hours=24)
STEP = timedelta(minutes=15)
HELD_SECONDS = 5  # a changed rule is seen by every process within this time

_Rules = dict[tuple[int, str], CategoryRule]
_held: tuple[float, _Rules] | None = None
_lock = threading.Lock()


def _rules() -> _Rules:
    """Every category rule by policy and category, as this process last read them: some dozens of rows."""
    global _held  # noqa: PLW0603 -- the process's copy
    with _lock:
        if _held is None or _held[0] < time.monotonic():
            rows = {(rule.policy_id, rule.category_id): rule for rule in CategoryRule.objects.all()}
            _held = (time.monotonic() + HELD_SECONDS, rows)
        return _held[1]


def forget() -> None:
    """Read the rules anew at the next use."""
    global _held  # noqa: PLW0603
    _held = None


def day_rules(venue: Venue, first: date, last: date) -> dict[date, passcode.DayRule]:
    """What the venue asks on each day from `first` to `last`, both inclusive; usually without a query.

    A day before the first policy, or without a rule for the category, asks for no pass.
    """
    rules = _rules()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return {day: _day_rule(rules, venue.category_id, day) for day in days}


def _day_rule(rules: _Rules, category: str, day: date) -> passcode.DayRule:
    floor = policy.floor_on(day)
    try:
        rule = rules.get((policy.in_force_on(day).number, category))
    except policy.NoPolicy:
        rule = None
    if rule is None or not rule.asks_on(day):
        return passcode.DayRule(asks=False, alone=False, floor=floor)
    return passcode.DayRule(asks=True, alone=rule.alone, floor=floor)


def build(scanner: Scanner, *, now: datetime) -> dict[str, Any]:
    """The manifest as JSON (the contract stands in docs/architecture.md), without the time, which goes in a header."""
    today = vault.today(now)
    first, last = today - timedelta(days=1), today + timedelta(days=DAYS_AHEAD)
    venue = scanner.venue
    rules = day_rules(venue, first, last)
    return {
        "version": VERSION,
        "scanner": {"id": scanner.pk, "name": scanner.name},
        "venue": venue_facts(venue),
        "keys": _keys(first, last),
        "days": {
            day.isoformat(): {"asks": rule.asks, "alone": rule.alone, "floor": rule.floor}
            for day, rule in rules.items()
        },
        "revocations": [
            {
                "day": part.day.isoformat(),
                "segment": part.number,
                "url": reverse("revocations", args=[part.day.isoformat(), part.number]),
                "final": part.final,
            }
            for part in revocations.listing(now=now)
        ],
        "outage": outages.current() is not None,
        "upload": UPLOAD,
        "fresh_until": int(_fresh_until(now).timestamp() * 1000),
    }


def venue_facts(venue: Venue) -> dict[str, Any]:
    """What a scanner shows of its venue."""
    category: Category = venue.category
    return {
        "id": venue.pk,
        "name": venue.name,
        "category": category.code,
        "category_name": {"ko": category.name_ko, "en": category.name_en},
        "status": venue.status,
    }


def _keys(first: date, last: date) -> list[dict[str, str]]:
    return [
        {
            "kid": base64url.encode(kid),
            "x": base64url.encode(point[:32]),
            "y": base64url.encode(point[32:]),
            "from": key.since.isoformat(),
            "until": key.until.isoformat(),
        }
        for kid, key in sorted(signing.agency_keys().items())
        if key.since <= last and key.until >= first
        for point in [passcode.point_of(key.public_key)]
    ]


def _fresh_until(now: datetime) -> datetime:
    """A day ahead, rounded up to the next quarter of an hour: the body, and so its ETag, stays the same within one."""
    step = STEP.total_seconds()
    return datetime.fromtimestamp(-(-(now + FRESH).timestamp() // step) * step, tz=now.tzinfo)


def etag(body: dict[str, Any]) -> str:
    """A weak ETag over the body: weak, because a proxy may compress it."""
    packed = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    return f'W/"{hashlib.sha256(packed).hexdigest()[:32]}"'
