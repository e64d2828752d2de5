"""The service desk: what was sent, through whom, and who tried to prove a number. Numbers masked, texts never shown."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from registry.admin.desk import DeskAdmin, ReadOnlyAdmin
from registry.models import Message, Provider, Verification
from registry.models.people import mask_phone


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "masked_phone", "purpose", "state", "tries", "taken_at", "provider", "error")
    list_select_related = ("provider",)
    list_filter = ("status", "provider")
    ordering = ("-created_at",)
    sortable_by = ()
    fields = (
        "masked_phone", "purpose", "status", "created_at", "not_after", "next_try_at", "tries", "taken_at", "provider",
        "provider_reference", "error",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("text")

    @display(description=_("phone"))
    def masked_phone(self, message: Message) -> str:
        return mask_phone(message.phone) if message.phone else ""

    @display(
        description=_("status"),
        label={"sent": "success", "queued": "info", "sending": "info", "dropped": "warning", "failed": "danger"},
    )
    def state(self, message: Message) -> tuple[str, Any]:
        return message.status, message.get_status_display()


@admin.register(Provider)
class ProviderAdmin(DeskAdmin):
    list_display = ("name", "kind", "enabled", "weight")
    ordering = ("name",)
    sortable_by = ()


@admin.register(Verification)
class VerificationAdmin(ReadOnlyAdmin):
    list_display = ("started_at", "masked_phone", "tries_left", "confirmed_at")
    ordering = ("-started_at",)
    sortable_by = ()
    fields = ("masked_phone", "started_at", "tries_left", "confirmed_at")

    @display(description=_("phone"))
    def masked_phone(self, verification: Verification) -> str:
        return mask_phone(verification.phone)
