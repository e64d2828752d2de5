"""Partner apps that show the pass: added with a key that is shown once, their quotas and places, what they used."""

from collections import Counter
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldBooleanSwitchWidget

from gate.process import lookout
from registry import vault
from registry.admin.desk import ReasonForm, evidence, once, posted
from registry.admin.partners import CLOSED, EVIDENCE, PartnerDesk
from registry.models import Partner, PartnerApp
from registry.partners import apps, gate, use

REASONS = {  # the more frequent ones
    "quota_used": _("Codes of the day used up"),
    "too_many_requests": _("Too many codes for a number, or from an address"),
    "wrong_code": _("Wrong code"),
    "code_expired": _("Code too old"),
    "does_not_fit": _("Name or date of birth does not fit the number"),
    "not_verified": _("Phone check run out"),
    "unknown_device": _("Phone without a pass in this app"),
    "unknown_verification": _("Phone check unknown"),
    "unknown_prefix": _("No Korean mobile number"),
    "budget_spent": _("SMS budget of the day spent"),
    "bad_signature": _("Not signed by the phone"),
    "malformed": _("Malformed"),
}


class AppForm(forms.ModelForm):
    """Of a partner, in the words that fit an app."""

    class Meta:
        model = PartnerApp
        fields = ("name", "daily_quota", "per_minute", "places")
        labels = {"daily_quota": _("Codes a day")}
        help_texts = {
            "name": _("As people know the app: it stands in the SMS with the code and on their own page."),
            "daily_quota": _("SMS with codes, at most. Passes that the app holds are renewed all the same."),
        }

    def clean(self) -> dict[str, Any]:
        """An app may not take threads that belong to others."""
        cleaned = super().clean() or {}
        if "places" in cleaned:
            try:
                gate.check_places(PartnerApp(pk=self.instance.pk, places=cleaned["places"]))
            except ValidationError as error:
                self.add_error("places", error)
        return cleaned


class NewKeyForm(ReasonForm):
    leaked = forms.BooleanField(
        label=_("The key is in other hands"),
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text=_("The key that the app has now then ends at once, and its citizens wait until it has the new one."),
    )


@admin.register(PartnerApp)
class AppAdmin(PartnerDesk):
    of_the_country = True
    kind = Partner.Kind.APP
    form = AppForm
    key_template = "admin/registry/partnerapp/key.html"
    when_empty = _("No partner app so far. Adding one makes the key that its server calls with.")
    list_display = ("name", "codes_a_day", "per_minute", "places", "is_open", "key_made_at")
    actions_detail = ("renew_key", "close")
    fields: Any = ("name", "daily_quota", "per_minute", "places")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.fields
        former = ("former_key_until",) if obj.former_key_until and obj.former_key_until > timezone.now() else ()
        return ("used", *self.fields, *EVIDENCE, *former, *(CLOSED if obj.closed_at else ()))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Its name stands in messages and on people's own pages."""
        return ("used", "name", *EVIDENCE, "former_key_until", *CLOSED) if obj else ()

    @display(description=_("Codes a day"))
    def codes_a_day(self, app: PartnerApp) -> int:
        return app.daily_quota

    @display(description=_("today"))
    @once
    def used(self, app: PartnerApp) -> str:
        """What it did and was refused for today, and what the gate turned away this hour."""
        counts = use.of_day(app, vault.today(timezone.now()))
        lookout().tend()
        context = {
            "done": [(what.label, counts[what.value]) for what in use.What],
            "refused": _refused(counts),
            "turned_away": lookout().refused_this_hour.get(app.traffic_class, 0),
            "left": max(0, app.daily_quota - counts[use.What.ASKED]),
        }
        return render_to_string("admin/registry/partnerapp/used.html", context)

    def save_model(self, request: HttpRequest, obj: PartnerApp, form: Any, change: bool) -> None:
        if change:
            apps.change(obj, now=timezone.now(), **evidence(request))
        else:
            obj.made_key = apps.add(obj, now=timezone.now(), **evidence(request))  # type: ignore[attr-defined]

    @action(description=_("New key"), icon="key", permissions=["deed"])
    def renew_key(self, request: HttpRequest, object_id: str) -> HttpResponse:
        app = self.fetch(request, object_id)
        hours = round(apps.OVERLAP.total_seconds() / 3600)
        return self.ask(
            request,
            app,
            NewKeyForm(posted(request)),
            title=_("New key"),
            text=gettext(
                "The new key is shown once. The one that the app has now stays good for {hours} hours, so that it can "
                "change over without a gap."
            ).format(hours=hours),
            button=_("Make a new key"),
            do=lambda values: self.show_key(
                request, app, apps.renew_key(app, **values, now=timezone.now(), **evidence(request))
            ),
        )

    @action(description=_("Close"), icon="block", permissions=["deed"])
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        app = self.fetch(request, object_id)
        return self.ask(
            request,
            app,
            ReasonForm(posted(request)),
            title=_("Close the app’s access"),
            text=_(
                "Its keys end at once and for good. Passes in the app get no new strips; those that phones hold stay "
                "good for their days, so that nobody is turned away. People see on their own page that it has ended."
            ),
            button=_("Close the access"),
            do=lambda values: apps.close(app, reason=values["reason"], now=timezone.now(), **evidence(request)),  # type: ignore[func-returns-value]
            done=_("The access is closed."),
        )


def _refused(counts: Counter[str]) -> list[tuple[str, Any, int]]:
    """The problems that the app was told: code, what it means, how often; the most frequent first."""
    refused = [(name, number) for name, number in counts.most_common() if name.startswith(use.REFUSED)]
    codes = [(name.removeprefix(use.REFUSED), number) for name, number in refused]
    return [(code, REASONS.get(code, ""), number) for code, number in codes]
