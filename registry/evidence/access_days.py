"""What each clerk did in the access log, day by day, for the monthly review. A day that is over is counted once and
kept: a month has more rows than whoever opens its page should wait for."""

from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection

from registry import periods
from registry.models import AccessDay, Kept, Tag
from registry.validity import SEOUL

LOOKS = (Tag.PERSON_SEEN, Tag.PERSON_REVEALED, Tag.PERSON_SEARCHED, Tag.SAFE_NUMBER_OPENED)
REVEALS = (Tag.PERSON_REVEALED, Tag.SAFE_NUMBER_OPENED)
DENIALS = (Tag.DENIED, Tag.SESSION_ELSEWHERE)
OFFICE_FROM, OFFICE_UNTIL = 8, 20  # hours of a working day in Seoul
COUNTED = ("looks", "reveals", "outside_hours", "own_name", "without_item", "denied", "refused")
SETTLES = timedelta(hours=1)  # after a day is over: a row is in the log once its transaction is

DEEDS = """
    SELECT (at AT TIME ZONE 'Asia/Seoul')::date AS day, actor_id AS clerk,
        count(*) FILTER (WHERE tag = ANY(%(looks)s)) AS looks,
        count(*) FILTER (WHERE tag = ANY(%(reveals)s)) AS reveals,
        count(*) FILTER (WHERE tag = ANY(%(looks)s) AND (
            extract(isodow FROM at AT TIME ZONE 'Asia/Seoul') > 5
            OR extract(hour FROM at AT TIME ZONE 'Asia/Seoul') NOT BETWEEN %(opens)s AND %(closes)s)) AS outside_hours,
        count(*) FILTER (WHERE tag = ANY(%(reveals)s) AND detail ? 'own_name') AS own_name,
        count(*) FILTER (WHERE tag = ANY(%(denials)s)) AS denied
    FROM registry_event
    WHERE at >= %(since)s AND at < %(until)s AND actor_id IS NOT NULL AND tag = ANY(%(all)s)
    GROUP BY 1, 2"""
# A look is explained by other work of the same clerk on the person that day, or by an item that was open then.
WITHOUT_ITEM = """
    WITH looked AS (
        SELECT DISTINCT (at AT TIME ZONE 'Asia/Seoul')::date AS day, actor_id, substr(target, 9) AS person
        FROM registry_event WHERE at >= %(since)s AND at < %(until)s AND actor_id IS NOT NULL
            AND tag IN ('person_seen', 'person_revealed') AND target LIKE 'citizen:%%'
    ), worked AS (
        SELECT DISTINCT (at AT TIME ZONE 'Asia/Seoul')::date AS day, actor_id,
            CASE WHEN target LIKE 'citizen:%%' THEN substr(target, 9) ELSE detail->>'citizen' END AS person
        FROM registry_event WHERE at >= %(since)s AND at < %(until)s AND actor_id IS NOT NULL
            AND NOT tag = ANY(%(looks)s) AND (target LIKE 'citizen:%%' OR detail ? 'citizen')
    ), items AS (
        SELECT citizen_id::text AS person, opened_at, closed_at FROM registry_review
        UNION ALL SELECT other_id::text, opened_at, closed_at FROM registry_review
        UNION ALL SELECT citizen_id::text, opened_at, closed_at FROM registry_request
    )
    SELECT day, actor_id AS clerk, count(*) AS without_item FROM looked
    WHERE NOT EXISTS (SELECT FROM worked WHERE worked.actor_id = looked.actor_id AND worked.day = looked.day
                      AND worked.person = looked.person)
        AND NOT EXISTS (SELECT FROM items WHERE items.person = looked.person
            AND (items.opened_at AT TIME ZONE 'Asia/Seoul')::date <= looked.day
            AND (items.closed_at IS NULL OR (items.closed_at AT TIME ZONE 'Asia/Seoul')::date >= looked.day))
    GROUP BY 1, 2"""
REFUSED = """
    SELECT (at AT TIME ZONE 'Asia/Seoul')::date AS day, substr(target, 6)::bigint AS clerk, count(*) AS refused
    FROM registry_event WHERE at >= %(since)s AND at < %(until)s AND tag = 'sign_in_refused' AND target LIKE 'user:%%'
    GROUP BY 1, 2"""

Clerks = dict[int, Counter[str]]
"""By the clerk's key how often each of COUNTED was."""


def between(first: date, until: date) -> Clerks:
    """The sums of the days from `first` to the one before `until`: as kept, and from the first that is not, anew."""
    kept = dict(AccessDay.objects.filter(day__gte=first, day__lt=until).values_list("day", "clerks"))
    sums: Clerks = defaultdict(Counter)
    day = first
    while day in kept:
        for key, counts in kept[day].items():
            sums[int(key)].update(counts)
        day += timedelta(days=1)
    if day < until:
        for clerks in count(day, until).values():
            for clerk, counts in clerks.items():
                sums[clerk].update(counts)
    return dict(sums)


def count(first: date, until: date) -> dict[date, Clerks]:
    """What the log has of each of the days from `first` to the one before `until`."""
    asked: dict[str, Any] = {
        "since": datetime.combine(first, time(), SEOUL), "until": datetime.combine(until, time(), SEOUL),
        "looks": list(LOOKS), "reveals": list(REVEALS), "denials": list(DENIALS), "all": [*LOOKS, *DENIALS],
        "opens": OFFICE_FROM, "closes": OFFICE_UNTIL - 1,
    }  # fmt: skip
    found: dict[date, Clerks] = defaultdict(lambda: defaultdict(Counter))
    with connection.cursor() as cursor:
        for sql in (DEEDS, WITHOUT_ITEM, REFUSED):
            cursor.execute(sql, asked)
            names = [column.name for column in cursor.description[2:]]
            for day, clerk, *counts in cursor.fetchall():
                found[day][clerk].update({name: number for name, number in zip(names, counts, strict=True) if number})
    return found


def keep(now: datetime) -> int:
    """Count the days of this month and the one before that are over and not kept yet; how many there were."""
    today = (now - SETTLES).astimezone(SEOUL).date()
    first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    kept = set(AccessDay.objects.filter(day__gte=first).values_list("day", flat=True))
    days = [first + timedelta(days=n) for n in range((today - first).days)]
    missing = [day for day in days if day not in kept]
    if missing:
        found = count(missing[0], today)
        rows = [AccessDay(day=day, clerks=found.get(day, {}), counted_at=now) for day in missing]
        AccessDay.objects.bulk_create(rows, ignore_conflicts=True)
    return len(missing)


def forget(now: datetime) -> int:
    """Delete the days of which the log keeps no rows; how many."""
    return AccessDay.objects.filter(day__lt=periods.since(Kept.ACCESS_LOG, now).astimezone(SEOUL).date()).delete()[0]
