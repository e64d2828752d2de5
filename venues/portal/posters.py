"""A venue's poster in the portal: looked at, downloaded, printed, renewed."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from registry import regions
from registry.callers import client_address
from registry.errors import DomainError
from venues.models import Poster, Venue
from venues.portal.qr import Drawing
from venues.portal.sign_in import SignedIn
from venues.posters import making, sheets


def _seen(request: SignedIn, venue_id: int) -> Venue:
    return get_object_or_404(Venue.objects.run_by(request.user).select_related("category"), pk=venue_id)


def _managed(request: SignedIn, venue_id: int) -> Venue:
    return get_object_or_404(Venue.objects.managed_by(request.user).select_related("category"), pk=venue_id)


def _good(venue: Venue) -> Poster | None:
    """The venue's poster, with the venue at hand."""
    found = making.good(venue)
    if found:
        found.venue = venue
    return found


@login_required
@never_cache
@require_GET
def page(request: SignedIn, venue_id: int) -> HttpResponse:
    """What the poster looks like and where to get it on paper; a stranger gets 404."""
    venue = _seen(request, venue_id)
    made = _good(venue)
    context: dict[str, Any] = {
        "venue": venue,
        "poster": made,
        "region": regions.called(venue.region),
        "manages": Venue.objects.managed_by(request.user).filter(pk=venue.pk).exists(),
    }
    if made and venue.status == Venue.Status.OPEN:
        context |= {"qr": _drawing(made), "address": making.address(made), "outdated": making.outdated(made)}
    return render(request, "owner/poster.html", context)


def _drawing(made: Poster) -> Drawing:
    """The code as on paper, the quiet zone of four modules included."""
    rows = sheets.modules(making.address(made))
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows, 4) for x, dark in enumerate(row, 4) if dark)
    return Drawing(len(rows) + 8, path)


@login_required
@require_http_methods(["GET", "POST"])
def make(request: SignedIn, venue_id: int) -> HttpResponse:
    """The first poster, by owner or manager; POST alone makes it, as with the deeds of `staff`."""
    venue = _managed(request, venue_id)
    if request.method != "POST":
        return redirect("owner:poster", venue_id=venue.pk)
    try:
        making.make(venue, by=request.user, now=timezone.now(), address=client_address(request))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("The poster is made. Print it and hang it where guests come in."))
    return redirect("owner:poster", venue_id=venue.pk)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def renew(request: SignedIn, venue_id: int) -> HttpResponse:
    """Say what it means, then make the next poster and end this one."""
    venue = _managed(request, venue_id)
    made = _good(venue)
    if made is None:
        return redirect("owner:poster", venue_id=venue.pk)
    if request.method != "POST":
        return render(request, "owner/poster_renew.html", {"venue": venue, "poster": made})
    try:
        if request.POST.get("number") != str(made.number):
            raise making.Renewed
        making.renew(made, by=request.user, now=timezone.now(), address=client_address(request))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("The poster is renewed. Print it and take the old one down."))
    return redirect("owner:poster", venue_id=venue.pk)


@login_required
@never_cache
@require_GET
def file(request: SignedIn, venue_id: int, sheet: str) -> HttpResponse:
    """A sheet as PDF, to keep or (`?print`) to look at and print."""
    venue = _seen(request, venue_id)
    made = _good(venue)
    if made is None or sheet not in sheets.SHEETS or venue.status != Venue.Status.OPEN:
        raise Http404
    answer = HttpResponse(sheets.pdf(made, sheet), content_type="application/pdf")
    name = f"{venue.name} {sheet} {made.number}.pdf"
    answer.headers["Content-Disposition"] = content_disposition_header("print" not in request.GET, name) or "inline"
    return answer
