"""Pass records: added by kind with that kind's fields alone, corrected with a history, revoked with a reason."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from registry.admin import meanings
from registry.admin.desk import DeskAdmin, HistoryAdmin, ReasonForm, evidence, once, posted
from registry.admin.people import is_uuid
from registry.admin.record_form import EMPTY, OF_KIND, Kind, RecordForm
from registry.citizens import people, records
from registry.models import Citizen, PassRecord, Vaccine


@admin.register(PassRecord)
class PassRecordAdmin(HistoryAdmin):
    form = RecordForm
    people_path = "region"
    list_display = ("kind", "person", "day", "vaccine", "dose", "issuer", "certificate_number", "standing")
    when_empty = _("No record yet. Add one on a person's page, or import a file.")
    list_select_related = ("citizen", "vaccine")
    list_filter = ("kind",)
    search_fields = ("certificate_number__exact",)
    search_help_text = _("Certificate number")
    ordering = ("-pk",)
    sortable_by = ()
    actions_detail = ("revoke",)
    readonly_fields = ("person", "means", "standing", "revoke_reason", "created_at")
    change_form_outer_before_template = "admin/registry/passrecord/kinds.html"
    fields = (
        ("citizen", "kind"), "person", "means", "day", ("vaccine", "dose"), "result_at", "immunodeficiency",
        ("issuer", "certificate_number"),
    )  # fmt: skip

    def hold(self, key: Any) -> None:
        Citizen.objects.filter(records=key).hold()
        super().hold(key)

    @display(description=_("person"))
    def person(self, record: PassRecord) -> str:
        if not record.citizen_id:
            return ""
        address = reverse("admin:registry_citizen_change", args=[record.citizen_id])
        return format_html('<a class="text-link" href="{}">{}</a>', address, record.citizen.masked_name)

    @display(description=_("in force"), boolean=True)
    def standing(self, record: PassRecord) -> bool:
        return record.revoked_at is None

    @display(description=_("what it means"))
    @once
    def means(self, record: PassRecord) -> str:
        return meanings.of_record(record, timezone.localdate())

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Those of the kind. Where nothing can be typed the kind is shown as one of them."""
        if obj is None:
            return tuple(row for row in self.fields if row != "means" and self._has(self._kind(request, None), row))
        closed = obj.revoked_at is not None or not self.has_change_permission(request, obj)
        kind = Kind(obj.kind) if closed else self._kind(request, obj)
        shown = tuple(row for row in self.fields if self._has(kind, row))
        ended = ("revoked_at", "revoke_reason") if obj.revoked_at else ()
        return (*(("kind", *shown[1:]) if closed else shown), "created_at", *ended)

    def _kind(self, request: HttpRequest, obj: Any) -> PassRecord.Kind:
        """Which kind the page is for: chosen at its head, else the record's own."""
        chosen = request.POST.get("kind") or request.GET.get("kind") or (obj.kind if obj else "")
        return Kind(chosen) if chosen in Kind.values else Kind.VACCINATION

    def _has(self, kind: PassRecord.Kind, row: str | tuple[str, ...]) -> bool:
        """Whether records of a kind have the fields of a row of the page."""
        name = row if isinstance(row, str) else row[0]
        return name not in EMPTY or name in OF_KIND[kind]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return super().get_changeform_initial_data(request) | {"kind": self._kind(request, None).value}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.readonly_fields, "revoked_at") if obj else self.readonly_fields

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form of the kind that was chosen, which an existing record takes on when it is saved."""
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"chosen": self._kind(request, obj)})

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """With the kinds to choose from; each is a page, so that it needs no script."""
        form = context["adminform"].form
        if "kind" in form.fields:
            query = {"citizen": str(form.instance.citizen_id)} if form.instance._state.adding else {}
            context["kinds"] = [
                ("?" + urlencode(query | {"kind": one.value}), one.label, one == form.chosen) for one in Kind
            ]
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
        record = self.fetch(request, object_id)
        if request.method == "GET":
            people.see(record.citizen, **evidence(request))
        elif record.revoked_at:  # by another clerk, while this one was typing
            messages.error(request, str(records.AlreadyRevoked()))
            return HttpResponseRedirect(self.page_of(record))
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
            ReasonForm(posted(request)),
            title=_("Revoke the record"),
            text=_("It no longer counts, for good, and the passes made with it end at the doors."),
            button=_("Revoke the record"),
            do=lambda values: records.revoke(record, reason=values["reason"], now=timezone.now(), **evidence(request)),  # type: ignore[func-returns-value]
            done=_("The record is revoked."),
        )


@admin.register(Vaccine)
class VaccineAdmin(DeskAdmin):
    of_the_country = True
    list_display = ("code", "name_ko", "name_en", "primary_doses", "interval_days", "booster_days")
    when_empty = _("No vaccine yet. Add one: records of vaccinations name it.")
    ordering = ("code",)
    sortable_by = ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("code",) if obj else ()
