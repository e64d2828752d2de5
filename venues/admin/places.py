"""The venue desk: operators, their staff and venues, the scanners at the doors, and what each category asks for."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import TabularInline
from unfold.decorators import action, display

from registry import audit, regions
from registry.admin.bulk import ask_for_all
from registry.admin.desk import DeskAdmin, HistoryAdmin, ReadOnlyAdmin, ReasonForm, clerk, evidence, posted
from registry.admin.regions import RegionField, check_region
from registry.models import Tag
from venues import onboarding, scanners
from venues.admin import deeds
from venues.models import Category, Operator, Scanner, Staff, Venue


@admin.register(Category)
class CategoryAdmin(DeskAdmin):
    of_the_country = True
    list_display = ("code", "name_ko", "name_en", "stay", "position")
    when_empty = _("No category yet. They are loaded by manage.py seed.")
    sortable_by = ()
    fields = ("code", "name_ko", "name_en", "position", "stay")
    readonly_fields = ("code",)

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.changed_data:
            audit.record(Tag.CATEGORY_CHANGED, target=obj, fields=sorted(form.changed_data), **evidence(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # the 17 categories are the rules' own; they come with the seed


class StaffInline(TabularInline):
    model = Staff
    fields = ("user", "role")
    autocomplete_fields = ("user",)
    extra = 0
    hide_title = True


class VenueInline(TabularInline):
    model = Venue
    fields = readonly_fields = ("link", "category", "district", "status")
    extra = max_num = 0
    can_delete = False
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("category").in_region(clerk(request).region)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @display(description=_("region"))
    def district(self, venue: Venue) -> str:
        return regions.called(venue.region)

    @display(description=_("name"))
    def link(self, venue: Venue) -> str:
        return format_html(
            '<a class="text-link" href="{}">{}</a>', reverse("admin:venues_venue_change", args=[venue.pk]), venue.name
        )


class OperatorForm(forms.ModelForm):
    class Meta:
        model = Operator
        fields = ("name", "business_number")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "business_number" in self.fields:
            self.initial["business_number"] = self.instance.written_number


@admin.register(Operator)
class OperatorAdmin(HistoryAdmin):
    form = OperatorForm
    list_display = ("name", "number", "created_at")
    when_empty = _("No operator yet. They come with approved applications, or add one.")
    search_fields = ("name__startswith", "business_number__exact")
    search_help_text = _("Beginning of the name, or the business number (ten digits)")
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("name", "business_number")
    inlines = (StaffInline, VenueInline)

    def get_queryset(self, request: HttpRequest) -> Any:
        """A region's clerk sees operators with a venue there, and those that have none anywhere yet."""
        rows: Any = super().get_queryset(request)
        return rows.in_region(clerk(request).region)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        staff = any(formset.has_changed() for formset in formsets)
        fields = sorted(form.changed_data) + (["staff"] if staff else [])
        if not change or fields:
            tag = Tag.OPERATOR_EDITED if change else Tag.OPERATOR_ADDED
            audit.record(tag, target=form.instance, fields=fields, **evidence(request))

    @display(description=_("business registration number"))
    def number(self, operator: Operator) -> str:
        return operator.written_number or "–"

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else self.inlines[:1]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A region's clerk changes no operator who has venues elsewhere: its staff run all of them."""
        allowed = super().has_change_permission(request, obj)
        if obj is None or not clerk(request).region:
            return allowed
        return allowed and not obj.venues.exclude(region__startswith=clerk(request).region).exists()


class VenueForm(forms.ModelForm):
    region = RegionField()
    user: Any

    class Meta:
        model = Venue
        fields = ("operator", "name", "category", "region", "address")

    def clean_region(self) -> str:
        return check_region(self.cleaned_data["region"], self.user, required=True)


class ScannerInline(TabularInline):
    model = Scanner
    fields = readonly_fields = ("link", "paired_at", "seen_at", "revoked_at")
    extra = max_num = 0
    can_delete = False
    hide_title = True
    ordering = ("-paired_at",)
    template = "admin/components/told_inline.html"
    when_empty = _("No scanner is paired here yet. The owner pairs one in the portal, by a code that is good once.")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).devices()

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @display(description=_("name"))
    def link(self, scanner: Scanner) -> str:
        return format_html(
            '<a class="text-link" href="{}">{}</a>',
            reverse("admin:venues_scanner_change", args=[scanner.pk]),
            scanner.name,
        )


