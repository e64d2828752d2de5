"""The page where one waits, and the page that tells everybody how crowded it is. Neither needs a database or a session;
what the status page says of an outage comes from the house, which keeps it at hand."""

import random
import time
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.module_loading import import_string
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gate.hands import with_cookies
from gate.process import lookout, room

COLOURS = {
    "green": (_("Smooth"), _("Nobody has to wait.")),
    "yellow": (_("Fair"), _("There is a short wait.")),
    "orange": (_("Crowded"), _("There is a wait of some minutes.")),
    "red": (_("Very crowded"), _("There is a long wait. If you can, come later.")),
}
TEXTS = {
    "wait_seconds": _("less than a minute"),
    "wait_minutes_one": _("about 1 minute"),
    "wait_minutes_other": _("about {n} minutes"),
    "wait_hours": _("about {h} h {m} min"),
    "place": _("Your place: {n}. Time left: {wait}."),
    "asked": _("Asked at {time}. We ask again by ourselves in {n} seconds."),
    "offline": _("No connection just now. Your place is kept; we go on asking."),
    "lost": _("Your place is not known any more. Please go back and begin again."),
    "admitted": _("It is your turn."),
}
KEPT_SECONDS = 2.0  # the status page, in a process
_kept: dict[str, tuple[float, bytes]] = {}


@require_safe
@never_cache
def waiting(request: HttpRequest) -> HttpResponse:
    """Where one waits, and from where it goes on to `next` by itself. Works without scripts, by reloading."""
    with override(_language(request)):
        return _waiting(request)


def _waiting(request: HttpRequest) -> HttpResponse:
    then = own_path(request)
    lookout().tend()
    answer = room().arrive(request.COOKIES)
    if answer.admitted or answer.place is None:
        return with_cookies(HttpResponseRedirect(then), answer)
    place = answer.place
    pace = place.pace_s + random.randint(0, place.pace_s // 5)  # noqa: S311 -- spreads callers
    context = {
        "place": place,
        "refresh": f"{pace}; url={request.get_full_path()}",
        "languages": _languages(next=then),
        "next": then,
        "wait": wait_text(place.wait_s),
        "texts": TEXTS,
        "colours": {name: label for name, (label, _text) in COLOURS.items()},
        "colour": COLOURS[place.colour][0],
    }
    return with_cookies(render(request, "gate/waiting.html", context), answer)


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """How crowded the phone check is, for everybody; a few seconds old at most."""
    language = _language(request)
    until, body = _kept.get(language, (0.0, b""))
    if until < time.monotonic():
        with override(language):
            body = render(request, "gate/status.html", _status_context()).content
        _kept[language] = (time.monotonic() + KEPT_SECONDS, body)
    response = HttpResponse(body, headers={"Cache-Control": "public, max-age=5", "Refresh": "30"})
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


def _status_context() -> dict[str, Any]:
    lookout().tend()
    place = room().now_coming()
    steps = [(name, label, name == place.colour) for name, (label, _text) in COLOURS.items()]
    return {
        "languages": _languages(),
        "place": place,
        "steps": steps,
        "colour": COLOURS[place.colour][0],
        "says": COLOURS[place.colour][1],
        "waiting": round(lookout().ahead.waiting),
        "wait": wait_text(place.wait_s),
        "outage_since": _outage_since(),
        "asked_at": datetime.now(ZoneInfo(settings.TIME_ZONE)),
    }


def _outage_since() -> datetime | None:
    """Since when an outage is declared; None where there is none or nobody can say."""
    if not settings.GATE_OUTAGE:
        return None
    try:
        outage = import_string(settings.GATE_OUTAGE)()
    except (Error, psycopg.Error):
        return None
    return datetime.fromtimestamp(outage["since"] / 1000, ZoneInfo(settings.TIME_ZONE)) if outage else None


def _language(request: HttpRequest) -> str:
    """The one asked for by the page's own links, which need no cookie; else that of all our pages."""
    asked = request.GET.get("language", "")
    return asked if asked in dict(settings.LANGUAGES) else get_language() or settings.LANGUAGE_CODE


def _languages(**more: str) -> list[tuple[str, str, str]]:
    return [(code, name, urlencode({"language": code} | more)) for code, name in settings.LANGUAGES]


def own_path(request: HttpRequest) -> str:
    """`next` where it is a path of ours, else the start page."""
    then = request.GET.get("next", "/")
    fits = then.startswith("/") and url_has_allowed_host_and_scheme(then, allowed_hosts=None)
    return then if fits and not then.startswith(request.path) else "/"


def wait_text(seconds: int) -> str:
    """The estimate in words; the page's script says it in the same."""
    minutes = round(seconds / 60)
    if seconds < 60:
        return str(TEXTS["wait_seconds"])
    if minutes < 60:
        return str(TEXTS["wait_minutes_one" if minutes == 1 else "wait_minutes_other"]).format(n=minutes)
    return str(TEXTS["wait_hours"]).format(h=minutes // 60, m=minutes % 60)
