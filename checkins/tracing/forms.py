"""What an investigator fills in."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from checkins.day_input import DayInput
from checkins.tracing import exporting
from checkins.tracing.asking import ASSUMED
from registry.admin.desk import ReasonForm
from venues.models import Venue


class ClockWidget(UnfoldAdminTextInputWidget):
    """The browser's own date and time, in Seoul."""

    input_type = "datetime-local"

    def format_value(self, value: Any) -> str | None:
        return f"{value:%Y-%m-%dT%H:%M}" if isinstance(value, datetime) else value


class AskForm(ReasonForm):
    """What both questions share."""

    case_number = forms.CharField(
        label=_("Case number"), max_length=40, widget=UnfoldAdminTextInputWidget({"autocomplete": "off"})
    )
    assumed_minutes = forms.IntegerField(
        label=_("Stay assumed, in minutes"),
        initial=60,
        validators=[MinValueValidator(ASSUMED[0]), MaxValueValidator(ASSUMED[1])],
        widget=UnfoldAdminTextInputWidget({"inputmode": "numeric"}),
        help_text=_("For those whom no door saw leaving. The result says where it was assumed."),
    )
    may_export = forms.BooleanField(
        label=_("With export"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("The result may be taken away as an encrypted file. The second person sees that you ask for it."),
    )
    last_fields: tuple[str, ...] = ("assumed_minutes", "may_export", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["reason"].widget.attrs["autofocus"]
        self.fields["case_number"].widget.attrs["autofocus"] = True
        self.fields["reason"].help_text = _("The second person reads it, and it is kept in the access log.")


class PersonForm(AskForm):
    person = forms.CharField(
        label=_("Person"),
        max_length=120,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        help_text=_("Mobile number, or name and birth date: 010-0000-1234, or 홍길동 1990-01-01."),
    )
    first_day = forms.DateField(label=_("First day"), widget=DayInput)
    last_day = forms.DateField(label=_("Last day"), widget=DayInput)
    field_order = ("case_number", "person", "first_day", "last_day", *AskForm.last_fields)


class VenueForm(AskForm):
    venue = forms.CharField(
        label=_("Venue"),
        max_length=80,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Number, or how its name begins."),
    )
    since = forms.DateTimeField(label=_("Time from"), widget=ClockWidget)
    until = forms.DateTimeField(label=_("Time until"), widget=ClockWidget, help_text=_("24 hours at most."))
    field_order = ("case_number", "venue", "since", "until", *AskForm.last_fields)

    def __init__(self, *args: Any, venues: QuerySet[Venue], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.venues = venues  # those of the clerk's region

    def clean_venue(self) -> Venue:
        """The one that is meant; where a name fits several, their numbers are told."""
        text = self.cleaned_data["venue"].strip()
        if text.isdecimal() and len(text) < 19 and (venue := self.venues.filter(pk=int(text)).first()):
            return venue
        found = list(self.venues.filter(name__startswith=text).order_by("name")[:9])
        if not found:
            raise forms.ValidationError(_("No venue has this number or a name that begins so."))
        if len(found) > 1:
            told = ", ".join(f"{venue.pk} {venue}" for venue in found)
            raise forms.ValidationError(_("Several venues: {venues}. Type the number of one.").format(venues=told))
        return found[0]


class ExportForm(ReasonForm):
    passphrase = forms.CharField(
        label=_("Passphrase"),
        strip=False,
        min_length=exporting.LEAST,
        max_length=200,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "new-password", "autofocus": True}),
        help_text=_("At least 12 characters. It is kept nowhere: without it nobody opens the file. Pass it on apart."),
        error_messages={"required": exporting.WeakPassphrase.message, "min_length": exporting.WeakPassphrase.message},
    )
    again = forms.CharField(
        label=_("Passphrase again"),
        strip=False,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "new-password"}),
    )
    field_order = ("passphrase", "again", "reason")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("again") and values.get("passphrase") and values["again"] != values["passphrase"]:
            self.add_error("again", _("The two are not the same."))
        return values


def first_days(now: datetime) -> dict[str, Any]:
    """What a question about a person begins with: the last two weeks."""
    today = timezone.localdate(now)
    return {"first_day": today - timedelta(days=13), "last_day": today}
