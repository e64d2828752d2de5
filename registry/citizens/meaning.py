"""What records mean under the policy in force and under the next published one."""

from dataclasses import dataclass
from datetime import date

from registry import issuing, policy, validity
from registry.models import Citizen, PassRecord, PolicyVersion


@dataclass(frozen=True, slots=True)
class Meaning:
    """Of one record: the days on which it makes a pass valid by itself, None where it never does, and `today`, the day
    as of which that is said: today, or the first day of the version."""

    version: PolicyVersion
    today: date
    span: validity.Span | None


def versions(today: date) -> list[tuple[PolicyVersion, date]]:
    """The version in force today, and the next published one with its first day, if there is one. Raises NoPolicy."""
    later = [version for version in policy.published() if version.effective_on > today]
    coming = min(later, key=lambda version: version.effective_on, default=None)
    now = [(policy.in_force_on(today), today)]
    return now if coming is None else [*now, (coming, coming.effective_on)]


def fact(record: PassRecord) -> validity.Record:
    """The record as the rules look at it."""
    doses = record.vaccine.primary_doses if record.vaccine else 2
    return validity.Record(record.kind, record.day, record.dose, doses, record.result_at, record.immunodeficiency)


def of(record: PassRecord, today: date) -> list[Meaning]:
    """What a record means under each of `versions`. A revoked one never means anything. Raises NoPolicy."""
    return [
        Meaning(version, day, None if record.revoked_at else validity.span(fact(record), policy.rules_of(version)))
        for version, day in versions(today)
    ]


def standings(citizen: Citizen, today: date) -> list[tuple[PolicyVersion, date, validity.Standing]]:
    """What all records of a person mean together, today and on the first day of the next policy. Raises NoPolicy."""
    return [(version, day, issuing.standing(citizen, day)) for version, day in versions(today)]
