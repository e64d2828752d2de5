"""Callers with a key: each has places and a quota of its own, and stands in the same line as everybody."""

import json

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from gate.callers import Caller, digest_of
from gate.middleware import BEGINS_OF_A_TICKET, GateMiddleware
from gate.process import lookout
from gate.rules import Rules
from gate.shared import Away
from tests.gate.people import empty, forget

BEGIN, OTHER = "/api/v1/app/verifications", "/api/v1/app/strips"
ONE, TWO = Caller("partner:1", places=2, per_minute=600), Caller("partner:2", places=1, per_minute=6)
KEYS = {"one": ONE, "one-before": ONE, "two": TWO}


@pytest.fixture
def gate(valkey):
    """With two callers, in a room in which nobody waits; its rules as they come from the other processes."""
    forget()
    callers = {digest_of(key): caller for key, caller in KEYS.items()}
    rules = Rules(rate=1000, limits={"apps": 1, "verify": 1, "partner:1": 2, "partner:2": 1}, callers=callers)
    lookout().rules = Rules.from_json(rules.as_json())
    yield GateMiddleware(lambda _request: HttpResponse("inside"))
    forget()
    empty(valkey)


@pytest.fixture
def crowded(gate, monkeypatch):
    """Newcomers are held; the line is not looked at meanwhile."""
    lookout().tend()
    monkeypatch.setattr(lookout(), "held", True)
    monkeypatch.setattr(lookout(), "_next_look", float("inf"))


def ask(gate, key, path=OTHER, *, ticket="", method="post"):
    headers = {"Authorization": f"Bearer {key}", "Accept-Language": "en"} | (
        {"Munjigi-Ticket": ticket} if ticket else {}
    )
    return gate(getattr(RequestFactory(), method)(path, headers=headers))


def code(answer):
    return answer.status_code, json.loads(answer.content)["code"]


def test_it_tells_callers_apart_by_their_key_and_asks_no_database(gate):
    assert ask(gate, "one").content == b"inside"
    seen = []
    gate.get_response = lambda _request: seen.append(dict(+gate.classes._inside)) or HttpResponse()
    for key in ("one", "one-before", "two", "unknown", ""):
        ask(gate, key)
    assert seen == [{"partner:1": 1}, {"partner:1": 1}, {"partner:2": 1}, {"apps": 1}, {"apps": 1}]


def test_a_caller_whose_places_are_taken_is_sent_away_at_once_and_nobody_else(gate):
    gate.classes._inside["partner:1"] = 2
    busy = ask(gate, "one")
    assert code(busy) == (503, "busy") and int(busy["Retry-After"]) > 0
    assert code(ask(gate, "one", BEGIN)) == (503, "busy"), "its own fault is no reason to stand in the line"
    assert ask(gate, "two").status_code == ask(gate, "unknown").status_code == 200
    assert gate(RequestFactory().get("/api/v1/scanner-manifest")).status_code == 200


def test_unknown_keys_share_one_small_class(gate):
    gate.classes._inside["apps"] = 1
    assert code(ask(gate, "unknown")) == code(ask(gate, "other", BEGIN)) == (503, "busy")
    assert ask(gate, "one").status_code == 200


def test_it_takes_no_more_requests_than_the_quota_a_minute(gate):
    answers = [ask(gate, "two") for _ in range(30)]
    assert [answer.status_code for answer in answers[:10]] == [200] * 10, "a burst that was saved up"
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 20 and code(refused[0]) == (429, "too_many_a_minute")
    assert 1 <= int(refused[0]["Retry-After"]) <= 10 and "6 a minute" in refused[0].content.decode()
    assert ask(gate, "one").status_code == 200
    assert lookout().refused["partner:2"] == 20


def test_all_processes_together_take_no_more(gate):
    from gate.quotas import Quotas

    other = Quotas(lookout())
    assert sum(ask(gate, "two").status_code == 200 for _ in range(8)) + sum(not other.wait(TWO) for _ in range(8)) == 10


def test_it_goes_on_with_its_share_while_redis_is_away(gate, monkeypatch):
    def away(*_arguments):
        raise Away

    monkeypatch.setattr(lookout()._shared, "spend", away)
    statuses = [ask(gate, "two").status_code for _ in range(20)]
    assert statuses.count(200) == 10 and statuses.count(429) == 10


def test_a_flood_past_the_quota_takes_no_place_in_the_line(gate, crowded):
    before = lookout().unseen
    answers = [ask(gate, "two", BEGIN).status_code for _ in range(50)]
    assert answers.count(503) == 10 and answers.count(429) == 40
    assert lookout().unseen - before == 10


def test_who_must_wait_gets_a_ticket_as_json_and_no_cookie(gate, crowded):
    answer = ask(gate, "one", BEGIN)
    body = json.loads(answer.content)
    assert code(answer) == (503, "waiting") and not answer.cookies
    assert body["waiting"]["ticket"] == answer["Munjigi-Ticket"] and body["waiting"]["position"] >= 1
    place = gate(RequestFactory().get("/waiting/place", headers={"Munjigi-Ticket": answer["Munjigi-Ticket"]}))
    told = json.loads(place.content)
    assert place.status_code == 200 and not told["admitted"] and told["position"] == body["waiting"]["position"]
    again = ask(gate, "one", BEGIN, ticket=told["ticket"])
    assert json.loads(again.content)["waiting"]["position"] == told["position"], "no second ticket"


def test_it_stands_in_the_same_line_as_everybody(gate, crowded):
    first = ask(gate, "one", BEGIN)
    direct = gate(RequestFactory().post("/api/v1/verifications"))
    last = ask(gate, "one", BEGIN)
    positions = [json.loads(each.content)["waiting"]["position"] for each in (first, direct, last)]
    assert positions == sorted(positions) and positions[2] == positions[0] + 2


def test_a_ticket_that_was_called_lets_one_person_in(gate, valkey):
    answer = ask(gate, "one", BEGIN)
    assert answer.content == b"inside" and answer["Munjigi-Ticket"].count(".") == 2
    lookout().held = True
    ticket = answer["Munjigi-Ticket"]
    statuses = [ask(gate, "one", BEGIN, ticket=ticket).status_code for _ in range(BEGINS_OF_A_TICKET + 1)]
    assert statuses == [200] * BEGINS_OF_A_TICKET + [503]


def test_a_caller_whose_places_are_taken_uses_up_no_ticket(gate, monkeypatch):
    ticket = ask(gate, "one", BEGIN)["Munjigi-Ticket"]
    monkeypatch.setattr(lookout(), "held", True)
    monkeypatch.setattr(lookout(), "_next_look", float("inf"))
    gate.classes._inside["partner:1"] = 2
    for _ in range(BEGINS_OF_A_TICKET + 1):
        assert code(ask(gate, "one", BEGIN, ticket=ticket)) == (503, "busy")
    gate.classes._inside["partner:1"] = 0
    statuses = [ask(gate, "one", BEGIN, ticket=ticket).status_code for _ in range(BEGINS_OF_A_TICKET + 1)]
    assert statuses == [200] * BEGINS_OF_A_TICKET + [503]
    assert not gate.classes._inside["partner:1"], "every place is given back"


@pytest.mark.parametrize("nonsense", ["x", "..", "a.b.c", "." * 500, "a.b.c.d"])
def test_a_ticket_of_nobodys_is_none(gate, crowded, nonsense):
    assert code(ask(gate, "one", BEGIN, ticket=nonsense)) == (503, "waiting")
    place = gate(RequestFactory().get("/waiting/place", headers={"Munjigi-Ticket": nonsense}))
    assert place.status_code == 410
