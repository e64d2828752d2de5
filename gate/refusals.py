"""Answers of the gate itself: made without database, session and template, the same in both languages where they are
pages. They carry the security headers that the middleware would have added."""

import base64
import hashlib
import json
import math
import random
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language_from_request, override
from django.utils.translation import gettext as _

from gate.callers import Caller
from gate.hands import Hand
from gate.waiting_room import Answer, Place

STYLE = (
    "body{margin:0;padding:2.4rem 1.6rem;font:400 17px/1.6 'Pretendard GOV',Pretendard,'Noto Sans KR',sans-serif;"
    "color:#1e2124;background:#fff}main{max-width:36rem;margin:auto}"
    "h1{font-size:1.5rem;line-height:1.35;margin:0 0 .4rem}"
    "section{padding:1.2rem 0;border-bottom:1px solid #cdd1d5}p{margin:.4rem 0}"
    "a{display:inline-block;margin-top:1.2rem;padding:.8rem 1.6rem;border-radius:.5rem;background:#0b50d0;color:#fff;"
    "text-decoration:none}a:focus-visible{outline:3px solid #052561;outline-offset:2px}"
)
PAGE = """<!doctype html><html lang="ko"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>문지기 · Munjigi</title>
<style>{style}</style></head><body><main>{sections}<a href="">{again}</a></main></body></html>"""


def _policy(*more: str) -> str:
    style = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    own = ["default-src 'none'", f"style-src 'sha256-{style}'", "base-uri 'none'", "frame-ancestors 'none'"]
    return "; ".join([*own, *more])


SWALLOWING = 2  # threads of a process; who is refused stands outside all limits, and may send as slowly as they like
_swallowing = [None] * SWALLOWING  # taken and put back without a lock, for which the crowd's threads would queue

NOWHERE = Place(0, 0, 3, "green")
POLICY = _policy()
PLAIN_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
}
if settings.SECURE_HSTS_SECONDS:
    PLAIN_HEADERS["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"


def busy(request: HttpRequest) -> HttpResponse:
    """503: every place of the class is taken. Those who come back do not all come at once."""
    swallow(request)
    again = random.randint(2, 5)  # noqa: S311 -- spreads callers
    headers = PLAIN_HEADERS | {"Retry-After": str(again)}
    if request.path_info.startswith("/api/"):
        body = _busy_problem(_language(request))
        return _quietly(HttpResponse(body, status=503, content_type="application/problem+json", headers=headers))
    return _quietly(HttpResponse(_busy_page(), status=503, headers=headers))


def over_quota(request: HttpRequest, caller: Caller, wait: float) -> HttpResponse:
    """429: a caller makes more requests than are theirs; `wait` seconds until the next one fits."""
    swallow(request)
    body = _over_quota_problem(_language(request), caller.per_minute)
    headers = PLAIN_HEADERS | {"Retry-After": str(max(1, math.ceil(wait)))}
    return _quietly(HttpResponse(body, status=429, content_type="application/problem+json", headers=headers))


def waiting(request: HttpRequest, answer: Answer, hand: Hand) -> HttpResponse:
    """503: there is a line, and this is the caller's place in it."""
    swallow(request)
    place = answer.place or NOWHERE
    ticket = {"ticket": hand.ticket(answer)} if hand.by_header else {}
    body = _problem("waiting", _waiting_text(_language(request))) | {"waiting": as_json(place) | ticket}
    headers = PLAIN_HEADERS | {"Retry-After": str(place.pace_s)}
    response = HttpResponse(json.dumps(body), status=503, content_type="application/problem+json", headers=headers)
    return hand.give(_quietly(response), answer)  # type: ignore[no-any-return]


def place(answer: Answer, hand: Hand, now: int) -> HttpResponse:
    """Where the caller stands; 410 where they have no ticket. `now` in µs."""
    if answer.place is None and not answer.admitted:
        body = {"type": "about:blank", "title": "no_ticket", "status": 410, "code": "no_ticket"}
        kind = "application/problem+json"
        return _quietly(HttpResponse(json.dumps(body), status=410, content_type=kind, headers=PLAIN_HEADERS))
    standing = answer.place or NOWHERE
    content = {"admitted": answer.admitted, **as_json(standing), "time": now // 1000}
    content |= {"ticket": hand.ticket(answer)} if hand.by_header else {}
    response = HttpResponse(json.dumps(content), content_type="application/json", headers=PLAIN_HEADERS)
    return hand.give(response, answer)  # type: ignore[no-any-return]


def as_json(place: Place) -> dict[str, Any]:
    return {
        "position": place.position, "wait_s": place.wait_s, "pace_s": place.pace_s, "colour": place.colour,
    }  # fmt: skip


def swallow(request: HttpRequest) -> None:
    """Read what the caller sends, so that the server need not break the connection off and the answer arrives. What is
    larger than any request that we take is left; and while SWALLOWING threads read what comes slowly, all else is."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if not 0 < length <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return
    try:
        _swallowing.pop()
    except IndexError:
        return
    try:
        request.META["wsgi.input"].read(length)
    finally:
        _swallowing.append(None)


def _quietly(response: HttpResponse) -> HttpResponse:
    """Not a line of the log for each, as Django would write: it costs a good part of the rest, and they are counted."""
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _language(request: HttpRequest) -> str:
    return get_language_from_request(request)


def _problem(code: str, detail: str, status: int = 503) -> dict[str, Any]:
    return {"type": "about:blank", "title": code, "status": status, "code": code, "detail": detail}


@cache
def _busy_problem(language: str) -> str:
    with override(language):
        return json.dumps(_problem("busy", _("Very many people are here at once. Please try again in a few seconds.")))


@cache
def _over_quota_problem(language: str, per_minute: int) -> str:
    with override(language):
        words = _("These are more requests than your {number} a minute. Spread them evenly.")
        return json.dumps(_problem("too_many_a_minute", words.format(number=per_minute), 429))


@cache
def _waiting_text(language: str) -> str:
    with override(language):
        return _("Many people are checking their number now. Your place in the line is kept.")


@cache
def _busy_page() -> str:
    sections, again = [], []
    for language, _name in settings.LANGUAGES:
        with override(language):
            title = _("One moment, please")
            text = _("Very many people are here at once. Please try again in a few seconds.")
            calm = _("Passes on phones and scanners at doors go on working without us.")
            sections.append(f'<section lang="{language}"><h1>{title}</h1><p>{text}</p><p>{calm}</p></section>')
            again.append(_("Try again"))
    return PAGE.format(style=STYLE, sections="".join(sections), again=" · ".join(again))
