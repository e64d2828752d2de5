"""Pairing a venue's scanner and revoking it, by the venue's owner or manager."""

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

from registry.errors import DomainError
from venues import scanners
from venues.models import Scanner, Venue
from venues.portal import qr
from venues.portal.sign_in import SignedIn


class PairForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the scanner"),
        max_length=40,
        help_text=_("So that you know it again: where it stands, or whose phone it is."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class RevokeForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("For your own records, for example: phone lost."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def _managed(request: SignedIn, venue_id: int) -> Venue:
    """A venue that this user may change; a stranger gets 404."""
    venues = Venue.objects.managed_by(request.user).select_related("category")
    return get_object_or_404(venues, pk=venue_id)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def pair(request: SignedIn, venue_id: int) -> HttpResponse:
    """Ask for a name, then show a one-time code, once: large, and as a QR code for the scanner's own camera."""
    venue = _managed(request, venue_id)
    form = PairForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "owner/pair.html", {"venue": venue, "form": form})
    now = timezone.now()
    try:
        code = scanners.new_pairing_code(venue, by=request.user, name=form.cleaned_data["name"], now=now)
    except DomainError as error:
        form.add_error(None, str(error))
        return render(request, "owner/pair.html", {"venue": venue, "form": form}, status=error.status)
    shown = _shown(request, venue, form.cleaned_data["name"], code)
    return render(request, "owner/code.html", shown | {"expires_at": now + scanners.LIFETIME})


def _shown(request: SignedIn, venue: Venue, name: str, code: str) -> dict[str, Any]:
    address = request.build_absolute_uri("/scanner/")
    return {
        "venue": venue,
        "name": name,
        "code": code,
        "address": address,
        "qr": qr.draw(f"{address}#code={code}"),
    }


@login_required
@require_http_methods(["GET", "POST"])
def revoke(request: SignedIn, venue_id: int, scanner_id: int) -> HttpResponse:
    """Ask once more, then end the scanner's token."""
    venue = _managed(request, venue_id)
    scanner = get_object_or_404(Scanner.objects.active(), venue=venue, pk=scanner_id)
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
