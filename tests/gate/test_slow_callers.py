"""Strangers who send slowly, or much, hold up nobody else and make the waiting room no slower."""

import threading
import time

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from gate import refusals
from gate.classes import PATIENCE
from gate.middleware import GateMiddleware
from gate.process import lookout, room
from tests.gate.people import forget

FINISH = "/api/v1/verifications/5d1f4f8a-0000-4000-8000-000000000000"


class Slow:
    """A body that does not come until it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go = threading.Semaphore(0), threading.Event()

    def read(self, _length: int) -> bytes:
        self.begun.release()
        self.let_go.wait(10)
        return b""


def refused(body: object) -> int:
    request = RequestFactory().post("/api/v1/verifications", b"{}", content_type="application/json")
    request.META["wsgi.input"] = body
    return refusals.busy(request).status_code


def test_it_reads_no_more_slow_bodies_at_once_than_it_can_spare_threads():
    slow = Slow()
    threads = [threading.Thread(target=refused, args=[slow]) for _n in range(refusals.SWALLOWING)]
    [thread.start() for thread in threads]
    [slow.begun.acquire(timeout=10) for _thread in threads]
    assert refused(slow) == 503, "answered without waiting for the body"
    assert not slow.begun.acquire(blocking=False)
    slow.let_go.set()
    [thread.join(10) for thread in threads]
    assert refused(slow) == 503
    assert slow.begun.acquire(blocking=False), "read again, as there is room"


@pytest.mark.parametrize("path", ["/waiting/", "/waiting/place", "/status/", "/health/live", "/static/x.js"])
def test_it_reads_no_body_at_all_where_nothing_is_limited(path):
    request = RequestFactory().post(path, b"x", content_type="application/x-www-form-urlencoded")
    request.META["wsgi.input"] = None
    assert GateMiddleware(lambda _request: HttpResponse())(request).status_code == 405


def test_only_those_who_were_let_in_wait_for_a_place_and_slow_the_room_by_not_finding_one():
    forget()
    gate = GateMiddleware(lambda _request: HttpResponse())
    gate.threads, gate.classes._inside["finish"] = 1000, 1000
    lookout().tend()
    began = time.monotonic()
    assert gate(RequestFactory().get(FINISH)).status_code == 503
    assert time.monotonic() - began < PATIENCE / 2 and lookout().refused["finish"] == 0
    let_in = RequestFactory()
    for name, (value, _seconds) in room().enter({}).cookies.items():
        let_in.cookies[name] = value
    assert gate(let_in.get(FINISH)).status_code == 503
    assert time.monotonic() - began >= PATIENCE and lookout().refused["finish"] == 1
    forget()


@pytest.mark.django_db
def test_it_goes_on_alone_where_another_version_left_what_it_cannot_read():
    forget()
    shared = lookout()._shared
    try:
        for left in (b'{"newer": 1}', b"[]", b"{"):
            shared._client.set(shared._keys[0], left)
            forget()
            lookout().tend()
            assert lookout().is_alone and room().enter({}).admitted, left
    finally:
        shared._client.delete(shared._keys[0])
        forget()
