"""The gate itself, before all that costs something: which requests go in, which wait, which come again later."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from gate import refusals
from gate.classes import Classes
from gate.process import room

PLACE = "/waiting/place"


class GateMiddleware:
    """Refuses what is too much for its class, holds those who must wait, and answers their questions at once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.classes = Classes(settings.GATE_CLASSES)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        name = self.classes.of(path)
        if not name:
            return self._place(request) if path == PLACE else self.get_response(request)
        room().tend()
        inside = self.classes.take(name, room().rules.limits)
        if (request.method, path) in settings.GATE_ADMISSION:
            return self._begin(request, name, inside=inside)
        if inside:
            return self._go_in(request, name)
        room().refused[name] += 1
        return refusals.busy(request)

    def _go_in(self, request: HttpRequest, name: str) -> HttpResponseBase:
        """Let the request in; its place is free again when the answer is there, or sent where it is streamed."""
        try:
            response = self.get_response(request)
        except BaseException:
            self.classes.give_back(name)
            raise
        if response.streaming:
            response._resource_closers.append(lambda: self.classes.give_back(name))  # type: ignore[attr-defined]
        else:
            self.classes.give_back(name)
        return response

    def _begin(self, request: HttpRequest, name: str, *, inside: bool) -> HttpResponseBase:
        answer = room().enter(request.COOKIES, room=inside)
        if answer.admitted and inside:
            return refusals.with_cookies(self._go_in(request, name), answer)  # type: ignore[arg-type]
        if inside:
            self.classes.give_back(name)
        if not answer.admitted:
            return refusals.waiting(request, answer)
        room().refused[name] += 1
        return refusals.with_cookies(refusals.busy(request), answer)

    def _place(self, request: HttpRequest) -> HttpResponseBase:
        room().tend()
        return refusals.place(room().ask(request.COOKIES), room().clock.now())
