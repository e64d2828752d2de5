"""The monthly review of the access log: what was unusual in a month, clerk by clerk, and an auditor's words on it.

Unusual are many reveals (more than 20, and than three times the median of those who revealed at all), looks outside
office hours, looks at people of one's own family name, looks without work or an open item, and what was denied.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from registry import audit
from registry.errors import DomainError
from registry.evidence import sealing
from registry.models import MonthReview, Tag, User

LOOKS = (Tag.PERSON_SEEN, Tag.PERSON_REVEALED, Tag.PERSON_SEARCHED, Tag.SAFE_NUMBER_OPENED)
REVEALS = (Tag.PERSON_REVEALED, Tag.SAFE_NUMBER_OPENED)
DENIALS = (Tag.DENIED, Tag.SESSION_ELSEWHERE)
OFFICE_FROM, OFFICE_UNTIL = 8, 20  # hours of a working day in Seoul
MANY, TIMES = 20, 3

BY_CLERK = """
    SELECT actor_id,
        count(*) FILTER (WHERE tag = ANY(%(looks)s)) AS looks,
        count(*) FILTER (WHERE tag = ANY(%(reveals)s)) AS reveals,
        count(*) FILTER (WHERE tag = ANY(%(looks)s) AND (
            extract(isodow FROM at AT TIME ZONE %(zone)s) > 5
            OR extract(hour FROM at AT TIME ZONE %(zone)s) NOT BETWEEN %(opens)s AND %(closes)s)) AS outside_hours,
        count(*) FILTER (WHERE tag = ANY(%(reveals)s) AND detail ? 'own_name') AS own_name,
        count(*) FILTER (WHERE tag = ANY(%(denials)s)) AS denied
    FROM registry_event
    WHERE at >= %(since)s AND at < %(until)s AND actor_id IS NOT NULL AND tag = ANY(%(all)s)
    GROUP BY actor_id"""
# A look is explained by other work of the same clerk on the person that day, or by an item that was open then.
WITHOUT_ITEM = """
    WITH looked AS (
        SELECT DISTINCT actor_id, (at AT TIME ZONE %(zone)s)::date AS day, substr(target, 9) AS person
        FROM registry_event WHERE at >= %(since)s AND at < %(until)s AND actor_id IS NOT NULL
            AND tag IN ('person_seen', 'person_revealed') AND target LIKE 'citizen:%%'
    ), worked AS (
        SELECT DISTINCT actor_id, (at AT TIME ZONE %(zone)s)::date AS day,
            CASE WHEN target LIKE 'citizen:%%' THEN substr(target, 9) ELSE detail->>'citizen' END AS person
        FROM registry_event WHERE at >= %(since)s AND at < %(until)s AND actor_id IS NOT NULL
            AND NOT tag = ANY(%(looks)s) AND (target LIKE 'citizen:%%' OR detail ? 'citizen')
    ), items AS (
        SELECT citizen_id::text AS person, opened_at, closed_at FROM registry_review
        UNION ALL SELECT other_id::text, opened_at, closed_at FROM registry_review
        UNION ALL SELECT citizen_id::text, opened_at, closed_at FROM registry_request
    )
    SELECT actor_id, count(DISTINCT person) FROM looked
    WHERE NOT EXISTS (SELECT FROM worked WHERE worked.actor_id = looked.actor_id AND worked.day = looked.day
                      AND worked.person = looked.person)
        AND NOT EXISTS (SELECT FROM items WHERE items.person = looked.person
            AND (items.opened_at AT TIME ZONE %(zone)s)::date <= looked.day
            AND (items.closed_at IS NULL OR (items.closed_at AT TIME ZONE %(zone)s)::date >= looked.day))
    GROUP BY actor_id"""
REFUSED = """
    SELECT target, count(*) FROM registry_event
    WHERE at >= %(since)s AND at < %(until)s AND tag = 'sign_in_refused' GROUP BY target ORDER BY 2 DESC LIMIT 100"""


class NotOver(DomainError):
    code = "month_not_over"
    message = _("This month is not over yet. It can be signed from the first of the next.")


class SignedAlready(DomainError):
    code = "signed_already"
    message = _("This month has been signed already.")


@dataclass(frozen=True, slots=True)
class ClerkMonth:
    """What one clerk's month was like: how often, and the names of what was unusual in it."""

    clerk: str
    looks: int
    reveals: int
    outside_hours: int
    own_name: int
    without_item: int
    denied: int
    refused: int
    many: bool

    @property
    def unusual(self) -> int:
        """How many of the signs there are; the order of the page."""
        signs = (self.many, self.outside_hours, self.own_name, self.without_item, self.denied, self.refused)
        return sum(bool(sign) for sign in signs)


