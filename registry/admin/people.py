"""The people desk: found by number or by name and birth date, shown masked, revealed for a reason."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from registry.admin import meanings
from registry.admin.counter import AtTheCounter
from registry.admin.desk import DayInput, DeskAdmin, clerk, evidence, once
from registry.admin.erasing import Erasing
from registry.admin.looking import Looking, block_link
from registry.admin.merging import Merging
from registry.admin.regions import RegionField, check_region
from registry.citizens import people
from registry.errors import DomainError
from registry.models import Citizen, Device, PassRecord
from registry.phone import safe_numbers

EARLIEST_BIRTH = date(1900, 1, 1)


class PersonForm(forms.ModelForm):
    """Adding asks for everything; correcting shows nothing and keeps what is left empty."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        help_text=_("Latin names as in the passport, family name first: DOE JANE."),
    )
    birth_date = forms.DateField(label=_("Birth date"), widget=DayInput)
    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=20,
        required=False,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off", "inputmode": "tel"}),
        help_text=_("Example: 010-0000-1234. A pass on a phone needs one."),
    )
    remove_phone = forms.BooleanField(label=_("Remove the number from the record"), required=False)
    region = RegionField(required=False)

    class Meta:
        model = Citizen
        fields = ("region",)

    watched = {"birth_date": "birth"}
    masked = frozenset({"name", "birth_date", "phone"})
    user: Any  # the clerk, set by the admin

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = None if self.instance._state.adding else self.instance
        if not self.known:
            self.fields.pop("remove_phone", None)
            return
        keep = gettext("Empty: stays as it is.")
        for name in ("name", "birth_date", "phone"):
            if name in self.fields:
                self.fields[name].required = False
                self.fields[name].help_text = keep

    def clean_birth_date(self) -> date | None:
        born = self.cleaned_data["birth_date"]
        if born and not EARLIEST_BIRTH <= born <= timezone.localdate():
            raise forms.ValidationError(_("A birth date lies between 1900 and today."))
        return born

    def clean_phone(self) -> str | None:
        text = self.cleaned_data["phone"]
        try:
            return people.korean_mobile(text).as_e164 if text else None
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_region(self) -> str:
        if self.known and not self.known.region and not self.cleaned_data["region"]:
            return ""  # came by phone, and stays every registrar's
        return check_region(self.cleaned_data["region"], self.user, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("remove_phone") and cleaned.get("phone"):
            self.add_error("remove_phone", _("Either remove the number or enter a new one."))
        if not self.errors:
            self._take(cleaned)
            if people.known(self.instance):
                raise forms.ValidationError(str(people.AlreadyKnown()), code="already_known")
        return cleaned

    def _take(self, cleaned: dict[str, Any]) -> None:
        """Put the personal values on the instance and note in `corrected` which fields differ from before."""
        person = self.instance
        new = {
            "name": " ".join((cleaned["name"] or person.name).split()),
            "birth": cleaned["birth_date"].isoformat() if cleaned["birth_date"] else person.birth,
            "phone": None if cleaned.get("remove_phone") else cleaned["phone"] or person.phone,
        }
        self.corrected = [name for name, value in new.items() if getattr(person, name) != value]
        if "region" in self.changed_data:
            self.corrected.append("region")
        for name, value in new.items():
            setattr(person, name, value)


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


class RecordInline(TabularInline):
    """What is on file; each row leads to its page."""

    model = PassRecord
    template = "admin/components/told_inline.html"
    when_empty = _("No pass record yet. “Add a pass record” above puts one on file; imports and labs bring more.")
    fields = readonly_fields = ("link", "day", "vaccine", "dose", "counts", "issuer", "certificate_number")
    extra = max_num = 0
    can_delete = False
    hide_title = True
    verbose_name_plural = _("Pass records")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("vaccine").order_by("-day", "-pk")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @display(description=_("Kind"))
    def link(self, record: PassRecord) -> str:
        address = reverse("admin:registry_passrecord_change", args=[record.pk])
        return format_html('<a class="text-link" href="{}">{}</a>', address, record.get_kind_display())

    @display(description=_("today"))
    def counts(self, record: PassRecord) -> str:
        return meanings.of_record_now(record, timezone.localdate())


class DeviceInline(TabularInline):
    model = Device
    template = "admin/components/told_inline.html"
    when_empty = _(
        "No phone holds the pass yet. It comes once the person has proven the number on the wallet page. Without a "
        "smartphone there is a paper pass at the counter."
    )
    fields = readonly_fields = ("where", "created_at", "seen_at", "ended_at", "block")
    extra = max_num = 0
    can_delete = False
    hide_title = True
    ordering = ("-created_at",)
    verbose_name_plural = _("Phones that hold the pass")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Device]:
        return super().get_queryset(request).select_related("partner")

    @display(description=_("carried in"))
    def where(self, device: Device) -> str:
        return device.partner.name if device.partner else gettext("our own wallet")

    @display(description=_("Lost?"))
    def block(self, device: Device) -> str:
        if device.ended_at:
            return "–"
        return format_html('<a class="text-link" href="{}">{}</a>', block_link(device), gettext("Block the phone"))

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("registry.view_citizen")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Citizen)
class CitizenAdmin(AtTheCounter, Looking, Merging, Erasing, DeskAdmin):
    form = PersonForm
    people_path = "region"
    list_display = ("masked_name", "birth_year", "masked_phone", "district", "due_on", "created_at")
    when_empty = _("Nobody is on record yet. Add a person, or import a file of records.")
    list_display_links = ("masked_name",)
    ordering = ("-created_at",)
    sortable_by = ()
    inlines = (RecordInline, DeviceInline)
    actions_detail = (
        "add_record",
        "timeline",
        {"title": _("Show"), "icon": "visibility", "items": Looking.fields_shown},
        {"title": _("At the counter"), "icon": "badge", "items": AtTheCounter.deeds},
        {"title": _("More"), "icon": "more_horiz", "items": ("merge", "part", "erase")},
    )
    list_before_template = "admin/registry/citizen/search.html"
    readonly_fields = (
        *("masked_name", "birth_year", "masked_phone", "means", "phone_since", "verified_at", "due_on", "created_at"),
        *("safe_number", "paper", "family"),
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    *("means", ("masked_name", "birth_year"), ("masked_phone", "phone_since")),
                    *(("verified_at", "due_on"), ("safe_number", "paper"), "family"),
                )
            },
        ),
        (_("Correct"), {"fields": ("name", "birth_date", ("phone", "remove_phone"), "region")}),
    )
    add_fieldsets = ((None, {"fields": ("name", "birth_date", "phone", "region")}),)

    @display(description=_("name"))
    def masked_name(self, citizen: Citizen) -> str:
        return citizen.masked_name

    @display(description=_("born in"))
    def birth_year(self, citizen: Citizen) -> str:
        return citizen.birth[:4]

    @display(description=_("phone"))
    def masked_phone(self, citizen: Citizen) -> str:
        return citizen.masked_phone

    @display(description=_("what the records mean"))
    @once
    def means(self, citizen: Citizen) -> str:
        return meanings.of_person(citizen, timezone.localdate())

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form, knowing whose it is; the personal fields are the form's own, not the model's."""
        form = super().get_form(request, obj, change, **kwargs | {"fields": ("region",)})
        return type(form.__name__, (form,), {"user": clerk(request)})

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        sets = super().get_fieldsets(request, obj)
        return sets if not obj or self.has_change_permission(request, obj) else sets[:1]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"region": clerk(request).region} if len(clerk(request).region) == 5 else {}

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        found = getattr(request, "found", None)
        return rows.filter(pk__in=[key for key in found if is_uuid(key)]) if found else rows

    def get_urls(self) -> list[Any]:
        search = self.admin_site.admin_view(self.search)
        return [
            path("search/", search, name="registry_citizen_search"),
            *self.merging_urls(),
            *self.looking_urls(),
            *super().get_urls(),
        ]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return False

    def search(self, request: HttpRequest) -> HttpResponse:
        """What is typed comes by POST and is kept nowhere; in an address, logs would keep it. Where nothing is found
        the list stands here, and its further pages, or the other language, are the list's."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            page = request.GET.get("p", "")
            there = reverse("admin:registry_citizen_changelist")
            return HttpResponseRedirect(f"{there}?p={page}" if page.isdecimal() else there)
        text = request.POST.get("text", "")
        if safe := safe_numbers.typed(text):
            return self.open_safe_number(request, safe)
        try:
            found = people.search(text, **evidence(request))
        except DomainError as error:
            return self.changelist_view(request, {"typed": text, "search_error": str(error)})
        if not found:
            nobody = _("Nobody found. Please check the number, or the name and the birth date.")
            return self.changelist_view(request, {"typed": text, "search_error": nobody})
        return self.lead_to(found)

    def lead_to(self, found: list[Citizen]) -> HttpResponse:
        """To the person, or to the list of those who fit."""
        back = reverse("admin:registry_citizen_changelist")
        if len(found) == 1:
            return HttpResponseRedirect(self.page_of(found[0]))
        return HttpResponseRedirect(back + "?" + "&".join(f"found={citizen.pk}" for citizen in found))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        query = request.GET.copy()
        found = query.pop("found", None)
        request.GET, request.found = query, found  # type: ignore[attr-defined, assignment]
        return super().changelist_view(request, (extra_context or {}) | {"narrowed": bool(found)})

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        if request.method == "GET":
            people.see(self.fetch(request, object_id), **evidence(request))
        return super().change_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Citizen, form: Any, change: bool) -> None:
        if not change:
            people.add(obj, **evidence(request))
        elif form.corrected:
            people.correct(obj, fields=form.corrected, now=timezone.now(), **evidence(request))

    def response_post_save_add(self, request: HttpRequest, obj: Citizen) -> HttpResponseRedirect:
        """To the person's page: the next thing is a record, or a look whether the correction is right."""
        return HttpResponseRedirect(self.page_of(obj))

    response_post_save_change = response_post_save_add

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        return [{"added": {}}] if add else [{"changed": {"fields": self.names_of(form, sorted(form.corrected))}}]

    def has_add_record_permission(self, request: HttpRequest, object_id: str) -> bool:
        return request.user.has_perm("registry.add_passrecord")

    @action(description=_("Add a pass record"), icon="add", permissions=["add_record"])
    def add_record(self, request: HttpRequest, object_id: str) -> HttpResponse:
        citizen = self.fetch(request, object_id)
        return HttpResponseRedirect(reverse("admin:registry_passrecord_add") + f"?citizen={citizen.pk}")
