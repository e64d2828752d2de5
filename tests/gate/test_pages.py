"""The waiting page and the status page: no database, no session, and nowhere to go but our own pages."""

import pytest
from django.test import Client

from gate.process import lookout
from gate.waiting_room import ADMISSION, TICKET
from tests.gate.people import forget
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _new_room():
    """What these tests leave in the line of this process stands in nobody's way."""
    forget()
    yield
    forget()


@pytest.fixture
def crowded(monkeypatch):
    """Newcomers are held; the line is not looked at meanwhile."""
    lookout().tend()
    monkeypatch.setattr(lookout(), "held", True)
    monkeypatch.setattr(lookout(), "_next_look", float("inf"))


def test_it_sends_on_whoever_need_not_wait(client):
    answer = client.get("/waiting/?next=/pass/")
    assert answer.status_code == 302 and answer.url == "/pass/"
    assert not answer.cookies, "nothing is used up by looking"


def test_it_shows_the_place_without_database_or_session(client, crowded, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = client.get("/waiting/?next=/pass/", headers={"Accept-Language": "en"})
    text = page.content.decode()
    assert page.status_code == 200 and "You are in line" in text and 'id="position">1<' in text
    assert '<noscript><meta http-equiv="refresh" content="' in text
    assert len(page.content) < 8000
    assert "sessionid" not in page.cookies and page.headers["Cache-Control"].find("no-store") >= 0
    ticket = page.cookies[TICKET]
    assert ticket["httponly"] and ticket["samesite"] == "Lax"
    again = client.get("/waiting/?next=/pass/")
    assert TICKET not in again.cookies, "a reload keeps the place"


def test_it_says_so_in_the_language_asked_for(client, crowded):
    assert "You are in line" in client.get("/waiting/?language=en").content.decode()
    assert "차례를" in client.get("/waiting/?language=ko").content.decode()
    assert client.get("/waiting/?language=../x").status_code == 200


@pytest.mark.parametrize(
    "then", ["https://evil.example/", "//evil.example/", "/\\evil.example", "pass/", "", "/waiting/"]
)
def test_it_goes_nowhere_else(client, then):
    assert client.get("/waiting/", {"next": then}).url == "/"


def test_it_tells_how_crowded_it_is(client, django_assert_num_queries):
    client.get("/status/?language=en")
    with django_assert_num_queries(0):
        page = client.get("/status/?language=en")
    text = page.content.decode()
    assert "Smooth" in text and "Very crowded" in text and 'aria-current="true"' in text
    assert "max-age=5" in page.headers["Cache-Control"] and not page.cookies


@pytest.mark.parametrize("path", ["/waiting/", "/status/"])
def test_it_only_reads(client, path):
    assert client.post(path).status_code == 405


def test_it_holds_who_would_begin(client, crowded, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.post("/api/v1/verifications", {"phone": "01000000001"}, content_type="application/json")
    problem = answer.json()
    assert answer.status_code == 503 and problem["code"] == "waiting" and problem["detail"]
    assert set(problem["waiting"]) == {"position", "wait_s", "pace_s", "colour"}
    assert answer.headers["Retry-After"] == str(problem["waiting"]["pace_s"])
    assert answer.headers["Content-Type"] == "application/problem+json"
    place = client.get("/waiting/place")
    assert place.json()["admitted"] is False and place.json()["time"] > 1_700_000_000_000
    stranger = Client().get("/waiting/place")
    assert stranger.status_code == 410 and stranger.json()["code"] == "no_ticket"


def test_it_needs_no_admission_for_what_follows(client, crowded):
    path = "/api/v1/verifications/5d1f4f8a-0000-4000-8000-000000000000"
    assert client.get(path).status_code == 404
    assert client.post(f"{path}/confirm", {}, content_type="application/json").status_code == 400


def test_it_gives_an_admission_with_the_first_begin(client):
    answer = client.post("/api/v1/verifications", {"phone": "01000000001"}, content_type="application/json")
    assert answer.status_code == 202 and ADMISSION in answer.cookies
    assert client.get("/waiting/place").json()["admitted"] is True


def test_it_lets_a_desk_page_and_all_it_loads_in(monkeypatch):
    """One clerk's page with its parallel requests is no crowd."""
    client = desk_of(make_clerk(superuser=True))
    assert client.get("/admin/").status_code == 200
    assert lookout().rules.limits["desk"] >= 3
