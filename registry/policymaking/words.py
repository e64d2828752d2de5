"""Rules in words, so that whoever decides compares sentences and not numbers."""

from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from registry.models import PolicyVersion
from registry.validity import Basis, Rules, Tier

NUMBERS = (
    "reverify_days", "due_earliest", "due_latest", "grace_days", "renewal_opens_days", "outage_extension_days",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """A subject on which two versions differ, in words; "" where the version before says nothing of it."""

    subject: str
    before: str
    after: str


def compare(before: dict[Any, str], after: dict[Any, str]) -> list[Change]:
    """What two versions in words (subject → sentence) say differently, in the order of the newer one."""
    subjects = [*after, *(subject for subject in before if subject not in after)]
    pairs = [(subject, before.get(subject, ""), after.get(subject, "")) for subject in subjects]
    return [Change(str(subject), was, will) for subject, was, will in pairs if was != will]


def version(one: PolicyVersion) -> dict[Any, str]:
    """Everything of a version that is the registry's, in words."""
    numbers = {one._meta.get_field(name).verbose_name: str(getattr(one, name)) for name in NUMBERS}  # type: ignore[union-attr]
    floor = date_format(one.floor_from) if one.floor_from else gettext("never")
    return rules(Rules.from_json(one.rules)) | numbers | {_("older passes end on"): floor}


def rules(given: Rules) -> dict[Any, str]:
    """What makes a pass valid: a sentence for each kind."""
    told: dict[Any, str] = {_("Primary course"): _days(given.primary_from, given.primary_until)}
    told |= {_tier(tier): _days(tier.since, tier.until) for tier in given.boosters}
    if not given.boosters:
        told[_("Doses after the primary course")] = nothing()
    told |= {
        _("Negative PCR test"): _pcr(given),
        _("Recovery"): _days(given.recovery_from, given.recovery_until),
        _("Medical exemption"): _days(given.exemption_from, given.exemption_until),
        _("Exemption for immunodeficiency"): _days(given.exemption_from, given.immunodeficiency_until),
        _("Exemption by age"): _age(given),
    }
    left_out = {
        Basis.PRIMARY: (_("Primary course"),),
        Basis.RECOVERY: (_("Recovery"),),
        Basis.EXEMPTION: (_("Medical exemption"), _("Exemption for immunodeficiency")),
        Basis.PCR_NEGATIVE: (_("Negative PCR test"),),
    }
    return told | {subject: nothing() for basis in given.ignored for subject in left_out[basis]}


def nothing() -> str:
    return gettext("does not count")


def _days(since: int, until: int | None) -> str:
    begin = gettext("at once") if since == 0 else gettext("from day {n}").format(n=since)
    end = gettext("no end") if until is None else gettext("through day {n}, 24:00").format(n=until)
    return f"{begin}, {end}"


def _tier(tier: Tier) -> str:
    if tier.first == 1 and tier.last is None:
        return gettext("Doses after the primary course")
    if tier.last is None:
        return gettext("Doses after the primary course, number {first} and later").format(first=tier.first)
    if tier.first == tier.last:
        return gettext("Doses after the primary course, number {first}").format(first=tier.first)
    return gettext("Doses after the primary course, numbers {first} to {last}").format(first=tier.first, last=tier.last)


def _pcr(given: Rules) -> str:
    hours = ngettext("{n} hour after the result", "{n} hours after the result", given.pcr_hours).format(
        n=given.pcr_hours
    )
    if given.pcr_end_of_day:
        return gettext("{hours}, to the end of that day").format(hours=hours)
    return gettext("{hours}, to the end of the last full day").format(hours=hours)


def _age(given: Rules) -> str:
    if given.exempt_born_from is None:
        return pgettext("exempt by age", "nobody")
    return gettext("born on or after {day}: no record needed").format(day=date_format(given.exempt_born_from))
