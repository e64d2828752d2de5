"""One inbox for all that needs a second person."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from registry import approvals
from registry.admin.desk import ConfirmForm, ReadOnlyAdmin, clerk, evidence, posted, told
from registry.evidence import reading
from registry.models import Approval


class GrantForm(forms.Form):
    words = forms.CharField(
        label=_("What you looked at"),
        max_length=500,
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 3, "autofocus": True}),
        help_text=_("It is kept in the access log."),
    )


class RefuseForm(forms.Form):
    words = forms.CharField(
        label=_("Why not"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget({"rows": 3, "autofocus": True}),
        help_text=_("Whoever asked reads it, and it is kept in the access log."),
    )


def open_count(request: HttpRequest) -> str:
    """How many wait for this clerk's decision, for the sidebar."""
    return told(approvals.waiting_for(clerk(request), timezone.now()))


class WhoseFilter(admin.SimpleListFilter):
    """What waits for this clerk, unless others are asked for."""

    title = _("which")
    parameter_name = "which"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", _("Asked by me")), ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:
        query = changelist.get_query_string(remove=[self.parameter_name])
        yield {"selected": self.value() is None, "query_string": query, "display": _("Wait for me")}
        yield from list(super().choices(changelist))[1:]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "all":
            return queryset
        if self.value() == "mine":
            return queryset.filter(requester=clerk(request))
        return queryset.filter(pk__in=approvals.waiting_for(clerk(request), timezone.now()).values("pk"))


@admin.register(Approval)
class ApprovalAdmin(ReadOnlyAdmin):
    list_display = ("what", "requester", "asked_at", "ends_at", "state_label", "decider")
    list_display_links = ("what",)
    list_select_related = ("requester", "decider")
    list_filter = (WhoseFilter,)
    ordering = ("asked_at",)
    sortable_by = ()
    when_empty = _("Nothing waits for a second person. What you asked for yourself comes by the filter.")
    actions_detail = ("grant", "refuse", "withdraw")
    fields = (
        *("what", "about", "reason", ("requester", "asked_at"), ("standing", "ends_at")),
        *(("decider", "decided_at"), "words"),
    )
    readonly_fields = ("what", "about", "standing")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Approval]:
        """What the clerk may decide or asked for; an auditor sees all. Of a deed that is no longer known there is
        nothing to show: what became of it stands in the access log."""
        rows = super().get_queryset(request).filter(deed__in=approvals.DEEDS)
        user = clerk(request)
        if user.has_perm("registry.view_event"):
            return rows
        deeds = [deed.name for deed in approvals.DEEDS.values() if user.has_perm(deed.permission)]
        return rows.filter(Q(deed__in=deeds) | Q(requester=user))

    @display(description=_("what is asked for"))
    def what(self, approval: Approval) -> str:
        return str(approvals.DEEDS[approval.deed].title)

    @display(description=_("about"))
    def about(self, approval: Approval) -> str:
        deed = approvals.DEEDS[approval.deed]
        words = deed.describe(approval) if deed.describe else reading.target_in_words(approval.target)
        if deed.page:
            return format_html('{} <a class="text-link" href="{}">{}</a>', words, deed.page(approval), _("Go there"))
        return str(words)

    @display(
        description=_("state"),
        label={
            "asked": "warning",
            "over": "default",
            "granted": "success",
            "refused": "danger",
            "withdrawn": "default",
        },
    )
    def state_label(self, approval: Approval) -> tuple[str, Any]:
        return ("over", _("Ended unanswered")) if approval.is_over else (approval.state, approval.get_state_display())

    @display(description=_("state"))
    def standing(self, approval: Approval) -> str:
        """The same on the page of one, where there are no labels."""
        return str(self.state_label(approval)[1])

    def offers(self, deed: str, row: Approval) -> bool:
        return row.is_open(timezone.now())

    def has_grant_permission(self, request: HttpRequest, object_id: str) -> bool:
        row = self.get_object(request, object_id)
        return row is not None and approvals.may_decide(row, clerk(request))

    has_refuse_permission = has_grant_permission

    def has_withdraw_permission(self, request: HttpRequest, object_id: str) -> bool:
        row = self.get_object(request, object_id)
        return row is not None and row.requester_id == clerk(request).pk

    @action(description=_("Grant"), icon="check", permissions=["grant"])
    def grant(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.fetch(request, object_id)
        return self.ask(
            request,
            row,
            GrantForm(posted(request)),
            title=_("Grant as the second person"),
            subject=approvals.DEEDS[row.deed].title,
            text=_("It is done the moment you grant it, and both names stand in the access log."),
            button=_("Grant"),
            do=lambda values: approvals.grant(  # type: ignore[func-returns-value]
                row, words=values["words"], now=timezone.now(), **evidence(request)
            ),
            done=_("It is granted and done."),
        )

    @action(description=_("Refuse"), icon="block", permissions=["refuse"])
    def refuse(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.fetch(request, object_id)
        return self.ask(
            request,
            row,
            RefuseForm(posted(request)),
            title=_("Refuse as the second person"),
            subject=approvals.DEEDS[row.deed].title,
            text=_("Nothing is done. Whoever asked may ask again."),
            button=_("Refuse"),
            do=lambda values: approvals.refuse(  # type: ignore[func-returns-value]
                row, words=values["words"], now=timezone.now(), **evidence(request)
            ),
            done=_("It is refused."),
        )

    @action(description=_("Take back"), icon="undo", permissions=["withdraw"])
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.fetch(request, object_id)
        return self.ask(
            request,
            row,
            ConfirmForm(posted(request)),
            title=_("Take the request back"),
            subject=approvals.DEEDS[row.deed].title,
            text=_("Nobody is asked any more."),
            button=_("Take back"),
            do=lambda values: approvals.withdraw(row, now=timezone.now(), **evidence(request)),  # type: ignore[func-returns-value]
            done=_("The request is taken back."),
        )
