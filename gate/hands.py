"""How whoever waits holds ticket and admission: browsers in cookies, callers with a key in a header of their own.

The header holds what the cookies would, and goes both ways: what came with the last answer is sent with the next
request. `/waiting/place` takes both, so that a caller may ask by itself or leave it to the phone that it acts for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from gate.waiting_room import ADMISSION, BROWSER, TICKET, Answer, Cookies

HEADER = "Munjigi-Ticket"
META = "HTTP_MUNJIGI_TICKET"
PARTS = (BROWSER, TICKET, ADMISSION)


@dataclass(frozen=True, slots=True)
class Hand:
    """What a request brought, and how its answer gives more."""

    cookies: Cookies
    by_header: bool

    def ticket(self, answer: Answer) -> str:
        """What the header says after this answer."""
        held = dict(self.cookies) | {name: value for name, (value, _seconds) in answer.cookies.items()}
        return ".".join(held.get(name, "") for name in PARTS)

    def give(self, response: Any, answer: Answer) -> Any:
        """The response, with what the answer gives."""
        if self.by_header:
            response[HEADER] = self.ticket(answer)
            return response
        return with_cookies(response, answer)


def hand_of(request: HttpRequest, *, keyed: bool = False) -> Hand:
    """`keyed`: the caller has a key, and so no cookies."""
    text = request.META.get(META, "")
    if text or keyed:
        return Hand(_read(text), by_header=True)
    return Hand(request.COOKIES, by_header=False)


def _read(text: str) -> Mapping[str, str]:
    parts = text.split(".")
    return {name: part for name, part in zip(PARTS, parts, strict=True) if part} if len(parts) == len(PARTS) else {}


def with_cookies(response: HttpResponse, answer: Answer) -> HttpResponse:
    """The answer's cookies: not for scripts, not to other sites."""
    for name, (value, seconds) in answer.cookies.items():
        response.cookies[name] = value  # as `set_cookie`, but without a date for browsers that know no Max-Age
        response.cookies[name].update(_attributes(seconds))
    return response


@cache
def _attributes(seconds: int) -> dict[str, Any]:
    secure = {"secure": True} if settings.SESSION_COOKIE_SECURE else {}
    return {"max-age": seconds, "path": "/", "httponly": True, "samesite": "Lax"} | secure
