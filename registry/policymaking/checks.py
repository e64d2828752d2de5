"""What must not be published: windows that never hold, doses with two rules or none, days that clash. Each is told with
what to do about it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext

from registry.models import PolicyVersion
from registry.validity import IGNORABLE, Basis, Rules, Tier

NEWEST = 2**31  # the number of a draft that has none yet


@dataclass(frozen=True, slots=True)
class Problem:
    """`field` is the form's, "" for none."""

    field: str
    message: str


def of_rules(rules: Rules) -> list[Problem]:
    """Windows, doses, and that somebody can hold a valid pass at all."""
    windows = (
        (Basis.PRIMARY, "primary_until", rules.primary_from, rules.primary_until),
        (Basis.RECOVERY, "recovery_until", rules.recovery_from, rules.recovery_until),
        (Basis.EXEMPTION, "exemption_until", rules.exemption_from, rules.exemption_until),
        (Basis.EXEMPTION, "immunodeficiency_until", rules.exemption_from, rules.immunodeficiency_until),
    )
    found = [
        Problem(field, _never(since, until))
        for basis, field, since, until in windows
        if basis not in rules.ignored and until is not None and until < since
    ]
    if Basis.PCR_NEGATIVE not in rules.ignored and not rules.pcr_end_of_day and rules.pcr_hours < 24:
        words = gettext("Less than 24 hours fill no day. Enter 24 or more, or tick “to the end of the day”.")
        found.append(Problem("pcr_hours", words))
    found += _of_doses(rules.boosters)
    if rules.ignored >= set(IGNORABLE) and not rules.boosters and rules.exempt_born_from is None:
        words = gettext("Nobody could hold a valid pass. Let one kind count, or have no venue category ask for a pass.")
        found.append(Problem("", words))
    return found


def _never(since: int, until: int | None) -> str:
    return gettext(
        "From day {since} through day {until} is never. Enter {since} or more, leave it empty for no end, or untick "
        "“counts”."
    ).format(since=since, until=until)


def _of_doses(tiers: tuple[Tier, ...]) -> Iterator[Problem]:
    """Every dose after the primary course has one rule: no gap, no overlap, and the last row goes on without end."""
    for number, tier in enumerate(tiers, 1):
        if tier.until is not None and tier.until < tier.since:
            yield Problem(f"tier{number}_until", _never(tier.since, tier.until))
        if tier.last is not None and tier.last < tier.first:
            words = gettext("This row holds no dose. Enter {n} or more, or leave it empty for all further ones.")
            yield Problem(f"tier{number}_last", words.format(n=tier.first))
    free: int | None = 1  # where the next row has to begin; None after one without end
    for number, tier in sorted(enumerate(tiers, 1), key=lambda one: one[1].first):
        field, words = f"tier{number}_first", ""
        if free is None:
            words = gettext("Dose {n} has two rules. Enter through which dose the row before this one holds.")
        elif tier.first < free:
            words = gettext("Dose {n} has two rules. Let this row begin at {free}.")
        elif tier.first > free:
            words = gettext("Dose {free} after the primary course would have no rule. Let this row begin at {free}.")
        if words:
            yield Problem(field, words.format(n=tier.first, free=free))
        free = None if free is None or tier.last is None else max(free, tier.last + 1)
    if tiers and free is not None:
        words = gettext("Doses from number {n} on would have no rule. Leave “through” of the last row empty.")
        yield Problem(f"tier{len(tiers)}_last", words.format(n=free))


def of_days(version: PolicyVersion, published: Iterable[PolicyVersion], *, today: date) -> list[Problem]:
    """The day it comes into force, and the floor: that no pass is asked to be newer than the one in force can be."""
    others = [other for other in published if other.pk != version.pk]
    found = []
    if version.effective_on < today:
        words = gettext("The day is over: what passes meant then stays as it was. Enter today or a later day.")
        found.append(Problem("effective_on", words))
    if taken := next((other for other in others if other.effective_on == version.effective_on), None):
        words = gettext("Version {other} begins on this day. Choose another day.")
        found.append(Problem("effective_on", words.format(other=taken)))
    return [*found, *of_floor(version, others)]


def of_floor(version: PolicyVersion, others: Iterable[PolicyVersion]) -> Iterator[Problem]:
    """A floor of one version must not shut out the passes of another that is in force from then on: which is the newer
    one is told by the number, and an older draft may come into force later."""
    number, floor, others = version.number or NEWEST, version.floor_from, list(others)
    if floor and floor < version.effective_on:
        words = gettext("Before {day} no pass can be of this version. Enter this day or a later one, or none.")
        yield Problem("floor_from", words.format(day=date_format(version.effective_on)))
    for other in others:
        if other.floor_from and other.number > number and last_day(version, others) >= other.floor_from:
            words = gettext("Version {other} ends older passes: those of this one would be refused. Make a new draft.")
            yield Problem("effective_on", words.format(other=other))
        later = other.effective_on > version.effective_on and other.number < number
        if floor and later and last_day(other, [*others, version]) >= floor:
            words = gettext(
                "Version {other} is older by its number and comes into force on {day}: its passes would be refused. "
                "Enter no day here, or have that version made anew first."
            )
            yield Problem("floor_from", words.format(other=other, day=date_format(other.effective_on)))


def last_day(version: PolicyVersion, others: Iterable[PolicyVersion]) -> date:
    """The last day on which a version is in force beside these others."""
    later = [other.effective_on for other in others if other.effective_on > version.effective_on]
    return min(later) - timedelta(days=1) if later else date.max
