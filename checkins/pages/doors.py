"""A venue's scanners with how they are, and a page for each: its name, its health, what we refused of it."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from checkins import why
from checkins.models import DeadLetter
from registry.callers import client_address
from venues import scanner_health, scanners
from venues.door import shell
from venues.models import Scanner, Venue
from venues.portal.scanners import NameField
from venues.portal.sign_in import SignedIn

LETTERS = 20  # on a page
LETTERS_NEW = timedelta(days=1)


class RenameForm(forms.Form):
    name = NameField()


@login_required
@never_cache
@require_safe
def scanners_page(request: SignedIn, venue_id: int) -> HttpResponse:
    """All scanners at work, those in trouble first; door staff see them and change nothing. A stranger gets 404."""
    venue = get_object_or_404(Venue.objects.run_by(request.user), pk=venue_id)
    now = timezone.now()
    context = {
        "venue": venue,
        "now": now,
        "scanners": scanner_health.all_of(venue, now=now, shell=shell.version()),
        "refused": _refused_lately(venue, now),
        "revoked": list(venue.scanners.filter(revoked_at__isnull=False).order_by("-revoked_at")[:50]),
        "manages": _manages(request, venue),
    }
    return render(request, "owner/scanners.html", context)


def _manages(request: SignedIn, venue: Venue) -> bool:
    return Venue.objects.managed_by(request.user).filter(pk=venue.pk).exists()


def _refused_lately(venue: Venue, now: datetime) -> dict[int, int]:
    """How many scans of each scanner were refused within a day, in one query."""
    new = DeadLetter.objects.filter(scanner__venue=venue, scanner__by_hand=False, received_at__gte=now - LETTERS_NEW)
    return dict(new.values_list("scanner").annotate(Count("pk")).order_by())


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def scanner_page(request: SignedIn, venue_id: int, scanner_id: int) -> HttpResponse:
    """How one scanner is and what to do about it; its owner or a manager may give it another name."""
    venue = get_object_or_404(Venue.objects.run_by(request.user), pk=venue_id)
    devices = Scanner.objects.devices().select_related("replaces")
    scanner = get_object_or_404(devices, venue=venue, pk=scanner_id)
    manages = _manages(request, venue)
    form = RenameForm(request.POST if request.method == "POST" else None, initial={"name": scanner.name})
    if request.method == "POST":
        if not manages:
            raise Http404
        if form.is_valid():
            scanners.rename(scanner, form.cleaned_data["name"], by=request.user, address=client_address(request))
            messages.success(request, gettext("The name is saved."))
            return redirect("owner:scanner", venue_id=venue.pk, scanner_id=scanner.pk)
    context = {
        "venue": venue,
        "scanner": scanner,
        "replaced_by": Scanner.objects.filter(replaces=scanner).first(),
        "health": scanner_health.of(scanner, venue, now=timezone.now(), shell=shell.version()),
        "form": form,
        "manages": manages,
    }
    return render(request, "owner/scanner.html", context | _letters(scanner, request.GET.get("before", "")))


def _letters(scanner: Scanner, before: str) -> dict[str, Any]:
    """A page of what was refused, newest number first, from below `before` on: by key, whatever the page."""
    refused = DeadLetter.objects.filter(scanner=scanner).order_by("-seq")
    if before.isascii() and before.isdigit() and len(before) <= 16:
        refused = refused.filter(seq__lt=int(before))
    found = list(refused[: LETTERS + 1])
    shown = [(letter, why.of_letter(letter)) for letter in found[:LETTERS]]
    return {"letters": shown, "older": shown[-1][0].seq if len(found) > LETTERS else None, "paging": bool(before)}
