"""The owner's home and a venue's page: what came through the doors today, and the scanners at them.

They stand here because they show counts, and imports point from checkins to venues; config/urls.py puts them beside the
portal's other pages under /owner/.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.cache import never_cache

from checkins import counts
from checkins.models import Direction, HourCount
from registry.format.passcode import Verdict
from registry.models import User
from registry.reverification import outages
from venues import hours, regions, rule_changes
from venues.models import Application, Category, Operator, Venue
from venues.portal.sign_in import SignedIn

DECIDED_SHOWN = timedelta(days=14)  # on the home page; the application's own page stays

REASONS = {
    Verdict.NO_PASS: _("No valid pass"),
    Verdict.REVOKED: pgettext_lazy("verdict", "Pass revoked"),
    Verdict.FORGED: _("Code not genuine"),
    Verdict.MALFORMED: _("Not one of our codes"),
    Verdict.UNKNOWN_KEY: _("Signed with a key that the scanner did not have"),
    Verdict.NOT_YET: _("Pass for a later day"),
    Verdict.EXPIRED: _("Pass of an earlier day"),
    Verdict.STALE: _("Code not renewed"),
    Verdict.REPEAT: _("Same code shown again"),
    Verdict.OUTDATED: _("Pass under older rules"),
    Verdict.ENTRY: _("Decided at the door"),
    Verdict.PASS: _("Decided at the door"),
}


def refusals(day: counts.Day) -> dict[str, Any]:
    """Who was not let in, by reason in words, most first: `refused` for red verdicts, `again` for all others, for amber
    is never a refusal: the code was to be shown again. `total` is of the red ones."""
    refused: dict[str, int] = defaultdict(int)
    again: dict[str, int] = defaultdict(int)
    for verdict, people in day.turned_away.items():
        (refused if _is_red(verdict) else again)[_reason(verdict)] += people
    return {"refused": _most_first(refused), "again": _most_first(again), "total": sum(refused.values())}


def _is_red(verdict: str) -> bool:
    return verdict in Verdict.__members__ and Verdict(verdict).colour == "red"


def _reason(verdict: str) -> str:
    return str(REASONS[Verdict(verdict)] if verdict in Verdict.__members__ else _("Nothing shown"))


def _most_first(reasons: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(reasons.items(), key=lambda row: (-row[1], row[0]))


def admitted_today(venues: Iterable[Venue], day: date) -> dict[int, int]:
    """How many were admitted at each of these venues on a day, in one query."""
    counted = HourCount.objects.filter(venue__in=venues, day=day, admitted=True, direction=Direction.IN)
    return dict(counted.values_list("venue").annotate(Sum("count")))


@login_required
@never_cache
def home(request: SignedIn) -> HttpResponse:
    """The user's venues with today's count, what was applied for, and which rules change soon."""
    venues = list(Venue.objects.run_by(request.user).select_related("category").order_by("name", "pk"))
    today = timezone.localdate()
    admitted = admitted_today(venues, today)
    context = {
        "here": "home",
        "rows": [(venue, admitted.get(venue.pk, 0)) for venue in venues],
        "applications": applications_of(request.user, today),
        "operators": list(Operator.objects.owned_by(request.user).order_by("name")),
        "changes": _changes([venue.category for venue in venues], today),
        "outage": outages.current(),
    }
    return render(request, "owner/home.html", context)


def applications_of(user: User, today: date) -> list[Application]:
    """Those that wait for somebody, and those decided in the last 14 days."""
    shown = Application.objects.of(user).filter(Q(decided_at=None) | Q(decided_at__date__gte=today - DECIDED_SHOWN))
    return list(shown.select_related("category").order_by("-sent_at")[:20])


def _changes(categories: Iterable[Category], today: date) -> list[tuple[Category, rule_changes.Change]]:
    """What these categories will ask for otherwise, soonest first."""
    by_code = {category.pk: category for category in categories}
    if not by_code:
        return []
    coming = rule_changes.coming(by_code, today=today)
    found = [(by_code[code], change) for code, changes in coming.items() for change in changes]
    return sorted(found, key=lambda row: (row[1].day, row[0].position))


@login_required
@never_cache
def venue_page(request: SignedIn, venue_id: int) -> HttpResponse:
    """A venue's day and its scanners; a stranger gets 404."""
    venue = get_object_or_404(Venue.objects.run_by(request.user).select_related("category"), pk=venue_id)
    now = timezone.localtime()
    day = counts.on(venue, now.date())
    context = {
        "venue": venue,
        "now": now,
        "today": day,
        "hours": [hour for hour in day.hours if hour.admitted or hour.turned_away],
        "refusals": refusals(day),
        "scanners": list(venue.scanners.active().order_by("name", "pk")),
        "revoked": list(venue.scanners.filter(revoked_at__isnull=False).order_by("-revoked_at")[:20]),
        "manages": Venue.objects.managed_by(request.user).filter(pk=venue.pk).exists(),
        "owns": Venue.objects.owned_by(request.user).filter(pk=venue.pk).exists(),
        "region": regions.called(venue.region),
        "opening": hours.lines(venue.hours),
        "changes": _changes([venue.category], now.date()),
        "pending": venue.applications.open().select_related("category").first(),
    }
    return render(request, "owner/venue.html", context)


urlpatterns = [
    path("", home, name="home"),
    path("venues/<int:venue_id>/", venue_page, name="venue"),
]
