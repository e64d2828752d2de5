"""Previews of a policy: the whole registry read and judged, against reading the same columns by COPY and no more."""

import os
from collections.abc import Iterable
from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any

import psutil

from bench.measure import Result, Spent, watching
from bench.town import town

if TYPE_CHECKING:
    from registry.policymaking.effects import Question

PEOPLE, RECORDS = 200_000, 300_000
GOAL, FLAT = 0.1, 1.1
FLOOR = (
    "COPY (SELECT id, birth, region FROM registry_citizen) TO STDOUT",
    "COPY (SELECT r.citizen_id, r.kind, r.day, r.dose, v.primary_doses, r.result_at, r.immunodeficiency "
    "FROM registry_passrecord r LEFT JOIN registry_vaccine v ON v.code = r.vaccine_id "
    "WHERE r.revoked_at IS NULL) TO STDOUT",
)


def run() -> Iterable[Result]:
    """Judged in parts, as the job does: the rules of 2021, without an end of validity, against those in force."""
    town()
    from django.core.management import call_command
    from django.db import connection

    from registry.models import PassRecord

    made = {
        "people": PEOPLE,
        "records": RECORDS,
        "venues": 100,
        "entries": 100,
        "days": 1,
        "checks": 1,
        "messages": 1,
        "events": 1,
    }
    call_command("make_data", **made, stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE registry_citizen, registry_passrecord")
    records = PassRecord.objects.standing().count()
    me, floor, ours = [os.getpid()], Spent(), Spent()  # PostgreSQL is a child
    _read()  # so that both find what they read in memory
    with watching(me, floor):
        _read()
    with watching(me, ours):
        early, late = _preview(records)
    yield Result("preview", records / ours.cpu, "records per CPU s", records / floor.cpu, GOAL)
    yield Result("preview, memory", late, "MB in the end", early, FLAT, at_most=True)


def _read() -> None:
    from django.db import connection

    for statement in FLOOR:
        with connection.cursor() as cursor, cursor.copy(statement) as lines:
            for _line in lines:
                pass


def _preview(records: int) -> tuple[float, float]:
    """Megabytes of this process after a tenth of the work, and in the end. Raises RuntimeError where not all were
    counted."""
    from registry.policymaking import preview
    from registry.policymaking.effects import figures

    of, asked, seen, early = preview.parts(), _questions(), 0, 0.0
    found: Any = None
    for number in range(of):
        cells, read = preview.count(number, of, asked)
        found, seen = cells if found is None else found + cells, seen + read
        early = early or (_megabytes() if number >= of // 10 else 0.0)
    told = figures(found.items(), 0)
    if told.people != PEOPLE or seen != records or not told.gain + told.lose:
        raise RuntimeError(f"the preview came to {told} of {seen} records")
    return early, _megabytes()


def _questions() -> "tuple[Question, ...]":
    from django.utils import timezone

    from registry import seeding
    from registry.policymaking.effects import Question
    from registry.policymaking.preview import LATER
    from registry.validity import Rules

    before, after = (Rules.from_json(seeding.read("policies.json")[n]["rules"]) for n in (0, 1))
    today = timezone.localdate()
    return tuple(Question(today + ahead, before, after) for ahead in (timedelta(), LATER))


def _megabytes() -> float:
    return float(psutil.Process().memory_info().rss / 1e6)
