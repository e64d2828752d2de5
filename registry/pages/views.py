"""The citizen's pages. None needs the database: a wallet opens while everything behind it rests. Only the clock tells
of an outage as well, which each process looks up every five seconds and goes on without."""

from __future__ import annotations

import json
import time

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from registry.reverification import outages

from .shell import asset_urls, shell_version
from .texts import wallet_words

DEVICE_COOKIE = "device"
LANGUAGE_NEXT = "/pass/?fresh"


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What Munjigi is, and a door for each who comes."""
    return render(request, "landing.html")


@require_safe
@cache_control(no_cache=True)
@ensure_csrf_cookie
@gzip_page
def wallet(request: HttpRequest) -> HttpResponse:
    """The wallet's page, the same for everybody: all that is personal lies on the phone."""
    return render(request, "pass/wallet.html", wallet_words() | {"language_next": LANGUAGE_NEXT})


@require_safe
@cache_control(max_age=3600)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker that keeps the wallet's shell on the phone. Looked at again once an hour at most."""
    response = render(
        request,
        "pass/sw.js",
        {"version": shell_version(), "assets": json.dumps(asset_urls())},
        content_type="text/javascript; charset=utf-8",
    )
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


@require_safe
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> JsonResponse:
    """The web app manifest by which a phone installs the wallet."""
    home = reverse("wallet")
    icons = [("icons/munjigi-192.png", 192, "any"), ("icons/munjigi-512.png", 512, "any")]
    icons.append(("icons/munjigi-maskable-512.png", 512, "maskable"))
    return JsonResponse(
        {
            "id": home,
            "name": _("Munjigi pass"),
            "short_name": _("Munjigi"),
            "description": _("Your entry pass. It works without a network."),
            "lang": get_language(),
            "start_url": home,
            "scope": home,
            "display": "standalone",
            "orientation": "portrait",
            "background_color": "#ffffff",
            "theme_color": "#ffffff",
            "icons": [
                {"src": static(name), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
                for name, size, purpose in icons
            ],
        },
        content_type="application/manifest+json",
    )


@require_safe
@never_cache
def server_time(request: HttpRequest) -> JsonResponse:
    """The server's clock in milliseconds, whether this browser could restore a pass in one tap, and since when numbers
    cannot be checked, if so: then the wallet fetches strips that reach further.

    A wallet asks when its clock is in doubt or its storage is empty, never to show a code. The address lies where the
    device cookie may go.
    """
    told = {"restorable": DEVICE_COOKIE in request.COOKIES, "outage": outages.as_json()}
    return JsonResponse({"time": time.time_ns() // 1_000_000} | told)
