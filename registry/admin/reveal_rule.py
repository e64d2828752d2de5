"""How many personal fields a clerk may have shown."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from registry.admin.desk import DeskAdmin, evidence
from registry.citizens import revealing
from registry.models import RevealRule


@admin.register(RevealRule)
class RevealRuleAdmin(DeskAdmin):
    """One row; its list leads to it."""

    of_the_country = True
    fieldsets = (
        (
            None,
            {
                "fields": ("an_hour", "a_day"),
                "description": _(
                    "How many personal fields one clerk may have shown in clear. Whoever wants more is told when the "
                    "next is possible, and the try is in the access log."
                ),
            },
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return self.to_only_row(request)

    def save_model(self, request: HttpRequest, obj: RevealRule, form: Any, change: bool) -> None:
        revealing.change_rule(obj, **evidence(request))
