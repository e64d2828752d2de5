"""The address in a poster's QR, which leads into the wallet. It asks nothing of the database: a poster works while
everything behind it rests, and by a service worker of its own even without a network."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe


@require_safe
@cache_control(max_age=3600)
def poster(request: HttpRequest, code: str) -> HttpResponse:
    """Into the wallet, which says what the poster is and asks before it checks in. The code goes in the fragment, so
    that the wallet's own address stays one."""
    return HttpResponseRedirect(f"{reverse('wallet')}#v={code}")


@require_safe
@cache_control(max_age=3600)
def worker(request: HttpRequest) -> HttpResponse:
    """The worker that does the same on a phone without a network. The wallet registers it."""
    context = {"wallet": reverse("wallet")}
    return render(request, "pass/poster_sw.js", context, content_type="text/javascript; charset=utf-8")


urlpatterns = [
    path("v/sw.js", worker, name="poster-worker"),
    path("v/<slug:code>", poster, name="poster-address"),
]
