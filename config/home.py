"""The desk's first page: what waits for this clerk, and how today goes. Each sees what their roles concern."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkins.admin import holds
from config import charts
from registry import figures
from registry.admin import approvals, badges, jobs, monthly, saved_filters, sms_figures
from registry.admin import waiting as requests_waiting
from registry.admin.desk import clerk
from registry.models import Figure, Job, Outage, Provider
from registry.sms import health
from registry.validity import SEOUL
from venues.admin import applications

What = Figure.What
FAILED_WITHIN = timedelta(days=7)
ILL = 0.9  # a provider's health under which it is pointed at


@badges.counted
def _failed_jobs(request: HttpRequest) -> QuerySet[Job]:
    failed = jobs.seen_by(request).filter(state=Job.State.FAILED, asked_by=clerk(request))
    return failed.filter(finished_at__gt=timezone.now() - FAILED_WITHIN)


@badges.counted
def _running_jobs(request: HttpRequest) -> QuerySet[Job]:
    return jobs.seen_by(request).filter(state=Job.State.UNDER_WAY, asked_by=clerk(request))


@badges.counted
def _open_outages(request: HttpRequest) -> QuerySet[Outage]:
    return Outage.objects.open()


def _ill_providers(request: HttpRequest) -> str:
    now = timezone.now()
    ill = sum(health.of(row, now) < ILL for row in Provider.objects.filter(enabled=True))
    return str(ill or "")


@dataclass(frozen=True, slots=True)
class Desk:
    """Something that may wait: who is told of it, where it is done, and how many there are ("" for none)."""

    title: Any
    icon: str
    permission: str
    page: str
    query: str
    count: Callable[[HttpRequest], str]
    urgent: bool = False


DESKS = (
    Desk(_("Outage declared"), "crisis_alert", "registry.view_outage", "registry_outage", "", _open_outages, True),
    Desk(_("SMS providers in trouble"), "cell_tower", "registry.view_provider", "registry_provider", "",
         _ill_providers, True),
    Desk(_("Applications of venues"), "inbox", "venues.change_application", "venues_application",
         "?status__exact=waiting", applications.open_count),
    Desk(_("Approvals to give"), "approval", "registry.view_approval", "registry_approval", "", approvals.open_count),
    Desk(_("Requests and items"), "contact_support", "registry.view_request", "registry_request", "",
         requests_waiting.open_count),
    Desk(_("Monthly review"), "fact_check", "registry.view_monthreview", "registry_monthreview", "",
         monthly.open_count),
    Desk(_("Legal holds that end soon"), "lock_clock", "checkins.view_legalhold", "checkins_legalhold", "",
         holds.ending_count),
    Desk(_("Work of mine that failed"), "error", "registry.view_job", "registry_job", "?state__exact=failed",
         _failed_jobs, True),
    Desk(_("Work of mine under way"), "progress_activity", "registry.view_job", "registry_job",
         "?state__exact=under_way", _running_jobs),
)  # fmt: skip


def waiting(request: HttpRequest) -> list[dict[str, Any]]:
    """What may wait for this clerk, with how many do, and the address of the list that shows them."""
    return [
        {
            "title": desk.title,
            "icon": desk.icon,
            "address": reverse(f"admin:{desk.page}_changelist") + desk.query,
            "count": (count := desk.count(request)),
            "urgent": desk.urgent and bool(count),
        }
        for desk in DESKS
        if request.user.has_perm(desk.permission)  # type: ignore[union-attr]
    ]


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart with its heading, what its numbers are of, when they were counted, and the list behind it."""

    name: str
    title: str
    chart: charts.Chart
    column: str
    counted_at: datetime | None
    more: tuple[str, str] | None = None
    text: str = ""