@admin.register(Venue)
class VenueAdmin(HistoryAdmin):
    form = VenueForm
    region_path = "region"
    list_display = ("name", "category", "operator", "district", "state", "created_at")
    when_empty = _("No venue yet. They come with approved applications, or add one.")
    list_select_related = ("category", "operator")
    list_filter = ("status", "category")
    search_fields = ("name__startswith",)
    search_help_text = _("Beginning of the name")
    ordering = ("-pk",)
    sortable_by = ()
    autocomplete_fields = ("operator",)
    fields = ("operator", "name", "category", "region", "address")
    inlines = (ScannerInline,)
    actions_detail = ("entries", "deeds", "suspend", "reopen")
    actions = ("suspend_all",)

    @display(description=_("status"), label={"open": "success", "suspended": "danger"})
    def state(self, venue: Venue) -> tuple[str, Any]:
        return venue.status, venue.get_status_display()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.fields, "status", "created_at") if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("status", "created_at")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"user": clerk(request)})

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()

    def has_suspend_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self.has_change_permission(request)

    has_reopen_permission = has_suspend_permission

    def offers(self, deed: str, row: Venue) -> bool:
        when = {"suspend": Venue.Status.OPEN, "reopen": Venue.Status.SUSPENDED}
        return row.status == when.get(deed, row.status)

    def has_entries_permission(self, request: HttpRequest, object_id: str) -> bool:
        return request.user.has_perm("checkins.view_entry")

    @action(description=_("Entries"), icon="door_open", permissions=["entries"])
    def entries(self, request: HttpRequest, object_id: str) -> HttpResponse:
        venue = self.fetch(request, object_id)
        return HttpResponseRedirect(reverse("admin:checkins_entry_changelist") + f"?venue={venue.pk}")

    def has_deeds_permission(self, request: HttpRequest, object_id: str) -> bool:
        return request.user.has_perm("venues.change_venue")

    @action(description=_("What was done"), icon="history", permissions=["deeds"])
    def deeds(self, request: HttpRequest, object_id: str) -> HttpResponse:
        venue = self.fetch(request, object_id)
        return deeds.page(request, venue, self.page_of(venue))

    def has_suspend_all_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    @action(description=_("Suspend the chosen"), permissions=["suspend_all"])
    def suspend_all(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return ask_for_all(
            self,
            request,
            queryset,
            ReasonForm,
            deed="suspend_all",
            title=_("Suspend the chosen venues"),
            text=_("No scanner can be paired with them until a clerk lifts this."),
            button=_("Suspend all"),
            do=lambda venue, values: onboarding.suspend(venue, reason=values["reason"], **evidence(request)),
            done=lambda number: ngettext("{n} suspended.", "{n} suspended.", number).format(n=number),
        )

    def save_model(self, request: HttpRequest, obj: Venue, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change or form.changed_data:
            tag = Tag.VENUE_EDITED if change else Tag.VENUE_ADDED
            audit.record(tag, target=obj, fields=sorted(form.changed_data), **evidence(request))

    @action(description=_("Suspend"), icon="block", permissions=["suspend"])
    def suspend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        venue = self.fetch(request, object_id)
        return self.ask(
            request,
            venue,
            ReasonForm(posted(request)),
            title=_("Suspend the venue"),
            text=_("No scanner can be paired with it until a clerk lifts this."),
            button=_("Suspend"),
            do=lambda values: onboarding.suspend(venue, reason=values["reason"], **evidence(request)),  # type: ignore[func-returns-value]
            done=_("The venue is suspended."),
        )

    @action(description=_("Reopen"), icon="lock_open", permissions=["reopen"])
    def reopen(self, request: HttpRequest, object_id: str) -> HttpResponse:
        venue = self.fetch(request, object_id)
        return self.ask(
            request,
            venue,
            ReasonForm(posted(request)),
            title=_("Reopen the venue"),
            text=_("The suspension is lifted at once."),
            button=_("Reopen"),
            do=lambda values: onboarding.reopen(venue, reason=values["reason"], **evidence(request)),  # type: ignore[func-returns-value]
            done=_("The venue is open again."),
        )


@admin.register(Scanner)
class ScannerAdmin(ReadOnlyAdmin):
    """Paired by the owner, revoked by either; nothing else changes on it."""

    region_path = "venue__region"
    list_display = ("name", "venue", "paired_at", "seen_at", "standing")
    list_select_related = ("venue",)
    search_fields = ("venue__name__startswith",)
    search_help_text = _("Beginning of the venue's name")
    when_empty = _("No scanner yet. Owners pair them in the portal.")
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("name", "venue", "paired_at", "paired_by", "seen_at", "revoked_at", "gaps")
    actions_detail = ("revoke",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(by_hand=False)

    @display(description=_("status"), label={"paired": "success", "revoked": "danger"})
    def standing(self, scanner: Scanner) -> tuple[str, Any]:
        return ("revoked", _("Revoked")) if scanner.revoked_at else ("paired", _("Paired"))

    @display(description=_("sequence numbers received"))
    def gaps(self, scanner: Scanner) -> str:
        return ", ".join(f"{span.lower}–{span.upper - 1}" for span in scanner.received) or "–"

    def has_revoke_permission(self, request: HttpRequest, object_id: str) -> bool:
        return request.user.has_perm("venues.change_scanner")

    def offers(self, deed: str, row: Scanner) -> bool:
        return row.revoked_at is None

    @action(description=_("Revoke"), icon="block", permissions=["revoke"])
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        scanner = self.fetch(request, object_id)
        return self.ask(
            request,
            scanner,
            ReasonForm(posted(request)),
            title=_("Revoke the scanner"),
            text=_("What it scans from now on is refused. The door needs a new pairing."),
            button=_("Revoke"),
            do=lambda values: scanners.revoke(  # type: ignore[func-returns-value]
                scanner, reason=values["reason"], now=timezone.now(), **evidence(request)
            ),
            done=_("The scanner is revoked."),
        )
