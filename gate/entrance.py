"""Before Django: whoever must wait is told so here, at half of what a request costs that goes through the framework.

Only the crowd's own requests are answered: questions of those who wait, and wishes to begin while people are held. All
else goes on, and so does whoever is admitted; what was decided goes with the request, so that it is decided once.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse

from gate import refusals
from gate.hands import Hand, hand_of
from gate.process import lookout, room

PLACE = "/waiting/place"
DECIDED = "gate.decided"  # in the environment of a request: the Answer that admits it
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Entrance:
    """A WSGI application in front of another."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answered = self._answer(environ)
        if answered is None:
            return self.application(environ, start_response)
        cookies = (("Set-Cookie", cookie.OutputString()) for cookie in answered.cookies.values())
        start_response(f"{answered.status_code} {answered.reason_phrase}", [*answered.items(), *cookies])
        return [answered.content]

    @staticmethod
    def _answer(environ: dict[str, Any]) -> HttpResponse | None:
        """What the crowd is told; None where the request is to go on."""
        path = environ.get("PATH_INFO", "")
        if path == PLACE and environ["REQUEST_METHOD"] == "GET":
            lookout().tend()
            hand = hand_of(WSGIRequest(environ))
            return refusals.place(room().ask(hand.cookies), hand, lookout().clock.now())
        if not lookout().held or (environ["REQUEST_METHOD"], path) not in settings.GATE_ADMISSION:
            return None
        lookout().tend()
        request = WSGIRequest(environ)
        answer = room().enter(request.COOKIES, room=False)
        if not answer.admitted:
            return refusals.waiting(request, answer, Hand(request.COOKIES, by_header=False))
        environ[DECIDED] = answer
        return None
