"""One inbox for all that needs a second person."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from registry import approvals, regions
from registry.admin import badges
from registry.admin.audit import Named
from registry.admin.desk import ConfirmForm, ReadOnlyAdmin, clerk, evidence, once, posted
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


@badges.counted
def open_count(request: HttpRequest) -> QuerySet[Approval]:
    """What waits for this clerk's decision."""
    return approvals.waiting_for(clerk(request), timezone.now())


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
    list_display = ("what", "target_named", "requester", "asked_at", "ends_at", "state_label", "decider")
    list_display_links = ("what",)
    list_select_related = ("requester", "decider")
    list_filter = (WhoseFilter,)
    ordering = ("asked_at",)
    sortable_by = ()
    when_empty = _("Nothing waits for a second person. What you asked for yourself comes by the filter.")
    actions_detail = ("grant", "refuse", "withdraw")
    fields = (
        *("what", "about", "concerns", "reason", ("requester", "asked_at"), ("standing", "ends_at")),
        *(("decider", "decided_at"), "words"),
    )
    readonly_fields = ("what", "about", "concerns", "standing")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Approval]:
        return approvals.seen_by(clerk(request)).order_by(*self.ordering)

    @display(description=_("what is asked for"))
    def what(self, approval: Approval) -> str:
        return str(approvals.DEEDS[approval.deed].title)

    def get_changelist(self, request: HttpRequest, **_more: Any) -> type[Named]:
        return Named

    @display(description=_("about"))
    def target_named(self, approval: Any) -> str:
        """In the list, where all are named in one go."""
        return str(approval.about.words)

    @display(description=_("about"))
    @once
    def about(self, approval: Approval) -> str:
        deed, words = approvals.DEEDS[approval.deed], self.in_full(approval)
        if deed.page:
            return format_html('{} <a class="text-link" href="{}">{}</a>', words, deed.page(approval), _("Go there"))
        return words

    def in_full(self, approval: Approval) -> str:
        """With all that whoever decides has to read."""
        words, to_read = self.subject(approval), approvals.DEEDS[approval.deed].to_read
        if to_read is None:
            return words
        return format_html('{}<br><span class="font-normal">{}</span><br>', words, to_read(approval))

    def subject(self, approval: Approval) -> str:
        describe = approvals.DEEDS[approval.deed].describe
        with suppress(ObjectDoesNotExist):  # of what is gone since, its number has to do
            if describe:
                return str(describe(approval))
        return reading.target_in_words(approval.target)

    def named(self, approval: Approval) -> str:
        """What is asked for, and of what."""
        return format_html("{}: {}", self.what(approval), self.in_full(approval))

    @display(description=_("region"))
    def concerns(self, approval: Approval) -> str:
        if approval.region == Approval.ANY_REGION:
            return "–"
        return regions.called(approval.region) or str(_("the whole country"))

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
        """What is not this clerk's to see is not there, and the page says so itself."""
        row = self.get_object(request, object_id)
        return row is None or approvals.may_decide(row, clerk(request))

    has_refuse_permission = has_grant_permission

    def has_withdraw_permission(self, request: HttpRequest, object_id: str) -> bool:
        row = self.get_object(request, object_id)
        return row is None or row.requester_id == clerk(request).pk

    def _decide(
        self, request: HttpRequest, object_id: str, form: type[forms.Form], deed: Callable[..., None], **words: Any
    ) -> HttpResponse:
        """The page that asks before a verb of registry.approvals, whose words are those of the form."""
        row = self.fetch(request, object_id)

        def do(values: dict[str, Any]) -> None:
            deed(row, now=timezone.now(), **values, **evidence(request))

        return self.ask(request, row, form(posted(request)), subject=self.named(row), do=do, **words)

    @action(description=_("Grant"), icon="check", permissions=["grant"])
    def grant(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request,
            object_id,
            GrantForm,
            approvals.grant,
            title=_("Grant as the second person"),
            text=_("It is done the moment you grant it, and both names stand in the access log."),
            button=_("Grant"),
            done=_("It is granted and done."),
        )

    @action(description=_("Refuse"), icon="block", permissions=["refuse"])
    def refuse(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request,
            object_id,
            RefuseForm,
            approvals.refuse,
            title=_("Refuse as the second person"),
            text=_("Nothing is done. Whoever asked may ask again."),
            button=_("Refuse"),
            done=_("It is refused."),
        )

    @action(description=_("Take back"), icon="undo", permissions=["withdraw"])
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request,
            object_id,
            ConfirmForm,
            approvals.withdraw,
            title=_("Take the request back"),
            text=_("Nobody is asked any more."),
            button=_("Take back"),
            done=_("The request is taken back."),
        )
