"""The scanner's page, its service worker and its web app manifest: the same for every door, free of the database.

The page is asked for as `/scanner/?language=ko` as well, so that its shell holds every language and the switch works
without a server.
"""

from __future__ import annotations

import json

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from .shell import assets, page_address, page_context, version

YEAR_S = 365 * 24 * 3600


def _chosen(request: HttpRequest) -> str | None:
    """The language that the address names, if it is one of ours."""
    asked = request.GET.get("language", "")
    return asked if asked in dict(settings.LANGUAGES) else None


@require_safe
@csp_update({"script-src": ["'wasm-unsafe-eval'"]})
@cache_control(no_cache=True)
@gzip_page
def page(request: HttpRequest) -> HttpResponse:
    """The page in the language of the address, else of the reader; an address that names one is remembered.

    Its worker reads codes by WebAssembly, which some browsers hold to the page's policy.
    """
    chosen = _chosen(request)
    language = chosen or get_language() or settings.LANGUAGE_CODE
    with override(language):
        response = render(request, "scanner/page.html", page_context(language))
    response["Content-Language"] = language
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    if chosen:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=YEAR_S,
            samesite="Lax",
            secure=settings.LANGUAGE_COOKIE_SECURE,
        )
    return response


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker that keeps the shell. Its text changes exactly when a file or a word of the shell changes."""
    context = {
        "version": version(),
        "language": settings.LANGUAGE_CODE,
        "pages": json.dumps({code: page_address(code) for code, _name in settings.LANGUAGES}),
        "assets": json.dumps(assets()),
    }
    return render(request, "scanner/sw.js", context, content_type="text/javascript; charset=utf-8")


@require_safe
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> JsonResponse:
    """The web app manifest by which a phone or tablet installs the scanner, in the language of the address."""
    home = reverse("scanner:page")
    icons = [("icons/munjigi-192.png", 192, "any"), ("icons/munjigi-512.png", 512, "any")]
    icons.append(("icons/munjigi-maskable-512.png", 512, "maskable"))
    with override(_chosen(request) or get_language()):
        body = {
            "id": home,
            "name": _("Munjigi scanner"),
            "short_name": _("Scanner"),
            "description": _("Checks passes at the door. It works without a network."),
            "lang": get_language(),
            "start_url": home,
            "scope": home,
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#ffffff",
            "icons": [
                {"src": static(name), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
                for name, size, purpose in icons
            ],
        }
    return JsonResponse(body, content_type="application/manifest+json")
