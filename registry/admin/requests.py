"""Requests of citizens: read by registrars alone, answered where the citizen reads it, or met by erasing the person."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import linebreaks
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from registry.admin.desk import ReadOnlyAdmin, ReasonForm, clerk, evidence, told
from registry.admin.reviews import link_to
from registry.citizens import people, requests, withdrawal
from registry.models import Request
from registry.models.people import people_of


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("Answer"),
        max_length=requests.LONGEST,
        widget=UnfoldAdminTextareaWidget({"rows": 6, "autofocus": True}),
        help_text=_("The citizen reads it in the wallet, and gets an SMS that it is there. Please write in full."),
    )


class StateFilter(admin.SimpleListFilter):
    """The open ones, unless others are asked for."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("answered", _("Answered")), ("all", _("All"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        query = changelist.get_query_string(remove=[self.parameter_name])
        yield {"selected": self.value() is None, "query_string": query, "display": _("Not yet answered")}
        yield from list(super().choices(changelist))[1:]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "all":
            return queryset
        return queryset.filter(closed_at__isnull=self.value() is None)


def open_count(request: HttpRequest) -> str:
    """How many requests wait for this clerk, for the sidebar."""
    return told(Request.objects.open().filter(people_of(clerk(request), "citizen__region")))


@admin.register(Request)
class RequestAdmin(ReadOnlyAdmin):
    """Opened by citizens on their own page. Of people without a region, clerks without one see the requests."""

    people_path = "citizen__region"
    list_display = ("kind", "person", "opened_at", "state", "closed_by")
    list_select_related = ("citizen", "closed_by")
    list_filter = (StateFilter,)
    when_empty = _("No request waits. Those that are answered come by the filter.")
    ordering = ("opened_at",)  # who has waited longest comes first
    sortable_by = ()
    actions_detail = ("answer_request", "erase_person")
    fields = ("kind", "person", "opened_at", "words", "reply", "closed_at", "closed_by")
    readonly_fields = ("words", "reply")

    @display(description=_("person"))
    def person(self, request: Request) -> str:
        return link_to(request.citizen)

    @display(description=_("state"), label={"open": "warning", "answered": "success"})
    def state(self, request: Request) -> tuple[str, Any]:
        return ("answered", _("Answered")) if request.closed_at else ("open", _("Not yet answered"))

    @display(description=_("request"))
    def words(self, request: Request) -> str:
        return mark_safe(linebreaks(request.text, autoescape=True)) if request.text else "–"  # noqa: S308 -- escaped

    @display(description=_("answer"))
    def reply(self, request: Request) -> str:
        text = request.answer or ""
        return mark_safe(linebreaks(text, autoescape=True)) if text else "–"  # noqa: S308 -- escaped

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        if request.method == "GET":
            people.see(self.fetch(request, object_id).citizen, **evidence(request))
        return super().change_view(request, object_id, form_url, extra_context)

    def has_answer_request_permission(self, request: HttpRequest, object_id: str) -> bool:
        return request.user.has_perm("registry.change_request")

    def has_erase_person_permission(self, request: HttpRequest, object_id: str) -> bool:
        asked = self.get_object(request, object_id)
        erasure = asked is not None and asked.kind == Request.Kind.ERASURE
        return erasure and request.user.has_perm("registry.delete_citizen")

    def offers(self, deed: str, row: Request) -> bool:
        return not (row.closed_at and deed == "answer_request")

    @action(description=_("Answer"), icon="reply", permissions=["answer_request"])
    def answer_request(self, request: HttpRequest, object_id: str) -> HttpResponse:
        asked = self.fetch(request, object_id)
        return self.ask(
            request,
            asked,
            AnswerForm(request.POST or None),
            title=_("Answer the request"),
            text=asked.text or asked.get_kind_display(),
            button=_("Answer"),
            do=lambda values: requests.answer(  # type: ignore[func-returns-value]
                asked, text=values["answer"], now=timezone.now(), **evidence(request)
            ),
            done=_("The request is answered."),
        )

    @action(description=_("Erase the person"), icon="person_remove", permissions=["erase_person"])
    def erase_person(self, request: HttpRequest, object_id: str) -> HttpResponse:
        asked = self.fetch(request, object_id)

        def do(values: dict[str, Any]) -> HttpResponse:
            withdrawal.erase(asked.citizen, reason=values["reason"], now=timezone.now(), **evidence(request))
            return HttpResponseRedirect(reverse("admin:registry_request_changelist"))

        return self.ask(
            request,
            asked,
            ReasonForm(request.POST or None),
            title=_("Erase the person"),
            text=gettext("Pass records on file: {records}.").format(records=asked.citizen.records.count())
            + " "
            + gettext(
                "Look first which records the law makes us keep; if there are any, answer instead and say which. "
                "Erased for good: name, birth date, pass records with their history, requests, reviews, consents and "
                "phones. The access log stays, without the name."
            ),
            button=_("Erase for good"),
            do=do,
            done=_("The person is erased."),
        )
