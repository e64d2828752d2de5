"""What can be told of an application without reading its document: doubles by number and by place, whether the name
fits the category, and whose phone it is. A clerk decides; this only points."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from venues import manifest, plausible
from venues.fields import PlainColumn
from venues.models import Account, Application, Category, Operator, Venue


@dataclass(frozen=True, slots=True)
class Checks:
    """What was found about one application."""

    number_of: Operator | None  # who has this business number, somebody else
    same_number: list[Application]
    same_place: list[Venue]
    same_place_waiting: list[Application]
    sounds_like: Category | None  # another category, which the name speaks of
    proven_at: datetime | None  # since when the applicant's phone is proven
    asks: bool  # whether the category asks for a pass today
    alone: bool


def check(application: Application, *, today: date) -> Checks:
    """Look for doubles by number and by place, at the name and the phone, and what the category asks for."""
    number = application.business_number
    others = Application.objects.open().exclude(pk=application.pk)
    operators = Operator.objects.filter(business_number=number) if number else Operator.objects.none()
    rule = manifest.day_rules(Venue(category_id=application.category_id), today, today)[today]
    other = plausible.sounds_like(application.venue_name, application.category_id)
    account = Account.objects.filter(user=application.applicant_id).only("proven_at").first()
    return Checks(
        number_of=operators.exclude(pk=application.operator_id or 0).first(),
        same_number=list(others.filter(business_number=number)[:5]) if number else [],
        same_place=_near(Venue.objects.exclude(pk=application.venue_id or 0), application, "name"),
        same_place_waiting=_near(others.filter(kind=Application.Kind.VENUE), application, "venue_name"),
        sounds_like=Category.objects.filter(pk=other).first() if other else None,
        proven_at=account.proven_at if account else None,
        asks=rule.asks,
        alone=rule.alone,
    )


def with_signs(applications: QuerySet[Application]) -> QuerySet[Application]:
    """The same applications, each with what `signs` reads: one query for a whole page of the list."""
    own, place = Coalesce(OuterRef("operator_id"), 0), _same_place(OuterRef("region"), OuterRef("pk"))
    numbered = Q(business_number=OuterRef("business_number")) & ~Q(business_number="")
    return applications.annotate(
        _number_taken=Exists(Operator.objects.filter(numbered).exclude(pk=own)),
        _number_waits=Exists(Application.objects.open().filter(numbered).exclude(pk=OuterRef("pk"))),
        _same_place=place,
        _proven_at=Subquery(Account.objects.filter(user=OuterRef("applicant_id")).values("proven_at")[:1]),
    )


def _same_place(region: OuterRef, key: OuterRef) -> Q | Exists:
    """Whether a venue, or another open application, of the district has the same address or name."""
    address, name = PlainColumn(OuterRef("address")), PlainColumn(OuterRef("venue_name"))
    venues = Venue.objects.filter(region=region).annotate(_a=PlainColumn("address"), _n=PlainColumn("name"))
    venues = venues.exclude(pk=Coalesce(OuterRef("venue_id"), 0))
    waiting = Application.objects.open().filter(region=region, kind=Application.Kind.VENUE).exclude(pk=key)
    waiting = waiting.annotate(_a=PlainColumn("address"), _n=PlainColumn("venue_name"))
    by_address, by_name = Q(_a=address) & ~Q(_a=""), Q(_n=name)
    return (
        Exists(venues.filter(by_address)) | Exists(venues.filter(by_name))
        | Exists(waiting.filter(by_address)) | Exists(waiting.filter(by_name))
    )  # fmt: skip


def signs(application: Any) -> list[str]:
    """Names of what should be looked at: number, place, category, phone. Of one that came by `with_signs`."""
    found = []
    if not application.business_number or application._number_taken or application._number_waits:
        found.append("number")
    if application._same_place:
        found.append("place")
    if plausible.sounds_like(application.venue_name, application.category_id):
        found.append("category")
    if application._proven_at is None:
        found.append("phone")
    return found


def _near(rows: QuerySet[Any], application: Application, name: str) -> list[Any]:
    """Those of the same district with the same address or the same name, however spaced and written."""
    wanted = [_plain(application.address), _plain(application.venue_name)]
    same = Q(_address=wanted[0]) if wanted[0] else Q(pk=None)
    here = rows.filter(region=application.region).annotate(_address=PlainColumn("address"), _name=PlainColumn(name))
    return list(here.filter(same | Q(_name=wanted[1]))[:5])


def _plain(text: str) -> str:
    return re.sub(r"[\s!-/:-@\[-`{-~]", "", text).lower()
