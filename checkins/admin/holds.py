"""The desk of legal holds: which days are kept past their time, for which case, until when, and by whom."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from checkins import holds
from checkins.day_input import DayInput
from checkins.models import LegalHold
from registry import approvals
from registry.admin import badges
from registry.admin.desk import ReadOnlyAdmin, ReasonForm, clerk, evidence, posted


@badges.counted
def ending_count(request: HttpRequest) -> QuerySet[LegalHold]:
    """Holds that end within a week."""
    return LegalHold.objects.ending(timezone.localdate())


class UntilForm(ReasonForm):
    until = forms.DateField(label=_("Kept through"), widget=DayInput, help_text=_("Inclusive. It can be renewed."))
    first = "until"  # where one begins to type
    field_order: tuple[str, ...] = ("until", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs.pop("autofocus", None)
        self.fields[self.first].widget.attrs["autofocus"] = True


class PlaceForm(UntilForm):
    first_day = forms.DateField(label=_("First day"), widget=DayInput)
    last_day = forms.DateField(label=_("Last day"), widget=DayInput)
    case_number = forms.CharField(label=_("Case number"), max_length=40, widget=UnfoldAdminTextInputWidget)
    first = "case_number"
    field_order = ("case_number", "first_day", "last_day", "until", "reason")


@admin.register(LegalHold)
class LegalHoldAdmin(ReadOnlyAdmin):
    when_empty = _("No day is held. Every day of the log is destroyed after 28 days.")
    list_display = ("case_number", "first_day", "last_day", "until", "state", "asked_by", "granted_by")
    list_display_links = ("case_number",)
    list_select_related = ("asked_by", "granted_by", "released_by")
    ordering = ("-asked_at",)
    sortable_by = ()
    actions_list = ("place",)
    actions_detail = ("renew", "release")
    fields = (
        *("case_number", ("first_day", "last_day"), ("until", "standing"), "reason"),
        *(("asked_by", "asked_at"), ("granted_by", "granted_at"), ("released_by", "released_at")),
    )
    readonly_fields = ("standing",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LegalHold]:
        """With what became of the request."""
        return super().get_queryset(request).annotate(asking=approvals.asking(holds.PLACE, LegalHold))

    def page_of(self, obj: Any) -> str:
        return super().page_of(obj) if obj.pk else reverse("admin:checkins_legalhold_changelist")

    @display(
        description=_("state"),
        label={"asked": "warning", "in_force": "danger", "released": "success", "over": "default"},
    )
    def state(self, hold: LegalHold) -> tuple[str, Any]:
        if hold.released_at:
            return "released", _("Released")
        if hold.until < timezone.localdate():
            return "over", _("Has ended")
        if hold.granted_at is None:
            ended = approvals.ended(hold)
            return ("refused", ended) if ended else ("asked", _("Not granted yet"))
        return "in_force", pgettext_lazy("days of the log", "Held")

    @display(description=_("state"))
    def standing(self, hold: LegalHold) -> str:
        """The same on the page of one, where there are no labels."""
        return str(self.state(hold)[1])

    def has_place_permission(self, request: HttpRequest) -> bool:
        """A day is held for the whole country."""
        return request.user.has_perm("checkins.add_legalhold") and not clerk(request).region

    def has_ask_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self.has_place_permission(request)

    def offers(self, deed: str, row: LegalHold) -> bool:
        return self.state(row)[0] == "in_force"

    @action(description=_("Hold days"), icon="lock_clock", permissions=["place"], url_path="place")
    def place(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        return self.ask(
            request,
            LegalHold(),
            PlaceForm(posted(request), initial={"until": holds.latest_end(now)}),
            title=_("Hold days of the log for a case"),
            text=_(
                "The days are kept past their 28 days, with the keys that tell who was where. A second person must "
                "grant it; until then they are destroyed as usual."
            ),
            button=_("Ask a second person"),
            do=lambda values: HttpResponseRedirect(
                self.page_of(
                    holds.place(
                        values["first_day"],
                        values["last_day"],
                        case_number=values["case_number"],
                        until=values["until"],
                        reason=values["reason"],
                        now=now,
                        **evidence(request),
                    )
                )
            ),
            done=_("A second person is asked."),
        )

    @action(description=_("Hold longer"), icon="update", permissions=["ask"])
    def renew(self, request: HttpRequest, object_id: str) -> HttpResponse:
        hold, now = self.fetch(request, object_id), timezone.now()
        return self.ask(
            request,
            hold,
            UntilForm(posted(request), initial={"until": holds.latest_end(now)}),
            title=_("Hold days of the log longer"),
            text=_("A second person must grant it before the hold ends."),
            button=_("Ask a second person"),
            do=lambda values: holds.renew(  # type: ignore[func-returns-value]
                hold, until=values["until"], reason=values["reason"], now=now, **evidence(request)
            ),
            done=_("A second person is asked."),
        )

    @action(description=_("Release"), icon="lock_open", permissions=["ask"])
    def release(self, request: HttpRequest, object_id: str) -> HttpResponse:
        hold = self.fetch(request, object_id)
        return self.ask(
            request,
            hold,
            ReasonForm(posted(request)),
            title=_("Release held days of the log"),
            text=_("Once a second person grants it, the next nightly run destroys those of the days that are over."),
            button=_("Ask a second person"),
            do=lambda values: holds.release(  # type: ignore[func-returns-value]
                hold, reason=values["reason"], now=timezone.now(), **evidence(request)
            ),
            done=_("A second person is asked."),
        )