def first_of(day: date) -> date:
    return day.replace(day=1)


def month_before(day: date) -> date:
    """The first of the month before the one that `day` lies in."""
    return first_of(first_of(day) - timedelta(days=1))


def after(month: date) -> date:
    return first_of(month + timedelta(days=32))


def bounds(month: date) -> tuple[datetime, datetime]:
    """When the month begins and when it is over, in Seoul."""
    zone = ZoneInfo(settings.TIME_ZONE)
    return tuple(datetime(day.year, day.month, 1, tzinfo=zone) for day in (month, after(month)))  # type: ignore[return-value]


def look_through(month: date) -> list[ClerkMonth]:
    """Every clerk who looked at somebody, or was denied something; the most unusual first."""
    since, until = bounds(month)
    asked: dict[str, Any] = {
        "since": since, "until": until, "zone": settings.TIME_ZONE, "looks": list(LOOKS), "reveals": list(REVEALS),
        "denials": list(DENIALS), "all": [*LOOKS, *DENIALS], "opens": OFFICE_FROM, "closes": OFFICE_UNTIL - 1,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(BY_CLERK, asked)
        figures = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(WITHOUT_ITEM, asked)
        alone = dict(cursor.fetchall())
        cursor.execute(REFUSED, asked)
        refused = {int(target.partition(":")[2]): count for target, count in cursor.fetchall()}
    names = dict(User.objects.filter(pk__in=[*figures, *refused]).values_list("pk", "username"))
    usual = median([figure[1] for figure in figures.values() if figure[1]] or [0])
    rows = []
    for key, name in names.items():
        looks, reveals, outside, own, denied = figures.get(key, (0, 0, 0, 0, 0))
        many = reveals > max(MANY, TIMES * usual)
        rows.append(
            ClerkMonth(name, looks, reveals, outside, own, alone.get(key, 0), denied, refused.get(key, 0), many)
        )
    return sorted(rows, key=lambda row: (-row.unusual, -row.reveals, row.clerk))


def told(review: MonthReview) -> list[ClerkMonth]:
    """What the auditor saw who signed."""
    return [ClerkMonth(**row) for row in review.findings]


@transaction.atomic
def sign(month: date, *, words: str, by: User, now: datetime, address: str | None = None) -> MonthReview:
    """An auditor's words on a month, kept with what was found and the chain's head. Raises NotOver, SignedAlready."""
    if now < bounds(month)[1]:
        raise NotOver
    head = sealing.head()
    found: list[dict[str, Any]] = [asdict(row) for row in look_through(month)]
    try:
        with transaction.atomic():
            review = MonthReview.objects.create(
                month=month, findings=found, words=words, head=str(head or ""), signed_by=by, signed_at=now
            )
    except IntegrityError as error:
        raise SignedAlready from error
    audit.record(Tag.MONTH_REVIEWED, by=by, target=review, address=address, clerks=len(found))
    return review


def waits(today: date) -> bool:
    """Whether last month's review is not signed yet."""
    return not MonthReview.objects.filter(month=month_before(today)).exists()
