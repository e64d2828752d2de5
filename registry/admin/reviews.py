"""Items to look at: two rows of the registry that may be one person."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from registry.admin.desk import ReadOnlyAdmin, evidence, posted
from registry.admin.taking import Taking, others
from registry.citizens import people, requests
from registry.models import Citizen, Review
from registry.phone import claims


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("What was found"),
        max_length=1000,
        widget=UnfoldAdminTextareaWidget({"rows": 4, "autofocus": True}),
        help_text=_("For clerks. No names, dates or numbers: what you did, and why."),
    )


class CloseForm(AnswerForm):
    told = forms.CharField(
        label=_("Answer to the citizen"),
        max_length=requests.LONGEST,
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 4}),
        help_text=_("Empty: none. The person who verified reads it in the wallet, and an SMS says that it is there."),
    )


class OpenFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("Not yet closed")), ("closed", _("Closed"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset if self.value() is None else queryset.filter(closed_at__isnull=self.value() == "open")


def link_to(citizen: Citizen) -> str:
    address = reverse("admin:registry_citizen_change", args=[citizen.pk])
    return format_html(
        '<a class="text-link" href="{}">{} · {} · {}</a>',
        address,
        citizen.masked_name,
        citizen.birth[:4],
        citizen.masked_phone or "–",
    )


@admin.register(Review)
class ReviewAdmin(Taking, ReadOnlyAdmin):
    """Opened by the phone check, closed by a clerk's answer."""

    change = "registry.change_review"
    people_path = "citizen__region"
    list_display = ("kind", "person", "on_record", "opened_at", "state", "taken_by", "closed_by")
    list_select_related = ("citizen", "other", "taken_by", "closed_by")
    list_filter = (OpenFilter,)
    when_empty = _("Nothing to look at. An item comes when a phone check and the records do not agree.")
    ordering = ("-opened_at",)
    sortable_by = ()
    actions_detail = ("one_person", "close", "give_back", "take", "let_go")
    fields = ("kind", "person", "on_record", ("opened_at", "taken_by"), ("closed_at", "closed_by"), "answer")

    @display(description=_("person who verified"))
    def person(self, review: Review) -> str:
        return link_to(review.citizen)

    @display(description=_("person on record"))
    def on_record(self, review: Review) -> str:
        return link_to(review.other)

    def has_close_permission(self, request: HttpRequest, object_id: str) -> bool:
        return request.user.has_perm("registry.change_review")

    def has_one_person_permission(self, request: HttpRequest, object_id: str) -> bool:
        return request.user.has_perm("registry.change_citizen")

    @action(description=_("They are one person"), icon="merge", permissions=["one_person"])
    def one_person(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Side by side, and merged there, which answers the item."""
        review = self.fetch(request, object_id)
        page = reverse("admin:registry_citizen_merge_with", args=[review.other_id, review.citizen_id])
        return HttpResponseRedirect(page)

    @action(description=_("Close with an answer"), icon="check", permissions=["close"])
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        review = self.fetch(request, object_id)
        return self.ask(
            request,
            review,
            CloseForm(posted(request)),
            title=_("Close the item"),
            text=others(request, review)
            + gettext("For two people. If they are one, merge them: that closes the item."),
            button=_("Close"),
            do=lambda values: people.close_review(  # type: ignore[func-returns-value]
                review, answer=values["answer"], told=values["told"], now=timezone.now(), **evidence(request)
            ),
            done=_("The item is closed."),
        )

    def has_give_back_permission(self, request: HttpRequest, object_id: str) -> bool:
        """For claims alone, and as long as they are open; the verb itself says why it cannot be done any more."""
        review = self.get_object(request, object_id)
        claimed = review is None or review.kind == Review.Kind.NUMBER_CLAIMED
        return claimed and request.user.has_perm("registry.change_review")

    @action(description=_("Give the number back"), icon="undo", permissions=["give_back"])
    def give_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        review = self.fetch(request, object_id)
        return self.ask(
            request,
            review,
            AnswerForm(posted(request)),
            title=_("Give the number back"),
            text=_(
                "The pass of the person who claimed the number ends. The person on record has the number again and "
                "gets the pass back by checking it once more. Compare an identity card and a contract of the number "
                "first."
            ),
            button=_("Give the number back"),
            do=lambda values: claims.give_back(
                review, answer=values["answer"], now=timezone.now(), **evidence(request)
            ),  # type: ignore[func-returns-value]
            done=_("The number has been given back."),
        )
