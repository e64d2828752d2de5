"""What is kept how long, what was destroyed when; and a certificate of what was destroyed in a month."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Max, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from checkins.models import Destruction, LegalHold
from registry import periods
from registry.admin.desk import ReadOnlyAdmin, ReasonForm, evidence, posted
from registry.evidence import sealing
from registry.models import Disposal, Kept, Period
from registry.validity import SEOUL

FIRST_YEAR = 2020
BOTH = ("ko", "en")


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of data on the page."""

    what: Kept
    days: int
    rule: periods.Rule
    last: Any  # when some of it was last destroyed
    lately: int  # how much in the last 30 days


def lines(today: date) -> list[Line]:
    """Every kind with its period, in the order of the table."""
    set_by_clerk = dict(Period.objects.values_list("what", "days"))
    gone = Disposal.objects.filter(day__gt=today - timedelta(days=30)).values("what")
    lately = {row["what"]: row["count"] for row in gone.annotate(count=Sum("count")).order_by()}
    newest = Disposal.objects.values("what").annotate(at=Max("last_at")).order_by()
    last = {row["what"]: row["at"] for row in newest}
    return [
        Line(what, set_by_clerk.get(what.value, rule.days), rule, last.get(what.value), lately.get(what.value, 0))
        for what, rule in periods.RULES.items()
    ]


class DaysForm(ReasonForm):
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=100_000, widget=UnfoldAdminIntegerFieldWidget)
    field_order = ("days", "reason")


@admin.register(Period)
class PeriodAdmin(ReadOnlyAdmin):
    """The list is a page of its own: it shows what no clerk has changed as well."""

    of_the_country = True

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("<slug:what>/days/", view(self.set_days), name="registry_period_days"),
            path("certificate/<int:year>/<int:month>/", view(self.certificate), name="registry_period_certificate"),
        ]
        return own + super().get_urls()

    def page_of(self, obj: Any) -> str:
        return reverse("admin:registry_period_changelist")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        today = timezone.localdate()
        context = self.admin_site.each_context(request) | {
            "title": gettext("What is kept how long, and what was destroyed when"),
            "lines": lines(today),
            "may_change": self.has_set_permission(request),
            "only_reads": self.only_reads(request),
            "days": Destruction.objects.all()[:35],
            "months": _months(today),
            "holds": self._holds(request, today),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/checkins/kept.html", context)

    def has_set_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "registry.change_period")

    def _holds(self, request: HttpRequest, today: date) -> list[LegalHold]:
        """For those alone who may know of the case."""
        may_know = request.user.has_perm("checkins.view_legalhold")
        return list(LegalHold.objects.in_force(today).order_by("until")) if may_know else []

    def set_days(self, request: HttpRequest, what: str) -> HttpResponse:
        if not self.has_set_permission(request):
            raise PermissionDenied
        if what not in Kept.values or periods.RULES[Kept(what)].fixed:
            raise Http404
        kept = Kept(what)
        rule = periods.RULES[kept]
        return self.ask(
            request,
            Period(what=what),
            DaysForm(posted(request), initial={"days": periods.days(kept)}),
            title=_("Change a period"),
            subject=kept.label,
            text=_("{least} to {most} days. {why} What is older is destroyed by the next nightly run.").format(
                least=rule.least, most=rule.most, why=rule.why
            ),
            button=_("Change"),
            do=lambda values: periods.change(  # type: ignore[func-returns-value]
                kept, values["days"], reason=values["reason"], now=timezone.now(), **evidence(request)
            ),
            done=_("The period is changed."),
        )

    def certificate(self, request: HttpRequest, year: int, month: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        today = timezone.localdate()
        if not 1 <= month <= 12 or not FIRST_YEAR <= year <= today.year or date(year, month, 1) > today:
            raise Http404
        context = certified(date(year, month, 1)) | {
            "by": request.user,
            "back": self.page_of(None),
            "both": BOTH,
            "head": sealing.head(),
            "now": timezone.now(),
        }
        return TemplateResponse(request, "admin/checkins/certificate.html", context)


def certified(month: date) -> dict[str, Any]:
    """What was destroyed in a month, by the moment at which it was done: days of the log, and all else by its kind."""
    after = (month + timedelta(days=31)).replace(day=1)
    begin, end = (datetime.combine(day, time.min, tzinfo=SEOUL) for day in (month, after))
    days = Destruction.objects.filter(done_at__gte=begin, done_at__lt=end).order_by("day")
    rest = Disposal.objects.filter(day__gte=month, day__lt=after).exclude(what=Kept.ENTRIES).values("what")
    sums = {row["what"]: row["count"] for row in rest.annotate(count=Sum("count")).order_by()}
    kinds = [(kind, sums[kind.value]) for kind in Kept if kind.value in sums]
    return {"month": month, "last": after - timedelta(days=1), "days": days, "kinds": kinds}


def _months(today: date) -> list[date]:
    """This month and those before it in which something was destroyed, a year back at most."""
    found = Disposal.objects.filter(day__gt=today - timedelta(days=366)).dates("day", "month", order="DESC")
    return list(found[:12])
