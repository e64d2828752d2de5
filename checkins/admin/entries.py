"""The entry log as clerks see it: pseudonymous, read-only, one venue and one day at a time."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from checkins import why
from checkins.day_input import DayInput
from checkins.models import DeadLetter, Destruction, Entry, Flag, HourCount, Refusal, Undone
from checkins.references import normalised
from registry.admin.desk import ReadOnlyAdmin, clerk
from registry.format.passcode import Verdict
from venues.models import Venue

PAGE = 100  # rows
VENUES = 20  # offered when a name fits several


class EntriesForm(forms.Form):
    """A venue by number or by the beginning of its name, and a day."""

    venue = forms.CharField(
        label=_("Venue"),
        max_length=80,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Number, or how its name begins."),
    )
    day = forms.DateField(
        label=_("Day"),
        required=False,
        widget=DayInput,
        validators=[MinValueValidator(date(2020, 1, 1)), MaxValueValidator(date(2100, 1, 1))],
    )

    def clean_day(self) -> date:
        return self.cleaned_data["day"] or timezone.localdate()


def flags_of(entry: Entry) -> list[str]:
    return [str(flag.label) for flag in Flag if entry.flags & flag.value]


def rows_of(venue: Venue, day: date, page: int) -> tuple[list[dict[str, Any]], bool]:
    """A page of a venue's entries by the pass's day, newest first, and whether there are more."""
    entries = Entry.objects.filter(venue=venue.pk, day=day).order_by("-seen_at", "subject")
    found = list(entries[page * PAGE : (page + 1) * PAGE + 1])
    rows = [
        {
            "seen_at": entry.seen_at,
            "subject": bytes(entry.subject).hex(),
            "direction": entry.get_direction_display(),
            "method": entry.get_method_display(),
            "scanner": entry.scanner or "–",
            "received_at": entry.received_at,
            "flags": flags_of(entry),
        }
        for entry in found[:PAGE]
    ]
    return rows, len(found) > PAGE


def venues_like(request: HttpRequest, text: str) -> list[Venue]:
    venues = Venue.objects.in_region(clerk(request).region).select_related("category")
    found = (
        venues.filter(pk=int(text)) if text.isdecimal() and len(text) <= 18 else venues.filter(name__startswith=text)
    )
    return list(found.order_by("name", "pk")[:VENUES])


def entries(request: HttpRequest) -> HttpResponse:
    """The entry log. A page of its own, as the log's key is composite and no model page can stand on that."""
    if not request.user.has_perm("checkins.view_entry"):
        raise PermissionDenied
    today = {"day": timezone.localdate().isoformat()}
    form = EntriesForm(today | request.GET.dict()) if "venue" in request.GET else EntriesForm(initial=today)
    context: dict[str, Any] = {"form": form, "title": gettext("Entries"), "days_kept": 28}
    if form.is_bound and form.is_valid():
        venues, day = venues_like(request, form.cleaned_data["venue"]), form.cleaned_data["day"]
        context |= {"venues": venues, "day": day}
        if len(venues) == 1:
            text = request.GET.get("page", "0")
            page = min(int(text), 1000) if text.isdecimal() else 0
            rows, more = rows_of(venues[0], day, page)
            context |= {"venue": venues[0], "rows": rows, "page": page, "next": page + 1 if more else None}
            context |= {"before": day - timedelta(days=1), "after": day + timedelta(days=1)}
            context["gone"] = Destruction.objects.filter(day=day).first()
    return TemplateResponse(request, "admin/checkins/entries.html", admin.site.each_context(request) | context)


class VerdictFilter(admin.SimpleListFilter):
    """The verdicts of the pass format; asking the table which it holds would read all of it."""

    title = _("verdict")
    parameter_name = "verdict"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(verdict.value, why.in_words(verdict)) for verdict in Verdict]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(verdict=self.value()) if self.value() else queryset


class OfVerdict(ReadOnlyAdmin):
    """Rows of which most have one verdict, and those of another are few."""

    def is_rare(self, request: HttpRequest) -> bool:
        return request.GET.get("verdict", Verdict.PASS.value) != Verdict.PASS.value


