"""The agency's signing keys: which signs which days. Private halves are never shown; day keys stay in the vault."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from registry.admin.desk import ReadOnlyAdmin
from registry.models import SigningKey


@admin.register(SigningKey)
class SigningKeyAdmin(ReadOnlyAdmin):
    """A list without pages: all there is to know stands in the row."""

    list_display = ("name", "signs_from", "signs_until", "created_at", "withdrawn_at")
    list_display_links = None
    ordering = ("-signs_from",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("private_key")

    @display(description=_("key"))
    def name(self, key: SigningKey) -> str:
        return bytes(key.kid).hex()

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
