"""The owner's home and a venue's page: what came through the doors today, and the scanners at them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from checkins import charts, counts, why
from checkins.models import Direction, HourCount
from registry import regions
from registry.models import User
from registry.reverification import outages
from venues import hours, rule_changes, scanner_health
from venues.models import Application, Category, Operator, Scanner, Venue
from venues.portal.sign_in import SignedIn

DECIDED_SHOWN = timedelta(days=14)  # on the home page; the application's own page stays
POLL, POLL_CLOSED = 30, 300  # seconds between two looks of an open page


def admitted_today(venues: Iterable[Venue], day: date) -> dict[int, int]:
    """How many were admitted at each of these venues on a day, in one query."""
    counted = HourCount.objects.filter(venue__in=venues, day=day, admitted=True, direction=Direction.IN)
    return dict(counted.values_list("venue").annotate(Sum("count")))


@login_required
@never_cache
def home(request: SignedIn) -> HttpResponse:
    """The user's venues with today's count, scanners that are missed, what was applied for, rules that change soon."""
    venues = list(Venue.objects.run_by(request.user).select_related("category").order_by("name", "pk"))
    now = timezone.localtime()
    admitted = admitted_today(venues, now.date())
    context = {
        "here": "home",
        "rows": [(venue, admitted.get(venue.pk, 0)) for venue in venues],
        "missed": missed(venues, now=now),
        "applications": applications_of(request.user, now.date()),
        "operators": list(Operator.objects.owned_by(request.user).order_by("name")),
        "changes": _changes([venue.category for venue in venues], now.date()),
        "notices": rule_changes.notices(now.date()) if venues else [],
        "outage": outages.current(),
    }
    return render(request, "owner/home.html", context)


def missed(venues: Iterable[Venue], *, now: datetime) -> list[tuple[Scanner, datetime]]:
    """Scanners that have not been seen though their venue is open, with since when, in one query."""
    by_key = {venue.pk: venue for venue in venues if hours.opened(venue.hours, now)}
    if not by_key:
        return []
    found = []
    silent = Scanner.objects.active().devices().filter(venue__in=by_key, seen_at__lt=now - scanner_health.UNSEEN)
    for scanner in silent.order_by("name", "pk"):
        scanner.venue = by_key[scanner.venue_id]
        if since := scanner_health.unseen_since(scanner, scanner.venue, now=now):
            found.append((scanner, since))
    return found


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


def today_of(venue: Venue, now: datetime) -> dict[str, Any]:
    """What the day's figures are drawn from, for the page and for its part that renews itself."""
    day, inside = counts.around(venue, now)
    seen = [hour for hour in day.hours if hour.anybody]
    shown = day.hours[seen[0].hour : max(seen[-1].hour, now.hour) + 1] if seen else []
    chart = charts.draw([(hour.admitted, hour.refused) for hour in shown], _ends(shown))
    is_open = venue.status == Venue.Status.OPEN and (not venue.hours or hours.opened(venue.hours, now))
    return {
        "venue": venue,
        "now": now,
        "today": day,
        "inside": inside,
        "hours": seen,
        "chart": chart,
        "refusals": why.turned_away(day.turned_away),
        "poll": POLL if is_open else POLL_CLOSED,
    }


def _ends(shown: list[counts.Hour]) -> list[str]:
    return [f"{hour.hour:02d}:00" for hour in (shown[0], shown[len(shown) // 2], shown[-1])] if len(shown) > 2 else [
        f"{hour.hour:02d}:00" for hour in shown
    ]  # fmt: skip


@login_required
@never_cache
def venue_page(request: SignedIn, venue_id: int) -> HttpResponse:
    """A venue's day and its scanners; a stranger gets 404."""
    venue = get_object_or_404(Venue.objects.run_by(request.user).select_related("category"), pk=venue_id)
    now = timezone.localtime()
    context = today_of(venue, now) | {
        "scanners": scanner_health.all_of(venue, now=now),
        "revoked": list(venue.scanners.filter(revoked_at__isnull=False).order_by("-revoked_at")[:20]),
        "manages": Venue.objects.managed_by(request.user).filter(pk=venue.pk).exists(),
        "owns": Venue.objects.owned_by(request.user).filter(pk=venue.pk).exists(),
        "region": regions.called(venue.region),
        "opening": hours.lines(venue.hours),
        "changes": _changes([venue.category], now.date()),
        "notices": rule_changes.notices(now.date()),
        "pending": venue.applications.open().select_related("category").order_by("pk"),
    }
    return render(request, "owner/venue.html", context)


@login_required
@never_cache
@require_safe
def now(request: SignedIn, venue_id: int) -> HttpResponse:
    """The day's figures alone, for a page that stays open; `data-poll` says in how many seconds to ask again."""
    venue = get_object_or_404(Venue.objects.run_by(request.user).select_related("category"), pk=venue_id)
    return render(request, "owner/counts.html", today_of(venue, timezone.localtime()))
