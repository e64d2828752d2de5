"""The service desk: who tried to prove a number. Numbers masked."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from registry.admin.desk import ReadOnlyAdmin
from registry.models import Verification
from registry.models.people import mask_phone


@admin.register(Verification)
class VerificationAdmin(ReadOnlyAdmin):
    list_display = ("started_at", "masked_phone", "partner", "tries_left", "confirmed_at")
    ordering = ("-started_at",)
    when_empty = _("No phone check in the last two days.")
    sortable_by = ()
    list_select_related = ("partner",)
    fields = ("masked_phone", "partner", "started_at", "tries_left", "confirmed_at")

    @display(description=_("phone"))
    def masked_phone(self, verification: Verification) -> str:
        return mask_phone(verification.phone) if verification.phone else "–"
