"""Laboratories and hospitals that push records by API: added, given a key that is shown once, closed."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from registry.admin.desk import ReasonForm, evidence, posted
from registry.admin.partners import CLOSED, EVIDENCE, PartnerDesk
from registry.admin.regions import RegionField, check_region
from registry.models import Partner
from registry.partners import labs


@admin.register(Partner)
class LabAdmin(PartnerDesk):
    kind = Partner.Kind.LAB
    region_path = "region"
    key_template = "admin/registry/partner/key.html"
    when_empty = _("No lab or hospital so far. Adding one makes the key that it sends its records with.")
    list_display = ("name", "district", "daily_quota", "is_open", "key_made_at")
    actions_detail = ("renew_key", "close")
    fields: Any = ("name", "region", "daily_quota")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        shape = super().get_form(request, obj, change, **kwargs)

        def clean_region(form: Any) -> str:
            return check_region(form.cleaned_data["region"], request.user, required=False)  # type: ignore[arg-type]

        return type(shape.__name__, (shape,), {"clean_region": clean_region, "region": RegionField(required=False)})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.fields, *EVIDENCE, *(CLOSED if obj.closed_at else ())) if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Its name stands on its records."""
        return ("name", *EVIDENCE, *CLOSED) if obj else ()

    def save_model(self, request: HttpRequest, obj: Partner, form: Any, change: bool) -> None:
        if change:
            labs.change(obj, **evidence(request))
        else:
            obj.made_key = labs.add(obj, now=timezone.now(), **evidence(request))  # type: ignore[attr-defined]

    @action(description=_("New key"), icon="key", permissions=["deed"])
    def renew_key(self, request: HttpRequest, object_id: str) -> HttpResponse:
        lab = self.fetch(request, object_id)
        return self.ask(
            request,
            lab,
            ReasonForm(posted(request)),
            title=_("New key"),
            text=_("The key that the lab has now ends at once. The new one is shown once."),
            button=_("Make a new key"),
            do=lambda values: self.show_key(
                request, lab, labs.renew_key(lab, reason=values["reason"], now=timezone.now(), **evidence(request))
            ),
        )

    @action(description=_("Close"), icon="block", permissions=["deed"])
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        lab = self.fetch(request, object_id)
        return self.ask(
            request,
            lab,
            ReasonForm(posted(request)),
            title=_("Close the lab’s access"),
            text=_("Its key ends at once and for good. The records that it sent stay."),
            button=_("Close the access"),
            do=lambda values: labs.close(lab, reason=values["reason"], now=timezone.now(), **evidence(request)),  # type: ignore[func-returns-value]
            done=_("The access is closed."),
        )
