"""A crowd before the running stack: real processes, real threads, real connections."""

import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from config.settings import GATE_LIMITS
from gate.rules import Rules
from gate.shared import Shared
from tests.stack import until

WAIT = 60.0


class Browser:
    """Keeps its cookies."""

    def __init__(self, stack, address="10.0.0.1"):
        self.link = http.client.HTTPConnection("localhost", stack.web_port, timeout=WAIT)
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, body=None):
        """Status, headers, content, seconds."""
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} if self.cookies else {}
        raw = json.dumps(body).encode() if body is not None else None
        if raw:
            headers["Content-Type"] = "application/json"
        began = time.monotonic()
        self.link.request(method, path, raw, headers)
        answer = self.link.getresponse()
        content = answer.read()
        self.link.close()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.headers, content, time.monotonic() - began

    def begin(self, number: int):
        return self.ask("POST", "/api/v1/verifications", {"phone": f"0100000{number:04d}"})


@pytest.fixture
def rules(live_stack):
    """Set the rules of the running processes; the usual ones again at the end, with the limits of the product: those
    of the tests' own process may have come to them through Redis."""
    shared = Shared(live_stack.broker.url(0))

    def go_by(**changed):
        shared.publish(Rules(version=time.time_ns() // 1000, limits=GATE_LIMITS, **changed))
        time.sleep(1.1)
        browser = Browser(live_stack)
        for _ in range(20):
            browser.ask("GET", "/waiting/place")

    yield go_by
    go_by()


def test_it_answers_all_others_while_one_class_is_full(live_stack, rules):
    """The table of phone checks is locked, so that whoever asks for one stays inside: 20 want to."""
    path = "/api/v1/verifications/5d1f4f8a-0000-4000-8000-000000000000"
    full = ThreadPoolExecutor(20)
    rules()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE registry_verification IN ACCESS EXCLUSIVE MODE")
        inside = [full.submit(Browser(live_stack).ask, "GET", path) for _ in range(20)]
        until(lambda: sum(each.done() for each in inside) >= 12)  # two processes with two places each
        refused = [each.result() for each in inside if each.done()]
        assert len(refused) < 20, "somebody is inside"
        for status, headers, content, _seconds in refused:
            problem = json.loads(content)
            assert (status, problem["code"]) == (503, "busy") and problem["detail"]
            assert 1 <= int(headers["Retry-After"]) <= 10
            assert headers["X-Content-Type-Options"] == "nosniff" and headers["Content-Security-Policy"]
        browser = Browser(live_stack)
        for _ in range(4):
            for other in ("/api/v1/pass/time", "/pass/", "/admin/login/", "/scanner/", "/owner/", "/status/", "/"):
                status, _headers, _content, seconds = browser.ask("GET", other)
                assert status in (200, 302) and seconds < 1, other
        status, *_ = browser.ask("GET", "/api/v1/revocations/manifest")
        assert status != 503
    assert {each.result()[0] for each in inside} == {404, 503}
    assert browser.ask("GET", path)[0] == 404, "every place is free again"


def test_it_lets_a_crowd_in_one_after_the_other(live_stack, rules):
    rules(rate=4.0)
    browsers = [Browser(live_stack) for _ in range(30)]
    told = [browser.begin(number) for number, browser in enumerate(browsers)]
    assert {status for status, *_ in told} <= {202, 429, 503}
    waiting = [(n, browser) for n, browser in enumerate(browsers) if told[n][0] == 503]
    assert 10 <= len(waiting) <= 20, "a burst may pass"
    for n, _browser in waiting:
        _status, headers, content, _seconds = told[n]
        place = json.loads(content)["waiting"]
        assert int(headers["Retry-After"]) == place["pace_s"] >= 3 and place["colour"] in {"yellow", "orange", "red"}
    called: list[int] = []
    threads = [threading.Thread(target=_wait, args=(n, browser, called)) for n, browser in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    assert sorted(called) == [n for n, _browser in waiting], "nobody is lost"
    assert waiting[0][1].begin(0)[0] in (202, 429), "who was called goes in"
    assert Browser(live_stack).ask("GET", "/waiting/place")[0] == 410


def _wait(number: int, browser: Browser, called: list[int]) -> None:
    for _ in range(12):
        _status, _headers, content, _seconds = browser.ask("GET", "/waiting/place")
        place = json.loads(content)
        if place["admitted"]:
            called.append(number)
            return
        time.sleep(place["pace_s"])
