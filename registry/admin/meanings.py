"""What records mean, in a clerk's words: today, and under the next policy that is published."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registry.citizens import meaning
from registry.citizens.meaning import Meaning
from registry.errors import DomainError
from registry.models import Citizen, PassRecord, PolicyVersion
from registry.validity import Basis, Standing

BASES: dict[Basis, Any] = {
    Basis.BOOSTER: _("booster"),
    Basis.PRIMARY: _("primary course"),
    Basis.RECOVERY: _("recovery"),
    Basis.EXEMPTION: _("medical exemption"),
    Basis.AGE: _("age"),
    Basis.PCR_NEGATIVE: _("negative PCR test"),
}


def in_words(standing: Standing) -> str:
    """What a person's records mean on a day, for a clerk to say on the phone."""
    if standing.basis is None:
        return gettext("No valid pass")
    basis = BASES[standing.basis]
    if standing.until is None:
        return gettext("Valid, no end ({basis})").format(basis=basis)
    return gettext("Valid through {until} ({basis})").format(basis=basis, until=date_format(standing.until))


def of_one(one: Meaning) -> str:
    """What a record that stands means by itself under one policy."""
    span, day = one.span, one.today
    if span is None:
        return gettext("Makes no pass by itself")
    if span.until and span.until < day:
        return gettext("Counted until {until}").format(until=date_format(span.until))
    if day < span.since:
        if span.until is None:
            return gettext("Counts from {since} on").format(since=date_format(span.since))
        return gettext("Counts from {since} through {until}").format(
            since=date_format(span.since), until=date_format(span.until)
        )
    if span.until is None:
        return gettext("Counts, no end")
    return gettext("Counts through {until}").format(until=date_format(span.until))


def of_record(record: PassRecord, today: date) -> str:
    """A line for each policy; a revoked record never counts."""
    if record.revoked_at:
        return gettext("Revoked: it never counts")
    return _told(lambda: [(one.version, one.today, of_one(one)) for one in meaning.of(record, today)], today)


def of_record_now(record: PassRecord, today: date) -> str:
    """The same for today alone, as short as a list needs it."""
    if record.revoked_at:
        return gettext("Revoked")
    try:
        return of_one(meaning.of(record, today)[0])
    except DomainError as error:
        return str(error)


def of_person(citizen: Citizen, today: date) -> str:
    """A line for each policy, of all the records together."""
    return _told(
        lambda: [(version, day, in_words(standing)) for version, day, standing in meaning.standings(citizen, today)],
        today,
    )


def _told(lines: Any, today: date) -> str:
    try:
        found: Iterable[tuple[PolicyVersion, date, str]] = lines()
    except DomainError as error:
        return str(error)
    rows = [
        (text, _when(day, today), version.title) for version, day, text in found
    ]  # what it means first: it is what a clerk looks for
    return format_html_join("", '<span class="desk-meaning"><b>{}</b> <span>{} · {}</span></span>', rows)


def _when(day: date, today: date) -> str:
    return gettext("today") if day == today else gettext("from {day}").format(day=date_format(day))