def panels(request: HttpRequest, now: datetime) -> list[Panel]:
    """The charts of this clerk's roles; a region's clerk sees the region's numbers."""
    may = request.user.has_perm  # type: ignore[union-attr]
    found = []
    if may("checkins.view_hourcount"):
        found.append(_entries(clerk(request).region, now))
    if may("registry.view_verification"):
        found.append(_checks(now))
    if may("registry.view_spreading") or may("registry.view_citizen"):
        more = (reverse("admin:registry_spreading_changelist"), gettext("Due dates"))
        found.append(
            _ahead(
                request, now, What.DUE, gettext("Phone checks due in the next 40 days"),
                more=more if may("registry.view_spreading") else None,
            )
        )  # fmt: skip
    if may("registry.view_passrecord") or may("registry.view_policyversion"):
        found.append(
            _ahead(
                request, now, What.PASS_ENDS, gettext("Passes that end in the next 40 days"),
                text=gettext("People whose last record ends on that day, under the rules published for it."),
            )
        )  # fmt: skip
    return found


def _entries(region: str, now: datetime) -> Panel:
    today = now.astimezone(SEOUL).date()
    read = figures.of([What.ENTERED, What.REFUSED], today, today, region=region)
    columns = [((today, hour), f"{hour:02d}:00", str(hour)) for hour in range(24)]
    series = [(gettext("Entries"), read[What.ENTERED].numbers), (gettext("Refusals"), read[What.REFUSED].numbers)]
    more = (reverse("admin:checkins_hourcount_changelist"), gettext("Hour counts"))
    chart = charts.bars(columns, series, marked=3)
    return Panel(
        "entries", gettext("Entries and refusals today"), chart, gettext("Hour"), read[What.ENTERED].counted_at, more
    )


def _checks(now: datetime) -> Panel:
    """Of the last 24 hours; a check is counted where it was begun."""
    this_hour = now.astimezone(SEOUL).replace(minute=0, second=0, microsecond=0)
    hours = [this_hour - timedelta(hours=back) for back in range(23, -1, -1)]
    read = figures.of([What.CHECKS_BEGUN, What.CHECKS_DONE], hours[0].date(), hours[-1].date())
    columns = [((at.date(), at.hour), f"{at:%m-%d %H}:00", str(at.hour)) for at in hours]
    names = (gettext("Begun"), gettext("Confirmed"))
    chart = charts.bars(
        columns,
        [(names[0], read[What.CHECKS_BEGUN].numbers), (names[1], read[What.CHECKS_DONE].numbers)],
        marked=3,
    )
    begun, done = (number for _name, number in chart.totals)
    share = gettext("Of 100 checks begun, {percent} were confirmed.").format(percent=round(100 * done / (begun or 1)))
    more = (reverse("admin:registry_verification_changelist"), gettext("Phone checks"))
    return Panel(
        "checks", gettext("Phone checks of the last 24 hours"), chart, gettext("Hour"),
        read[What.CHECKS_BEGUN].counted_at, more, share if begun else "",
    )  # fmt: skip


def _ahead(
    request: HttpRequest, now: datetime, what: What, title: str, *, more: tuple[str, str] | None = None, text: str = ""
) -> Panel:
    today = now.astimezone(SEOUL).date()
    days = [today + timedelta(days=n) for n in range(figures.DAYS)]
    read = figures.of([what], days[0], days[-1], region=clerk(request).region)[what]
    columns = [((day, 0), date_format(day, "Y-m-d (D)"), date_format(day, "n/j")) for day in days]
    chart = charts.bars(columns, [(gettext("People"), read.numbers)], marked=7)
    return Panel(what.value, title, chart, gettext("Day"), read.counted_at, more, text)


def providers(request: HttpRequest, now: datetime) -> list[tuple[Provider, str, int]]:
    """Each SMS provider, how it is in words, and its share of new SMS in percent."""
    if not request.user.has_perm("registry.view_provider"):  # type: ignore[union-attr]
        return []
    rows = list(Provider.objects.order_by("name"))
    shares = {row.pk: health.share(row, now) for row in rows if row.enabled and row.weight}
    total = sum(shares.values()) or 1
    return [(row, sms_figures.in_words(row, now), round(100 * shares.get(row.pk, 0) / total)) for row in rows]


def context(request: HttpRequest) -> dict[str, Any]:
    """What the page shows."""
    now = timezone.now()
    found = waiting(request)
    return {
        "waiting": found,
        "counted": badges.known(request),
        "nothing_waits": badges.known(request) and not any(desk["count"] for desk in found),
        "panels": panels(request, now),
        "providers": providers(request, now),
        "saved_filters": saved_filters.of_home(request),
    }
