"""The gate itself, before all that costs something: which requests go in, which wait, which come again later.

Whoever was let in (a class of GATE_ADMITTED), or may pass as nobody has to wait, waits a moment for a place, where all
others are sent away at once: what was begun is to be finished before others begin. They also stand back a moment for
whoever was promised a quick answer (GATE_QUICK). Where they find no place all the same, the room is told, and lets in
fewer.

Callers with a key (GATE_KEYED) are told apart by it: each is a class of its own with a quota a minute. They stand in
the same line as everybody, and wait for no place. All keys that are not known share one class.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed

from gate import refusals
from gate.callers import Caller
from gate.classes import Classes
from gate.entrance import DECIDED, PLACE
from gate.hands import Hand, hand_of
from gate.models import RESERVED_THREADS
from gate.process import lookout, quotas, room
from gate.waiting_room import MOST_BEGINS, Answer

SAFE = ("GET", "HEAD", "OPTIONS")
BEGINS_OF_A_TICKET = 3  # one person's; a caller with a key has a ticket for each


class GateMiddleware:
    """Refuses what is too much for its class, holds those who must wait, and answers their questions at once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.classes = Classes(settings.GATE_CLASSES, settings.GATE_QUICK)
        self.threads = settings.WEB_THREADS - RESERVED_THREADS

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        name = self.classes.of(path)
        if not name:
            return self._outside(request, path)
        lookout().tend()
        if name in settings.GATE_KEYED and (caller := caller_of(request)):
            return self._keyed(request, caller, begins=(request.method, path) in settings.GATE_KEYED[name])
        if (request.method, path) in settings.GATE_ADMISSION:
            return self._begin(request, name, Hand(request.COOKIES, by_header=False))
        let_in = name in settings.GATE_ADMITTED and room().has_let_in(request.COOKIES)
        if self._take(name, patiently=let_in):
            return self._go_in(request, name)
        if let_in or name not in settings.GATE_ADMITTED:  # a stranger's noise must not make the room slower
            lookout().refused[name] += 1
        return refusals.busy(request)

    def _keyed(self, request: HttpRequest, caller: Caller, *, begins: bool) -> HttpResponseBase:
        """What is past the caller's quota or places costs nobody else anything."""
        if wait := quotas().wait(caller):
            lookout().refused[caller.name] += 1
            return refusals.over_quota(request, caller, wait)
        if begins:
            return self._begin(request, caller.name, hand_of(request, keyed=True), most=BEGINS_OF_A_TICKET)
        if self._take(caller.name, patiently=False):
            return self._go_in(request, caller.name)
        lookout().refused[caller.name] += 1
        return refusals.busy(request)

    def _outside(self, request: HttpRequest, path: str) -> HttpResponseBase:
        """What stands outside all limits is only ever read: nobody's slow body is waited for there."""
        if request.method not in SAFE:
            return HttpResponseNotAllowed(SAFE)
        return self._place(request) if path == PLACE else self.get_response(request)

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

    def _take(self, name: str, *, patiently: bool) -> bool:
        limits = lookout().rules.limits
        if patiently:
            return self.classes.wait_for(name, limits, self.threads)
        return self.classes.take(name, limits)

    def _begin(self, request: HttpRequest, name: str, hand: Hand, *, most: int = MOST_BEGINS) -> HttpResponseBase:
        """The crowd that is held takes no place, not even while it is told so. A caller with a key has its place before
        anything is counted: where its own are taken, none of a ticket's begins is used up."""
        decided: Answer | None = request.META.pop(DECIDED, None)
        patiently = not hand.by_header
        place_first = not decided and (not lookout().held or (hand.by_header and room().has_let_in(hand.cookies)))
        inside = place_first and self._take(name, patiently=patiently)
        if place_first and not inside and not patiently:
            lookout().refused[name] += 1
            return refusals.busy(request)  # its own places are taken, which is no reason to stand in everybody's line
        try:
            answer = decided or room().enter(hand.cookies, room=inside, begins=most)
        except BaseException:
            if inside:
                self.classes.give_back(name)
            raise
        if answer.admitted and (inside or self._take(name, patiently=patiently)):
            return hand.give(self._go_in(request, name), answer)  # type: ignore[no-any-return]
        if inside:
            self.classes.give_back(name)
        if not answer.admitted:
            return refusals.waiting(request, answer, hand)
        lookout().refused[name] += 1
        return hand.give(refusals.busy(request), answer)  # type: ignore[no-any-return]

    def _place(self, request: HttpRequest) -> HttpResponseBase:
        lookout().tend()
        hand = hand_of(request)
        return refusals.place(room().ask(hand.cookies), hand, lookout().clock.now())


def caller_of(request: HttpRequest) -> Caller | None:
    """Who calls with a key that the gate knows."""
    return lookout().rules.caller(request.META.get("HTTP_AUTHORIZATION", ""))
