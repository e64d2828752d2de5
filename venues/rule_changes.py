"""What a category will ask for otherwise than today, ahead of its day: told from the published policies and their
rules, so that nobody has to write to anybody."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from registry.models import PolicyVersion
from registry.models.policy import TOLD_AHEAD
from venues.models import CategoryRule

AHEAD = TOLD_AHEAD


@dataclass(frozen=True, slots=True)
class Asked:
    """What a category asks for on a day."""

    asks: bool
    alone: bool


@dataclass(frozen=True, slots=True)
class Change:
    """From `day` on the category asks for `after` where it asked for `before`."""

    category: str
    day: date
    before: Asked
    after: Asked


NOTHING = Asked(asks=False, alone=False)


def notices(today: date) -> list[PolicyVersion]:
    """Versions whose day is coming and that have a text for venues, soonest first."""
    return list(PolicyVersion.objects.announced(today).exclude(venue_notice_ko="", venue_notice_en=""))


def coming(categories: Iterable[str], *, today: date) -> dict[str, list[Change]]:
    """The changes of the next 60 days for each category that has one, soonest first; a change of today is told too."""
    last = today + AHEAD
    versions = list(PolicyVersion.objects.published().filter(effective_on__lte=last).order_by("-effective_on"))
    wanted = set(categories)
    rules = CategoryRule.objects.filter(category__in=wanted, policy__in=[version.pk for version in versions])
    by_place = {(rule.policy_id, rule.category_id): rule for rule in rules}
    days = sorted({day for day in _turns(versions, by_place.values()) if today <= day <= last})
    found: dict[str, list[Change]] = {}
    for category in sorted(wanted):
        for day in days:
            before = _asked(versions, by_place, category, day - timedelta(days=1))
            after = _asked(versions, by_place, category, day)
            if before != after:
                found.setdefault(category, []).append(Change(category, day, before, after))
    return found


def _turns(versions: Iterable[PolicyVersion], rules: Iterable[CategoryRule]) -> Iterable[date]:
    """The days on which anything may begin or end."""
    for version in versions:
        yield version.effective_on
    for rule in rules:
        if rule.asks_from:
            yield rule.asks_from
        if rule.asks_until:
            yield rule.asks_until + timedelta(days=1)


def _asked(
    versions: list[PolicyVersion], rules: dict[tuple[int, str], CategoryRule], category: str, day: date
) -> Asked:
    version = next((version for version in versions if version.effective_on <= day), None)
    rule = rules.get((version.pk, category)) if version else None
    return Asked(asks=True, alone=rule.alone) if rule and rule.asks_on(day) else NOTHING
