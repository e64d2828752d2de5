"""The forecast of phone checks, and moving due dates off a peak with a look at what it would do first."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from registry import figures, policy, vault
from registry.admin.desk import DayInput, ReadOnlyAdmin, evidence
from registry.errors import DomainError
from registry.models import Spreading
from registry.reverification import duedates, spreading

DAYS = 40  # of the forecast
HEIGHT, STEP, BAR = 160, 20, 14  # of the chart, in its own units
DATE_EVERY = 7  # bars between two dates under the chart


@dataclass(frozen=True, slots=True)
class Bar:
    """A day of the chart: where its bar stands and how high it is, and how high it was `before` where that differs."""

    x: int
    day: date
    people: int
    y: int
    height: int
    before_people: int | None = None
    before_y: int = 0
    before_height: int = 0
    peak: bool = False
    dated: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    bars: list[Bar]
    mean: int | None
    mean_y: int
    most: int
    height: int = HEIGHT
    bar: int = BAR

    @property
    def width(self) -> int:
        return max(len(self.bars), DAYS) * STEP


def chart(days: list[tuple[date, int]], *, before: dict[date, int] | None = None) -> Chart:
    """Bars for people by day; with `before`, what each was behind it. A line at the mean of plain ones."""
    most = max([people for _day, people in days] + list((before or {}).values()) + [1])
    mean = None if before is not None else round(sum(people for _day, people in days) / max(len(days), 1))
    peak = max((people for _day, people in days), default=0)
    bars = []
    for n, (day, people) in enumerate(days):
        height, was = _high(people, most), before.get(day, 0) if before is not None else None
        behind = _high(was or 0, most)
        more: dict[str, Any] = {"before_people": was, "before_y": HEIGHT - behind, "before_height": behind}
        dated, top = n % DATE_EVERY == 0, before is None and people == peak > 0
        bars.append(Bar(n * STEP + 3, day, people, HEIGHT - height, height, peak=top, dated=dated, **more))
    return Chart(bars, mean, HEIGHT - _high(mean or 0, most), most)


def _high(people: int, most: int) -> int:
    return max(round(people / most * (HEIGHT - 10)), 1) if people else 0


class StretchForm(forms.Form):
    due_from = forms.DateField(label=_("Due dates from"), widget=DayInput)
    due_to = forms.DateField(label=capfirst(_("through")), widget=DayInput)


class SpreadForm(StretchForm):
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=UnfoldAdminTextareaWidget({"rows": 2}),
        help_text=_("It is kept in the access log."),
    )  # fmt: skip


@admin.register(Spreading)
class SpreadingAdmin(ReadOnlyAdmin):
    of_the_country = True
    when_empty = _("No due date was moved so far.")
    list_display = ("started_at", "span", "why", "progress", "done_at")
    list_display_links = ("started_at",)
    list_select_related = ("outage", "by")
    ordering = ("-started_at",)
    sortable_by = ()
    actions_list = ("respread",)
    list_before_template = "admin/registry/spreading/forecast.html"
    fields = ("why", ("span", "onto"), "by", ("started_at", "done_at"), "progress")

    @display(description=_("due dates"))
    def span(self, row: Spreading) -> str:
        return f"{date_format(row.due_from)} – {date_format(row.due_to)}"

    @display(description=_("moved to"))
    def onto(self, row: Spreading) -> str:
        return f"{date_format(row.onto_from)} – {date_format(row.onto_to)}"

    @display(description=_("reason"))
    def why(self, row: Spreading) -> str:
        if row.outage_id:
            return gettext("Outage of {time}").format(time=row.outage)
        return row.reason

    @display(description=_("people moved"))
    def progress(self, row: Spreading) -> str:
        if row.plan is None:
            return gettext("being counted")
        return f"{row.moved:,}" if row.done_at else f"{row.moved:,} / {row.total:,}"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, (extra_context or {}) | {"title": gettext("Due dates")} | _forecast())

    def has_respread_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "registry.add_spreading")

    @action(description=_("Spread due dates"), icon="align_vertical_bottom", permissions=["respread"])
    def respread(self, request: HttpRequest) -> HttpResponse:
        """Days are chosen, what it would do is shown, and only the button below that does it."""
        back = reverse("admin:registry_spreading_changelist")
        today = vault.today(timezone.now())
        first = today + timedelta(days=1)
        asked = request.POST if request.method == "POST" else request.GET if "due_from" in request.GET else None
        form = SpreadForm(request.POST) if request.method == "POST" else StretchForm(
            asked, initial={"due_from": first, "due_to": first + timedelta(days=13)}
        )  # fmt: skip
        found = None
        if asked is not None and form.is_valid():
            days = form.cleaned_data["due_from"], form.cleaned_data["due_to"]
            try:
                if request.method == "POST":
                    reason = form.cleaned_data["reason"]
                    spreading.begin(*days, reason=reason, now=timezone.now(), **evidence(request))
                    messages.success(request, _("Due dates are being moved in the background."))
                    return HttpResponseRedirect(back)
                found = spreading.preview(*days, today=today)
            except DomainError as error:
                form.add_error(None, str(error))
        return self._ask(request, form, found, back)

    def _ask(self, request: HttpRequest, form: Any, found: spreading.Preview | None, back: str) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "title": gettext("Spread due dates"), "form": form, "found": found, "back": back, "opts": self.opts,
            "media": self.media,
        }  # fmt: skip
        if found is not None:
            days = [(day, after) for day, _before, after in found.rows]
            peaks = {name: max(each.values(), default=0) for name, each in (("b", found.before), ("a", found.after))}
            context |= {
                "chart": chart(days, before=found.before), "peak_before": peaks["b"], "peak_after": peaks["a"],
                "begin": SpreadForm(initial={"due_from": found.due_from, "due_to": found.due_to}),
            }  # fmt: skip
        return TemplateResponse(request, "admin/registry/spreading/respread.html", context)


def _forecast() -> dict[str, Any]:
    """The next days and who is in grace now; nothing where no policy is in force."""
    today = vault.today(timezone.now())
    try:
        grace = policy.in_force_on(today).grace_days
    except DomainError:
        grace = 0
    first, last = today - timedelta(days=min(grace, figures.LATE.days)), today + timedelta(days=DAYS - 1)
    loads = figures.due(first, last, now=timezone.now())
    found = duedates.forecast(loads, today, DAYS)
    late = sum(people for day, people in loads.items() if day < today)
    return {"forecast": found, "chart": chart(list(found.days)), "in_grace": late, "grace_days": grace}
