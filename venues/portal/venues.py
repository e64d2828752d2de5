"""What owners and managers change of their venue: its profile, its category and name, and whether it is closed."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from registry import regions
from registry.callers import client_address
from registry.errors import DomainError
from venues import hours, onboarding, profiles
from venues.models import Application, Venue
from venues.portal.applications import CategoryField, VenueFields, VenueNameField
from venues.portal.proofs import ProofForm
from venues.portal.reasons import ReasonField
from venues.portal.sign_in import SignedIn

EDGES = ("from", "until")
EVERY, WEEK = "all", tuple(map(str, range(7)))  # what the names of the fields of opening hours end with


class TimeField(forms.CharField):
    """A time of day as "09:00"; empty where none is told."""

    def __init__(self, label: Any) -> None:
        super().__init__(
            label=label, required=False, max_length=5, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        )

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        time = hours.read_time(text) if text else ""
        if time is None:
            raise forms.ValidationError(_("Enter a time such as 09:00, or leave both empty."))
        return time


class ProfileForm(VenueFields):
    told_above = True

    scans_exits = forms.BooleanField(
        label=_("We scan guests who leave, too"),
        required=False,
        help_text=_("Set a scanner to “exit” for it. Otherwise it is reckoned by how long guests usually stay."),
    )
    stay = forms.IntegerField(
        label=_("How long guests stay, in minutes"),
        required=False,
        min_value=10,
        max_value=600,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _("A number from 10 to 600, or empty.")),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, day in ((EVERY, hours.EVERY_DAY), *zip(WEEK, hours.DAYS, strict=True)):
            self.fields[f"from_{key}"] = TimeField(_("%(day)s from") % {"day": day})
            self.fields[f"until_{key}"] = TimeField(_("%(day)s until") % {"day": day})
        for key, day in zip(WEEK, hours.DAYS, strict=True):
            self.fields[f"closed_{key}"] = forms.BooleanField(label=_("%(day)s closed") % {"day": day}, required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for key in (EVERY, *WEEK):
            fields = {f"from_{key}", f"until_{key}"}
            if bool(values.get(f"from_{key}")) != bool(values.get(f"until_{key}")) and not fields & self.errors.keys():
                self.add_error(f"until_{key}", _("Enter both times, or leave both empty."))
        return values

    def every_day(self) -> tuple[Any, Any]:
        return self[f"from_{EVERY}"], self[f"until_{EVERY}"]

    def days(self) -> list[tuple[Any, Any, Any, Any]]:
        """The weekdays with their fields: what differs from every day."""
        return [
            (day, self[f"from_{key}"], self[f"until_{key}"], self[f"closed_{key}"])
            for key, day in zip(WEEK, hours.DAYS, strict=True)
        ]

    def differs(self) -> bool:
        """Whether a day has something of its own, to be seen at once."""
        fields = [field for _day, *fields in self.days() for field in fields]
        return any(field.value() or field.errors for field in fields)

    def values(self) -> dict[str, Any]:
        """As venues.profiles takes them."""
        read = self.cleaned_data
        own = {key: [read[f"from_{key}"], read[f"until_{key}"]] for key in WEEK if read[f"from_{key}"]}
        every = [read[f"from_{EVERY}"], read[f"until_{EVERY}"]] if read[f"from_{EVERY}"] else None
        told = hours.week(every, own, [key for key in WEEK if read[f"closed_{key}"]])
        return {
            "address": read["address"], "capacity": read["capacity"], "hours": told,
            "stay": read["stay"], "scans_exits": read["scans_exits"],
        }  # fmt: skip


class CloseForm(forms.Form):
    reason = ReasonField(
        missing=_("Give the reason, for example: holidays until 3 January."),
        example=_("For your own records, for example: renovation."),
    )


class CategoryForm(ProofForm):
    category = CategoryField()
    field_order = ("category", "proof_file")


class NameForm(ProofForm):
    venue_name = VenueNameField()
    field_order = ("venue_name", "proof_file")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def profile(request: SignedIn, venue_id: int) -> HttpResponse:
    """Address, capacity and hours, by the owner or a manager; a stranger gets 404."""
    managed = Venue.objects.managed_by(request.user).select_related("category")
    venue = get_object_or_404(managed, pk=venue_id)
    form = ProfileForm(request.POST) if request.method == "POST" else ProfileForm(initial=_told(venue))
    form.fields["stay"].help_text = _usual(venue)
    if request.method == "POST" and form.is_valid():
        changed = profiles.change(venue, form.values(), by=request.user, address=client_address(request))
        messages.success(request, gettext("The changes are saved.") if changed else gettext("Nothing was changed."))
        return redirect("owner:venue", venue_id=venue.pk)
    context = {"venue": venue, "form": form, "region": regions.called(venue.region)}
    return render(request, "owner/profile.html", context | {"owns": _owns(request, venue)})


def _usual(venue: Venue) -> str:
    said = gettext("10 to 600. Left empty, the usual %(minutes)s minutes of your category are taken.")
    return said % {"minutes": venue.category.stay}


def _told(venue: Venue) -> dict[str, Any]:
    """A venue as its form shows it."""
    every = hours.usual(venue.hours)
    own = {day: pair for day, pair in venue.hours.items() if pair != every} | ({EVERY: every} if every else {})
    times: dict[str, Any] = {f"{edge}_{day}": pair[i] for day, pair in own.items() for i, edge in enumerate(EDGES)}
    times |= {f"closed_{day}": True for day in WEEK if every and day not in venue.hours}
    told = {"address": venue.address, "capacity": venue.capacity}
    return times | told | {"stay": venue.stay, "scans_exits": venue.scans_exits}


def _owns(request: SignedIn, venue: Venue) -> bool:
    return Venue.objects.owned_by(request.user).filter(pk=venue.pk).exists()


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def category(request: SignedIn, venue_id: int) -> HttpResponse:
    """Ask for another category, by the owner; the old one stays in force until a clerk has said yes."""
    venue = _owned(request, venue_id)
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = CategoryForm(*given, user=request.user)
    form.fields["category"].queryset = form.fields["category"].queryset.exclude(pk=venue.category_id)  # type: ignore[attr-defined]
    return _asks(request, venue, form, page="owner/category.html", ask=onboarding.ask_for_category, field="category")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def name(request: SignedIn, venue_id: int) -> HttpResponse:
    """Ask for another name, by the owner; the old one stays until a clerk has said yes."""
    venue = _owned(request, venue_id)
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = NameForm(*given, user=request.user)
    return _asks(request, venue, form, page="owner/rename.html", ask=onboarding.ask_for_name, field="venue_name")


def _owned(request: SignedIn, venue_id: int) -> Venue:
    found = Venue.objects.owned_by(request.user).select_related("category", "operator")
    return get_object_or_404(found, pk=venue_id)


def _asks(
    request: SignedIn, venue: Venue, form: ProofForm, *, page: str, ask: Callable[..., Application], field: str
) -> HttpResponse:
    """Show the form, or send the application that it makes."""
    status = 200
    if request.method == "POST" and form.is_valid():
        wanted, proofs = form.cleaned_data[field], form.proofs
        try:
            sent = ask(venue, wanted, proofs, by=request.user, now=timezone.now(), address=client_address(request))
        except DomainError as error:
            form.add_error(None, str(error))
            status = error.status
        else:
            messages.success(request, gettext("Your application was sent. Until it is approved nothing changes."))
            return redirect("owner:application", application_id=sent.pk)
    return render(request, page, {"venue": venue, "form": form}, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def close(request: SignedIn, venue_id: int) -> HttpResponse:
    """Ask for the reason, then close."""
    venue = get_object_or_404(Venue.objects.managed_by(request.user), pk=venue_id)
    form = CloseForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "owner/close.html", {"venue": venue, "form": form})
    try:
        profiles.close(venue, by=request.user, reason=form.cleaned_data["reason"], address=client_address(request))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("The venue is closed. You can open it again at any time."))
    return redirect("owner:venue", venue_id=venue.pk)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def open_again(request: SignedIn, venue_id: int) -> HttpResponse:
    """POST alone does it, as with the deeds of `staff`."""
    venue = get_object_or_404(Venue.objects.managed_by(request.user), pk=venue_id)
    if request.method != "POST":
        return redirect("owner:venue", venue_id=venue.pk)
    try:
        profiles.open_again(venue, by=request.user, address=client_address(request))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("You are open again."))
    return redirect("owner:venue", venue_id=venue.pk)
