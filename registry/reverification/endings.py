"""Whose pass ends on a day because the records come to their end. Nothing of it is stored: it follows from the records
and the policies in force on that day and the next, so a published policy changes who is told at once.

People are found by the days of their records, from the offsets of the rules, and then judged by the rules themselves: a
booster may take up what a second dose leaves. A negative PCR test lasts for two days and is nobody's reminder. Who ends
for a change of the rules on age is not found, as birth dates are encrypted.
"""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from registry import policy, validity
from registry.models import Citizen
from registry.validity import Basis, Rules

FIRST = UUID(int=0)
NEVER: tuple[int, int | None] = (0, -1)
MOST_DOSES = 32767  # what the column holds
_CANDIDATES = """
    SELECT DISTINCT r.citizen_id FROM registry_passrecord r
    JOIN registry_citizen c ON c.id = r.citizen_id LEFT JOIN registry_vaccine v ON v.code = r.vaccine_id
    WHERE r.citizen_id > %s AND r.revoked_at IS NULL AND c.phone_index IS NOT NULL AND c.due_on >= %s
      AND EXISTS (SELECT FROM registry_device d WHERE d.citizen_id = c.id AND d.ended_at IS NULL)
      AND ({ends}) ORDER BY r.citizen_id LIMIT %s"""
_BY_REGION = """
    SELECT c.region, count(DISTINCT r.citizen_id) FROM registry_passrecord r
    JOIN registry_citizen c ON c.id = r.citizen_id LEFT JOIN registry_vaccine v ON v.code = r.vaccine_id
    WHERE r.revoked_at IS NULL AND ({ends}) AND EXISTS (
        SELECT FROM registry_passrecord r LEFT JOIN registry_vaccine v ON v.code = r.vaccine_id
        WHERE r.citizen_id = c.id AND r.revoked_at IS NULL AND ({holds})
    ) AND NOT EXISTS (
        SELECT FROM registry_passrecord r LEFT JOIN registry_vaccine v ON v.code = r.vaccine_id
        WHERE r.citizen_id = c.id AND r.revoked_at IS NULL AND ({lasts})
    ) GROUP BY c.region"""
_FACTS = """
    SELECT r.citizen_id, r.kind, r.day, r.dose, coalesce(v.primary_doses, 2), r.result_at, r.immunodeficiency
    FROM registry_passrecord r LEFT JOIN registry_vaccine v ON v.code = r.vaccine_id
    WHERE r.citizen_id = ANY(%s) AND r.revoked_at IS NULL"""


def candidates(last: date, *, after: UUID, due_from: date, most: int) -> list[UUID]:
    """Up to `most` people in the order of their key, after the one named, with a record that may end on the day `last`.
    Only those who carry a pass on a phone whose check is not overdue since before `due_from`."""
    ends, values = _ends(last)
    if not ends:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES.format(ends=ends), [after, due_from, *values, most])
        return [pk for (pk,) in cursor.fetchall()]


def by_region(last: date) -> dict[str, int]:
    """How many people's passes end with the day `last`, by their region: of all who are on record, whether or not they
    carry a pass on a phone. Negative tests and ages are not looked at."""
    ends, ending = _ends(last)
    if not ends:
        return {}
    (holds, holding), (lasts, lasting) = _counts_on(last), _counts_on(last + timedelta(days=1))
    with connection.cursor() as cursor:
        query = _BY_REGION.format(ends=ends, holds=holds, lasts=lasts)
        cursor.execute(query, [*ending, *holding, *lasting])
        return dict(cursor.fetchall())


def _ends(last: date) -> tuple[str, list[date]]:
    """The condition on records that may end with the day `last`, and its values; empty where none can."""
    today, next_day = (_windows(_rules(day)) for day in (last, last + timedelta(days=1)))
    ends, values = [], []
    for records, (_since, until) in today.items():
        if until is not None:
            ends.append(f"({records} AND r.day = %s)")
            values.append(last - timedelta(days=until))
    changed = dict.fromkeys(today, NEVER) | next_day  # what has no window any more is of no use
    for records, (since, until) in changed.items() if today != next_day else ():
        # Rules that change overnight end older records as well, and those that will count from a later day on.
        ends.append(f"({records} AND r.day > %s)")
        values.append(last + timedelta(days=1 - since))
        if until is not None:
            ends.append(f"({records} AND r.day <= %s)")
            values.append(last - timedelta(days=until))
    return " OR ".join(ends), values


def _counts_on(day: date) -> tuple[str, list[date]]:
    """The condition on records that count on a day under the rules of that day, and its values."""
    holds, values = [], []
    for records, (since, until) in _windows(_rules(day)).items():
        holds.append(f"({records} AND r.day <= %s{'' if until is None else ' AND r.day >= %s'})")
        values += [day - timedelta(days=since)] + ([] if until is None else [day - timedelta(days=until)])
    return " OR ".join(holds), values


def _windows(rules: Rules) -> dict[str, tuple[int, int | None]]:
    """By a condition on records, from which day after the record until which one they count."""
    booster, exemption = "r.kind = 'vaccination' AND r.dose - v.primary_doses", "r.kind = 'exemption' AND"
    found = {
        f"{booster} = 0": (Basis.PRIMARY, rules.primary_from, rules.primary_until),
        "r.kind = 'recovery'": (Basis.RECOVERY, rules.recovery_from, rules.recovery_until),
        f"{exemption} NOT r.immunodeficiency": (Basis.EXEMPTION, rules.exemption_from, rules.exemption_until),
        f"{exemption} r.immunodeficiency": (Basis.EXEMPTION, rules.exemption_from, rules.immunodeficiency_until),
    }
    windows: dict[str, tuple[int, int | None]] = {
        each: NEVER if basis in rules.ignored else (since, until) for each, (basis, since, until) in found.items()
    }
    for tier in rules.boosters:
        windows[f"{booster} BETWEEN {tier.first} AND {tier.last or MOST_DOSES}"] = tier.since, tier.until
    return windows


def ending(people: list[UUID], last: date) -> set[UUID]:
    """Those of these people who hold a valid pass on the day `last` and none on the next."""
    rules = {day: _rules(day) for day in (last, last + timedelta(days=1))}
    records = _records(people)
    return {
        citizen.pk
        for citizen in Citizen.objects.filter(pk__in=people).only("birth")
        if [_valid(records[citizen.pk], citizen, each, day) for day, each in rules.items()] == [True, False]
    }


def _valid(records: list[validity.Record], citizen: Citizen, rules: Rules, day: date) -> bool:
    return validity.standing(validity.spans(records, citizen.birth_date, rules), day).valid


def _rules(day: date) -> Rules:
    return policy.rules_of(policy.in_force_on(day))


def _records(people: list[UUID]) -> dict[Any, list[validity.Record]]:
    found: dict[Any, list[validity.Record]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, [people])
        for pk, *facts in cursor.fetchall():
            found[pk].append(validity.Record(*facts))
    return found
