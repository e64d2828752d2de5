"""Pairing a venue's scanner, replacing and revoking it, by the venue's owner or manager."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from registry import secrets
from registry.errors import DomainError
from venues import scanners
from venues.models import PairingCode, Scanner, Venue
from venues.portal import qr
from venues.portal.reasons import ReasonField
from venues.portal.sign_in import SignedIn

SHOWN = "shown pairing code"


class NameField(forms.CharField):
    """What a scanner is called."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Name of the scanner"),
            max_length=40,
            error_messages={"required": _("Give the scanner a name, for example: front door.")},
            help_text=_("So that you know it again: where it stands, or whose phone it is."),
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )


class PairForm(forms.Form):
    name = NameField()


class RevokeForm(forms.Form):
    reason = ReasonField(
        missing=_("Give the reason why the scanner is revoked, for example: phone lost."),
        example=_("For your own records, for example: phone lost."),
    )


def _managed(request: SignedIn, venue_id: int) -> Venue:
    """A venue that this user may change; a stranger gets 404."""
    venues = Venue.objects.managed_by(request.user).select_related("category")
    return get_object_or_404(venues, pk=venue_id)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def pair(request: SignedIn, venue_id: int) -> HttpResponse:
    """Ask for a name, make a one-time code, and go on to the page that shows it."""
    venue = _managed(request, venue_id)
    form = PairForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "owner/pair.html", {"venue": venue, "form": form})
    try:
        _make_code(request, venue, form.cleaned_data["name"])
    except DomainError as error:
        form.add_error(None, str(error))
        return render(request, "owner/pair.html", {"venue": venue, "form": form}, status=error.status)
    return redirect("owner:code", venue_id=venue.pk)


def _make_code(request: SignedIn, venue: Venue, name: str, replaces: Scanner | None = None) -> None:
    """A fresh code, kept encrypted in the session for the page that shows it. Raises VenueSuspended, VenueClosed."""
    code = scanners.new_pairing_code(venue, by=request.user, name=name, now=timezone.now(), replaces=replaces)
    request.session[SHOWN] = secrets.encrypt(code.encode(), purpose=SHOWN).hex()


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def replace(request: SignedIn, venue_id: int, scanner_id: int) -> HttpResponse:
    """Say what will happen, then make a code for the device that takes over this one's name and place."""
    venue = _managed(request, venue_id)
    devices = Scanner.objects.active().devices()
    scanner = get_object_or_404(devices, venue=venue, pk=scanner_id)
    if request.method == "POST":
        try:
            _make_code(request, venue, scanner.name, scanner)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            return redirect("owner:code", venue_id=venue.pk)
    return render(request, "owner/replace.html", {"venue": venue, "scanner": scanner})


@login_required
@never_cache
@require_GET
def code(request: SignedIn, venue_id: int) -> HttpResponse:
    """The newest code made here, while it is good: large, and as a QR code for the scanner's own camera."""
    venue = _managed(request, venue_id)
    shown = _shown_code(request)
    row = scanners.code_row(shown) if shown else None
    state = _state(row, venue)
    context: dict[str, Any] = {"venue": venue, "row": row, "state": state}
    if state == "waiting":
        address = request.build_absolute_uri("/scanner/")
        context |= {"code": shown, "address": address, "qr": qr.draw(f"{address}#code={shown}")}
    return render(request, "owner/code.html", context)


@login_required
@never_cache
@require_GET
def code_state(request: SignedIn, venue_id: int) -> JsonResponse:
    """Whether the code still waits for its scanner; asked by the page that shows it."""
    shown = _shown_code(request)
    return JsonResponse({"state": _state(scanners.code_row(shown) if shown else None, _managed(request, venue_id))})


def _shown_code(request: SignedIn) -> str:
    """The code of this session, "" where there is none. The session's row holds it encrypted."""
    try:
        return secrets.decrypt(bytes.fromhex(request.session.get(SHOWN, "")), purpose=SHOWN).decode()
    except secrets.Unreadable:
        return ""


def _state(row: PairingCode | None, venue: Venue) -> str:
    if row is None or row.venue_id != venue.pk:
        return "over"
    if row.used_at:
        return "paired"
    return "waiting" if timezone.now() < row.expires_at else "over"


@login_required
@require_http_methods(["GET", "POST"])
def revoke(request: SignedIn, venue_id: int, scanner_id: int) -> HttpResponse:
    """Ask once more, then end the scanner's token."""
    venue = _managed(request, venue_id)
    scanner = get_object_or_404(Scanner.objects.active().devices(), venue=venue, pk=scanner_id)
    form = RevokeForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "owner/revoke.html", {"venue": venue, "scanner": scanner, "form": form})
    try:
        scanners.revoke(scanner, by=request.user, reason=form.cleaned_data["reason"], now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("The scanner “{name}” is revoked.").format(name=scanner.name))
    return redirect("owner:venue", venue_id=venue.pk)
