"""What is told to the crowd before Django, and what goes on."""

import json
from http.cookies import SimpleCookie
from io import BytesIO

import pytest
from django.test import Client

from gate.entrance import DECIDED, Entrance
from gate.process import lookout, room
from gate.rules import Rules
from tests.gate.people import empty

BEGIN = "/api/v1/verifications"


class Door:
    """The entrance before an application that keeps what reaches it."""

    def __init__(self) -> None:
        self.inside: list[dict] = []
        self.cookies: dict[str, str] = {}
        self.entrance = Entrance(self._application)

    def _application(self, environ, start_response):
        self.inside.append(environ)
        start_response("202 Accepted", [])
        return [b"{}"]

    def ask(self, method, path, body=b""):
        """Status, headers without cookies, content; cookies are kept."""
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": BytesIO(body), "SERVER_NAME": "x"}
        environ |= {"CONTENT_LENGTH": str(len(body)), "SERVER_PORT": "80", "HTTP_ACCEPT_LANGUAGE": "en"}
        environ["HTTP_COOKIE"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        told = []
        content = b"".join(self.entrance(environ, lambda status, headers: told.append((status, headers))))
        for name, value in told[0][1]:
            if name == "Set-Cookie":
                self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(value).items()}
        return int(told[0][0][:3]), {k: v for k, v in told[0][1] if k != "Set-Cookie"}, content


@pytest.fixture
def door(valkey):
    """At a room of its own rate, in which nobody waits yet."""
    rules, held = lookout().rules, lookout().held
    lookout().apply(Rules(rate=5, version=lookout().rules.version + 1))
    yield Door()
    lookout().rules, lookout().held = rules, held
    empty(valkey)


def test_it_tells_the_crowd_to_wait_before_anything_else(door):
    lookout().held = True
    status, headers, content = door.ask("POST", BEGIN, b'{"phone": "01000000001"}')
    problem = json.loads(content)
    assert (status, problem["code"]) == (503, "waiting") and problem["detail"].startswith("Many people")
    assert int(headers["Retry-After"]) == problem["waiting"]["pace_s"]
    assert not door.inside
    status, _headers, content = door.ask("GET", "/waiting/place")
    assert status == 200 and json.loads(content)["position"] >= 1
    assert Door().ask("GET", "/waiting/place")[0] == 410


def test_its_answers_are_as_safe_as_those_of_all_pages(door):
    lookout().held = True
    _status, headers, _content = door.ask("POST", BEGIN)
    others = Client().get("/health/live").headers
    for name in ("X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "X-Frame-Options"):
        assert headers[name] == others[name], name
    assert "default-src 'none'" in headers["Content-Security-Policy"] and headers["Cache-Control"] == "no-store"


def test_it_lets_through_who_is_admitted_and_decides_once(door, valkey):
    lookout().held = False
    answer = room().enter({})
    door.cookies = {name: value for name, (value, _seconds) in answer.cookies.items()}
    lookout().held = True
    assert door.ask("POST", BEGIN)[0] == 202
    assert door.inside[0][DECIDED].admitted
    used = [int(valkey.get(key)) for key in valkey.scan_iter("{gate}:used:*")]
    assert used == [1], "one begin of the ten"


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("POST", f"{BEGIN}/x/confirm"), ("GET", BEGIN)])
def test_it_leaves_all_else_alone(door, method, path):
    lookout().held = True
    assert door.ask(method, path)[0] == 202 and DECIDED not in door.inside[0]
