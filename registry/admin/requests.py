"""Requests of citizens: read by registrars alone, answered where the citizen reads it, or met by erasing the person."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import linebreaks
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from registry.admin.desk import ReadOnlyAdmin, evidence, posted
from registry.admin.reviews import link_to
from registry.admin.taking import Taking, others
from registry.admin.waiting import Waiting
from registry.citizens import people, requests
from registry.models import Request


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


@admin.register(Request)
class RequestAdmin(Taking, Waiting, ReadOnlyAdmin):
    """Opened by citizens on their own page. Those of people without a region are every registrar's."""

    change = "registry.change_request"
    people_path = "citizen__region"
    list_display = ("kind", "person", "opened_at", "state", "taken_by", "closed_by")
    list_select_related = ("citizen", "taken_by", "closed_by")
    list_filter = (StateFilter,)
    when_empty = _("No request waits. Those that are answered come by the filter.")
    ordering = ("opened_at",)  # who has waited longest comes first
    sortable_by = ()
    actions_detail = ("answer_request", "take", "let_go", "look_up", "erase_person")
    fields = ("kind", "person", "opened_at", "words", "shown", "taken_by", "reply", "closed_at", "closed_by")
    readonly_fields = ("words", "shown", "reply")

    @display(description=_("person"))
    def person(self, request: Request) -> str:
        return link_to(request.citizen)

    def get_urls(self) -> list[Any]:
        return [*self.waiting_urls(), *super().get_urls()]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without what has nothing to say."""
        names = {"shown": "reference", "taken_by": "taken_by", "closed_at": "closed_at", "closed_by": "closed_by"}
        empty = {shown for shown, name in names.items() if obj and not getattr(obj, name)}
        if obj and not obj.closed_at:
            empty.add("reply")
        return [row for row in self.fields if row not in empty]

    @display(description=_("request"))
    def words(self, request: Request) -> str:
        return mark_safe(linebreaks(request.text, autoescape=True)) if request.text else "–"  # noqa: S308 -- escaped

    @display(description=_("reference"))
    def shown(self, request: Request) -> str:
        return request.reference_shown

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

    def has_look_up_permission(self, request: HttpRequest, object_id: str) -> bool:
        return request.user.has_perms(("registry.view_request", "checkins.view_refusal"))

    def offers(self, deed: str, row: Request) -> bool:
        if deed == "look_up":
            return bool(row.reference)
        return deed == "erase_person" or super().offers(deed, row)

    @action(description=_("Look up the reference"), icon="search", permissions=["look_up"])
    def look_up(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Why the door refused; it says nothing of who it was."""
        asked = self.fetch(request, object_id)
        page = reverse("admin:checkins_refusal_changelist")
        return HttpResponseRedirect(page + "?" + urlencode({"q": asked.reference}))

    @action(description=_("Answer"), icon="reply", permissions=["answer_request"])
    def answer_request(self, request: HttpRequest, object_id: str) -> HttpResponse:
        asked = self.fetch(request, object_id)
        return self.ask(
            request,
            asked,
            AnswerForm(posted(request)),
            title=_("Answer the request"),
            text=others(request, asked) + (asked.text or asked.get_kind_display()),
            button=_("Answer"),
            do=lambda values: requests.answer(  # type: ignore[func-returns-value]
                asked, text=values["answer"], now=timezone.now(), **evidence(request)
            ),
            done=_("The request is answered."),
        )

    @action(description=_("Erase the person"), icon="person_remove", permissions=["erase_person"])
    def erase_person(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """On the person's page, where what goes and what stays is shown."""
        asked = self.fetch(request, object_id)
        return HttpResponseRedirect(reverse("admin:registry_citizen_erase", args=[asked.citizen_id]))
