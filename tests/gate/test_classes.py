"""Places of the traffic classes, and who waits a moment for one."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.test import RequestFactory

from gate.classes import COURTESY, PATIENCE, Classes
from gate.middleware import GateMiddleware
from gate.waiting_room import Room

LIMITS = {"scan": 2, "finish": 1}
THREADS = 5  # two more than there are places


@pytest.fixture
def classes() -> Classes:
    return Classes([("/scan", "scan"), ("/check/", "finish"), ("/", "")], ["scan"])


def test_it_gives_a_place_that_becomes_free_to_who_waits_for_it(classes):
    assert classes.take("finish", LIMITS)
    threading.Timer(0.05, classes.give_back, ["finish"]).start()
    began = time.monotonic()
    assert classes.wait_for("finish", LIMITS, THREADS)
    assert 0.04 < time.monotonic() - began < PATIENCE


def test_it_lets_nobody_wait_for_long(classes):
    assert classes.take("finish", LIMITS)
    began = time.monotonic()
    assert not classes.wait_for("finish", LIMITS, THREADS)
    assert PATIENCE <= time.monotonic() - began < PATIENCE + 0.5
    classes.give_back("finish")
    assert classes.take("finish", LIMITS)


def test_it_lets_only_as_many_wait_as_there_are_threads_left_over(classes):
    assert classes.take("finish", LIMITS)
    with ThreadPoolExecutor(6) as many:
        began = time.monotonic()
        waits = [many.submit(lambda: (classes.wait_for("finish", LIMITS, THREADS), time.monotonic())) for _ in range(6)]
        ended = sorted(wait.result()[1] - began for wait in waits)
    assert not any(wait.result()[0] for wait in waits)
    assert ended[3] < PATIENCE / 2 and ended[4] >= PATIENCE * 0.9, "two waited, four were sent away at once"
    assert classes.take("scan", LIMITS), "a flood of one class takes no place of another"


def test_whoever_can_wait_does_not_begin_beside_somebody_who_was_promised_a_quick_answer(classes):
    assert classes.take("scan", LIMITS)
    threading.Timer(0.05, classes.give_back, ["scan"]).start()
    began = time.monotonic()
    assert classes.wait_for("finish", LIMITS, THREADS)
    assert 0.04 < time.monotonic() - began < COURTESY
    assert classes.take("scan", LIMITS), "the quick do not wait for the others"


def test_nobody_stands_back_for_long(classes):
    assert classes.take("scan", LIMITS)
    began = time.monotonic()
    assert classes.wait_for("finish", LIMITS, THREADS)
    assert COURTESY <= time.monotonic() - began < PATIENCE


def test_where_no_thread_is_left_to_wait_nobody_is_sent_away_out_of_courtesy(classes):
    assert classes.take("scan", LIMITS)
    assert classes.wait_for("finish", LIMITS, threads=sum(LIMITS.values()))
    assert not classes.wait_for("finish", LIMITS, threads=sum(LIMITS.values()))


def test_it_has_a_class_for_codes_given_back_that_newcomers_cannot_fill():
    classes = GateMiddleware(lambda _request: None).classes
    assert classes.of("/api/v1/verifications") == "verify"
    assert classes.of("/api/v1/verifications/5d1f4f8a-0000-4000-8000-000000000000/confirm") == "finish"
    assert set(settings.GATE_ADMITTED) == {"verify", "finish"}


def test_phones_that_ask_for_news_take_no_place_of_those_that_fetch_a_pass():
    classes = Classes(settings.GATE_CLASSES)
    assert classes.of("/api/v1/pass/news/nwv0g_p1JahlUuk28sUdSQ") == "news"
    assert classes.of("/api/v1/pass/strips") == "pass"


def test_it_writes_no_line_of_the_log_for_each_who_is_refused():
    """Django logs an answer from 400 on, unless it is marked as logged."""
    gate = GateMiddleware(lambda _request: None)
    for name in settings.GATE_LIMITS:
        gate.classes._inside[name] = 1000
    for path in ("/api/v1/pass/time", "/owner/", "/waiting/place"):
        answer = gate(RequestFactory().get(path))
        assert answer.status_code in (503, 410) and answer._has_been_logged


def test_a_place_is_free_again_where_the_waiting_room_fails(monkeypatch):
    def fail(*_arguments, **_more):
        raise RuntimeError("unforeseen")

    gate = GateMiddleware(lambda _request: None)
    monkeypatch.setattr(Room, "enter", fail)
    with pytest.raises(RuntimeError, match="unforeseen"):
        gate(RequestFactory().post("/api/v1/verifications", b"{}", content_type="application/json"))
    assert not any(gate.classes._inside.values())
