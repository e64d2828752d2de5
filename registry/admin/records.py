"""Pass records: added by kind with that kind's fields alone, corrected with a history, revoked with a reason."""

import copy
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from registry.admin.desk import DeskAdmin, HistoryAdmin, ReasonForm, evidence
from registry.admin.people import is_uuid
from registry.citizens import people, record_rules, records
from registry.errors import DomainError
from registry.models import Citizen, PassRecord, Vaccine

Kind = PassRecord.Kind
OF_KIND = {  # the fields that a kind has beyond the common ones
    Kind.VACCINATION: ("day", "vaccine", "dose"),
    Kind.PCR_NEGATIVE: ("result_at",),
    Kind.RECOVERY: ("day",),
    Kind.EXEMPTION: ("day", "immunodeficiency"),
}
EMPTY: dict[str, Any] = {"day": None, "vaccine": None, "dose": None, "result_at": None, "immunodeficiency": False}


class RecordForm(forms.ModelForm):
    """One fact about one person. What its kind does not have is emptied, what it needs is asked for."""

    class Meta:
        model = PassRecord
        fields = (
            "citizen", "kind", "day", "vaccine", "dose", "result_at", "immunodeficiency", "issuer",
            "certificate_number",
        )  # fmt: skip
        widgets = {"citizen": forms.HiddenInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:  # so that the page names the person whose record it will be
            self.instance.citizen_id = self.data.get("citizen") or self.initial.get("citizen")
        if "day" in self.fields:
            self.fields["day"].required = False
            self.fields["kind"].choices = Kind.choices  # type: ignore[attr-defined]
            if self.instance._state.adding:
                self.fields["kind"].initial = Kind.VACCINATION

    def clean_dose(self) -> int | None:
        dose = self.cleaned_data["dose"]
        if dose is not None:
            self._ask("dose", record_rules.check_dose_number, dose)
        return dose

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind = cleaned.get("kind")
        if kind not in OF_KIND:
            return cleaned
        for name in EMPTY.keys() - set(OF_KIND[kind]):
            cleaned[name] = EMPTY[name]
            self.errors.pop(name, None)
        self._require(cleaned, OF_KIND[kind])
        if kind == Kind.PCR_NEGATIVE and cleaned.get("result_at"):
            cleaned["day"] = timezone.localtime(cleaned["result_at"]).date()
        self._check_times(kind, cleaned)
        return cleaned

    def _require(self, cleaned: dict[str, Any], names: tuple[str, ...]) -> None:
        texts = {
            "day": _("Please enter the day."),
            "vaccine": _("Please choose the vaccine."),
            "dose": _("Please enter which dose it was: 1, 2, 3 …"),
            "result_at": _("Please enter day and time of the result."),
        }
        for name in names:
            if name in texts and cleaned.get(name) is None and name not in self.errors:
                self.add_error(name, texts[name])

    def _check_times(self, kind: str, cleaned: dict[str, Any]) -> None:
        day, result_at, now = cleaned.get("day"), cleaned.get("result_at"), timezone.now()
        field = "result_at" if kind == Kind.PCR_NEGATIVE else "day"
        if day and self._ask(field, record_rules.check_day, kind, day, today=timezone.localdate(now)) and result_at:
            self._ask(field, record_rules.check_result, result_at, now=now)

    def _ask(self, field: str, rule: Callable[..., None], *values: Any, **more: Any) -> bool:
        """Whether a rule lets the values pass; what it says otherwise is said at the field."""
        try:
            rule(*values, **more)
        except DomainError as error:
            self.add_error(field, str(error))
            return False
        return True

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc] # Django's hook, which the stubs leave out
        if not self.errors:
            self._ask("dose", records.check_doses, self.instance)


def for_kind(*kinds: str) -> str:
    """The condition under which unfold shows a field."""
    return " || ".join(f"kind == '{kind.value}'" for kind in kinds)  # type: ignore[attr-defined]


