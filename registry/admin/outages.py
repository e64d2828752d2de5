"""Outages of the phone check: seen, declared, closed; and the rule by which one opens by itself."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from registry.admin.desk import DeskAdmin, MomentInput, ReadOnlyAdmin, clerk, evidence, posted
from registry.callers import client_address
from registry.models import Outage, OutageRule
from registry.reverification import arrivals, outages


class OpenForm(forms.Form):
    began_at = forms.SplitDateTimeField(
        label=_("Began at"), widget=MomentInput, help_text=_("As far as is known. Seoul time.")
    )
    cause = forms.CharField(
        label=_("Why it is declared"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text=_("For the desk and the access log. The public page does not show it."),
    )


class CloseForm(forms.Form):
    note = forms.CharField(
        label=_("What was found"),
        max_length=2000,
        widget=UnfoldAdminTextareaWidget({"rows": 4, "autofocus": True}),
        help_text=_("For the desk and the access log. The public page does not show it."),
    )


@admin.register(Outage)
class OutageAdmin(ReadOnlyAdmin):
    of_the_country = True
    when_empty = _("No outage so far. One is declared here, or opens by itself by the rule.")
    list_display = ("began_at", "state", "opened_at", "opener", "closed_at", "moved")
    list_display_links = ("began_at",)
    list_select_related = ("opened_by",)
    ordering = ("-opened_at",)
    sortable_by = ()
    actions_list = ("open_outage", "change_rule")
    actions_detail = ("close_outage",)
    fieldsets = (
        (None, {"fields": (("state_in_words", "statement"), "why", ("began_at", "opened_at"), "opener")}),
        (_("End"), {"fields": (("closed_at", "closed_by"), "note", "moved")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outage]:
        return super().get_queryset(request).prefetch_related("spreadings")

    def page_of(self, obj: Any) -> str:
        return super().page_of(obj) if obj.pk else reverse("admin:registry_outage_changelist")

    @display(description=_("state"), label={"open": "danger", "closed": "success"})
    def state(self, outage: Outage) -> tuple[str, Any]:
        return ("open", _("Going on")) if outage.is_open else ("closed", _("Over"))

    @display(description=_("state"))
    def state_in_words(self, outage: Outage) -> Any:
        return self.state(outage)[1]

    @display(description=_("declared by"))
    def opener(self, outage: Outage) -> str:
        return str(outage.opened_by) if outage.opened_by else gettext("by itself")

    @display(description=_("why it was declared"))
    def why(self, outage: Outage) -> str:
        return arrivals.in_words(outage.measured) if outage.measured else outage.cause

    @display(description=_("due dates moved"))
    def moved(self, outage: Outage) -> str:
        if outage.is_open:
            return gettext("after it is closed")
        total, done = 0, 0
        for one in outage.spreadings.all():
            total, done = total + one.total, done + one.moved
            if one.plan is None:
                return gettext("being counted")
            if one.done_at is None:
                return gettext("{done} of {total} people so far").format(done=f"{done:,}", total=f"{total:,}")
        return ngettext("{n} person", "{n} people", done).format(n=f"{done:,}")

    @display(description=_("statement for venues"))
    def statement(self, outage: Outage) -> str:
        address = reverse("outage", args=[outage.pk])
        return format_html('<a class="text-link" href="{}">{}</a>', address, gettext("Show and print"))

    def has_open_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "registry.add_outage")

    def get_actions_list(self, request: HttpRequest) -> list[Any]:
        """None is declared while one is open."""
        deeds = super().get_actions_list(request)
        going_on = Outage.objects.open().exists()
        return [deed for deed in deeds if not (going_on and deed.method.__name__ == "open_outage")]

    def has_rule_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("registry.view_outagerule")

    def has_close_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self.may(request, "registry.change_outage")

    def offers(self, deed: str, row: Outage) -> bool:
        return row.is_open

    @action(description=_("Declare an outage"), icon="crisis_alert", permissions=["open"], url_path="open")
    def open_outage(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        form = OpenForm(posted(request), initial={"began_at": timezone.localtime(now).replace(second=0)})
        return self.ask(
            request,
            Outage(),
            form,
            title=_("Declare an outage of phone checks"),
            text=_(
                "Until it is closed, nobody’s pass ends because a phone number could not be checked, the pages say so, "
                "and no reminders to check are sent."
            ),
            button=_("Declare"),
            do=lambda values: self._open(request, values["began_at"], values["cause"], now),
            done=_("The outage is declared."),
        )

    def _open(self, request: HttpRequest, began_at: datetime, cause: str, now: datetime) -> HttpResponse:
        outage = outages.open_(began_at=began_at, cause=cause, now=now, **evidence(request))
        return HttpResponseRedirect(self.page_of(outage))

    @action(description=_("Rule"), icon="tune", permissions=["rule"], url_path="rule")
    def change_rule(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:registry_outagerule_change", args=[1]))

    @action(description=_("Close the outage"), icon="check_circle", permissions=["close"], url_path="close")
    def close_outage(self, request: HttpRequest, object_id: str) -> HttpResponse:
        outage = self.fetch(request, object_id)
        return self.ask(
            request,
            outage,
            CloseForm(posted(request)),
            title=_("Close the outage"),
            text=_(
                "Phone numbers can be checked again. The due dates that fell into the outage are spread over the next "
                "days in the background; until that is done no pass ends for it."
            ),
            button=_("Close the outage"),
            do=lambda values: outages.close(  # type: ignore[func-returns-value]
                outage, note=values["note"], now=timezone.now(), **evidence(request)
            ),
            done=_("The outage is closed. Due dates are being moved."),
        )


@admin.register(OutageRule)
class OutageRuleAdmin(DeskAdmin):
    """One row; its list leads to it."""

    of_the_country = True
    fieldsets = (
        (
            None,
            {
                "fields": ("enabled", "share", "minutes", "least"),
                "description": _(
                    "An outage also opens when codes are sent but hardly anybody gives one back: a fifth of the share, "
                    "counted by address. It never closes by itself."
                ),
            },
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return self.to_only_row(request)

    def save_model(self, request: HttpRequest, obj: OutageRule, form: Any, change: bool) -> None:
        outages.change_rule(obj, by=clerk(request), address=client_address(request))

    def response_post_save_change(self, request: HttpRequest, obj: OutageRule) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:registry_outage_changelist"))
