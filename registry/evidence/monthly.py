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
from django.db import IntegrityError, transaction
from django.db.models import Exists
from django.utils.translation import gettext_lazy as _

from registry import audit
from registry.errors import DomainError
from registry.evidence import access_days, sealing
from registry.models import Event, MonthReview, Tag, User

MANY, TIMES = 20, 3
REFUSED_AT_MOST = 100  # accounts told of, those most often tried


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
    clerks = access_days.between(month, after(month))
    only_refused = [key for key, counts in clerks.items() if counts.keys() == {"refused"}]
    for key in sorted(only_refused, key=lambda key: -clerks[key]["refused"])[REFUSED_AT_MOST:]:
        del clerks[key]
    names = dict(User.objects.filter(pk__in=clerks).values_list("pk", "username"))
    usual = median([counts["reveals"] for counts in clerks.values() if counts["reveals"]] or [0])
    rows = [
        ClerkMonth(
            clerk=name,
            **{sign: clerks[key][sign] for sign in access_days.COUNTED},
            many=clerks[key]["reveals"] > max(MANY, TIMES * usual),
        )
        for key, name in names.items()
    ]
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
    """Whether last month's review is not signed yet. A log that began since has nothing to review."""
    signed = MonthReview.objects.filter(month=month_before(today))
    return Event.objects.filter(~Exists(signed), at__lt=bounds(first_of(today))[0]).exists()
