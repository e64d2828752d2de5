"""The history of a venue: all that was done to it, its applications and its scanners, in words, the newest first."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from registry.admin.desk import clerk
from registry.evidence import reading
from registry.models import Event
from venues.models import Venue

SHOWN = 300


def events_of(venue: Venue) -> list[Event]:
    """The newest rows of the access log about a venue, its applications, their documents, and its scanners."""
    targets = [f"venue:{venue.pk}"]
    targets += [f"scanner:{key}" for key in venue.scanners.values_list("pk", flat=True)]
    targets += [f"application:{key}" for key in venue.applications.values_list("pk", flat=True)]
    return list(Event.objects.filter(target__in=targets).prefetch_related("actor").order_by("-at")[:SHOWN])


def page(request: HttpRequest, venue: Venue, back: str) -> HttpResponse:
    events = events_of(venue)
    known = reading.about({event.target for event in events}, clerk(request))
    rows: list[dict[str, Any]] = [
        {"event": event, "about": known[event.target], "detail": reading.detail_in_words(event.detail, event.target)}
        for event in events
    ]
    context = admin.site.each_context(request) | {
        "title": _("History of {venue}").format(venue=venue.name), "rows": rows, "back": back, "shown": SHOWN,
        "opts": Venue._meta,
    }  # fmt: skip
    return TemplateResponse(request, "admin/venues/deeds.html", context)