@display(description=_("verdict"))
def said(row: HourCount | Undone) -> str:
    return why.in_words(row.verdict) or "–"


@admin.register(HourCount)
class HourCountAdmin(OfVerdict):
    region_path = "venue__region"
    list_display = ("day", "hour", "venue", said, "method", "direction", "admitted", "reason", "count")
    list_display_links = None
    list_select_related = ("venue",)
    list_filter = ("day", VerdictFilter)
    when_empty = _("Nothing is counted yet. Scanners tell what they saw when they are online.")
    search_fields = ("venue__name__startswith",)
    search_help_text = _("Beginning of the venue's name")
    ordering = ("-day", "-pk")
    sortable_by = ()


@admin.register(DeadLetter)
class DeadLetterAdmin(ReadOnlyAdmin):
    region_path = "scanner__venue__region"
    when_empty = _("No scan was refused.")
    list_display = ("received_at", "scanner", "venue", "seq", "at", "short")
    list_display_links = None
    list_select_related = ("scanner__venue",)
    ordering = ("-received_at",)
    sortable_by = ()

    @display(description=_("venue"))
    def venue(self, letter: DeadLetter) -> str:
        return str(letter.scanner.venue)

    @display(description=_("why"))
    def short(self, letter: DeadLetter) -> str:
        return why.of_letter(letter)


@admin.register(Refusal)
class RefusalAdmin(OfVerdict):
    """Why somebody was not let in, by the reference on the scanner's screen; who it was is not known here."""

    region_path = "venue__region"
    list_display = ("reference_shown", "at", "venue", "scanner", "short")
    list_select_related = ("venue", "scanner")
    list_filter = (VerdictFilter,)
    search_fields = ("reference",)
    search_help_text = _("Reference, such as ABCD-2345; spaces, hyphens and small letters do not matter")
    ordering = ("-at",)
    sortable_by = ()
    when_empty = _("Nobody was refused under this reference in the last 28 days, or the scanner has not sent it yet.")
    fieldsets = (
        (None, {"fields": ("reference_shown", "at", "venue", "scanner", "seq")}),
        (pgettext_lazy("refusal", "Why"), {"fields": ("short", "means", "can")}),
    )

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By the whole reference, so that the index finds it."""
        return (queryset.filter(reference=normalised(search_term)) if search_term.strip() else queryset), False

    @display(description=_("reference"))
    def reference_shown(self, refusal: Refusal) -> str:
        return refusal.reference_shown

    @display(description=_("why"))
    def short(self, refusal: Refusal) -> str:
        return str(why.of(refusal).short)

    @display(description=_("what it means"))
    def means(self, refusal: Refusal) -> str:
        return str(why.of(refusal).means)

    @display(description=_("what the guest can do"))
    def can(self, refusal: Refusal) -> str:
        return str(why.of(refusal).can)


@admin.register(Undone)
class UndoneAdmin(ReadOnlyAdmin):
    """Evidence that a door took a scan back."""

    region_path = "scanner__venue__region"
    list_display = ("received_at", "venue", "scanner", "seq", "at", said, "method", "direction", "people", "taken")
    list_display_links = None
    list_select_related = ("scanner__venue",)
    ordering = ("-received_at",)
    sortable_by = ()
    when_empty = _("No door has taken back a scan in the last 28 days.")

    @display(description=_("venue"))
    def venue(self, undone: Undone) -> str:
        return str(undone.scanner.venue)


@admin.register(Destruction)
class DestructionAdmin(ReadOnlyAdmin):
    when_empty = _("No day was destroyed yet. Entries are kept for 28 days.")
    list_display = ("day", "done_at", "cause", "counted", "size_shown", "key_fingerprint")
    list_display_links = ("day",)
    sortable_by = ()
    fieldsets = (
        (None, {"fields": ("day", "cause", ("counted", "size_shown"), "key_fingerprint")}),
        (_("Steps"), {"fields": ("intended_at", "key_deleted_at", "detached_at", "dropped_at", "done_at")}),
    )

    @display(description=_("size"))
    def size_shown(self, end: Destruction) -> str:
        return "" if end.size is None else filesizeformat(end.size)