@admin.register(PassRecord)
class PassRecordAdmin(HistoryAdmin):
    form = RecordForm
    people_path = "citizen__region"
    list_display = ("kind", "person", "day", "vaccine", "dose", "issuer", "certificate_number", "standing")
    list_select_related = ("citizen", "vaccine")
    list_filter = ("kind",)
    search_fields = ("certificate_number__exact",)
    search_help_text = _("Certificate number")
    ordering = ("-pk",)
    sortable_by = ()
    actions_detail = ("revoke",)
    readonly_fields = ("person", "standing", "revoke_reason", "created_at")
    fields = (
        "citizen", "person", "kind", "day", ("vaccine", "dose"), "result_at", "immunodeficiency",
        ("issuer", "certificate_number"),
    )  # fmt: skip
    conditional_fields = {
        "day": for_kind(Kind.VACCINATION, Kind.RECOVERY, Kind.EXEMPTION),
        "vaccine": for_kind(Kind.VACCINATION),
        "dose": for_kind(Kind.VACCINATION),
        "result_at": for_kind(Kind.PCR_NEGATIVE),
        "immunodeficiency": for_kind(Kind.EXEMPTION),
    }

    @display(description=_("person"))
    def person(self, record: PassRecord) -> str:
        if not record.citizen_id:
            return ""
        address = reverse("admin:registry_citizen_change", args=[record.citizen_id])
        return format_html('<a class="text-link" href="{}">{}</a>', address, record.citizen.masked_name)

    @display(description=_("in force"), boolean=True)
    def standing(self, record: PassRecord) -> bool:
        return record.revoked_at is None

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.fields
        closed = obj.revoked_at is not None or not self.has_change_permission(request, obj)
        shown = tuple(row for row in self.fields[1:] if self._has(obj.kind, row)) if closed else self.fields
        return (*shown, "created_at", *(("revoked_at", "revoke_reason") if obj.revoked_at else ()))

    def _has(self, kind: str, row: str | tuple[str, ...]) -> bool:
        """Whether records of a kind have the fields of a row of the page."""
        name = row if isinstance(row, str) else row[0]
        return name not in self.conditional_fields or name in OF_KIND[Kind(kind)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.readonly_fields, "revoked_at") if obj else self.readonly_fields

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Where nothing can be typed there is no kind to choose, on which the page could show or hide a field."""
        if "kind" not in context["adminform"].form.fields:
            context["adminform"].model_admin = read_only = copy.copy(self)
            read_only.conditional_fields = {}
        return super().render_change_form(request, context, *args, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A revoked record is read-only."""
        return super().has_change_permission(request, obj) and not (obj and obj.revoked_at)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """A record is added from a person's page: without a person there is nothing to add to."""
        key = (request.POST if request.method == "POST" else request.GET).get("citizen", "")
        if not self.has_add_permission(request):
            raise PermissionDenied
        if not key:
            return HttpResponseRedirect(reverse("admin:registry_citizen_changelist"))
        citizen = self._citizen(request, key)
        title = _("Add a pass record: {name}").format(name=citizen.masked_name)
        return super().add_view(request, form_url, (extra_context or {}) | {"title": title})

    def _citizen(self, request: HttpRequest, key: str) -> Citizen:
        desk = self.admin_site.get_model_admin(Citizen)
        found = desk.get_queryset(request).filter(pk=key).first() if is_uuid(key) else None
        if found is None:
            raise Http404
        return found

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "citizen":
            kwargs["widget"] = forms.HiddenInput()
            kwargs["queryset"] = self.admin_site.get_model_admin(Citizen).get_queryset(request)
            return db_field.formfield(**kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        if request.method == "GET":
            people.see(self.fetch(request, object_id).citizen, **evidence(request))
        return super().change_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: PassRecord, form: Any, change: bool) -> None:
        if change:
            fields = [*form.changed_data, *(["day"] if "result_at" in form.changed_data else [])]
            fields = sorted({*fields, *EMPTY} if "kind" in fields else set(fields) - {"citizen"})
            records.correct(obj, fields=fields, now=timezone.now(), **evidence(request))
        else:
            records.add(obj, **evidence(request))

    def response_post_save_add(self, request: HttpRequest, obj: PassRecord) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:registry_citizen_change", args=[obj.citizen_id]))

    def response_post_save_change(self, request: HttpRequest, obj: PassRecord) -> HttpResponseRedirect:
        return self.response_post_save_add(request, obj)

    def has_revoke_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self.has_change_permission(request)

    def offers(self, deed: str, row: PassRecord) -> bool:
        return row.revoked_at is None

    @action(description=_("Revoke the record"), icon="block", permissions=["revoke"])
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        record = self.fetch(request, object_id)
        return self.ask(
            request,
            record,
            ReasonForm(request.POST or None),
            title=_("Revoke the record"),
            text=_("It no longer counts, for good, and the passes made with it end at the doors."),
            button=_("Revoke the record"),
            do=lambda values: records.revoke(record, reason=values["reason"], now=timezone.now(), **evidence(request)),  # type: ignore[func-returns-value]
            done=_("The record is revoked."),
        )


@admin.register(Vaccine)
class VaccineAdmin(DeskAdmin):
    list_display = ("code", "name_ko", "name_en", "primary_doses")
    ordering = ("code",)
    sortable_by = ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("code",) if obj else ()
