"""Checking in by a venue's poster: the guest's own phone tells where it is."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.utils import timezone

from checkins.models import Direction, Entry, Flag, HourCount
from checkins.scanning import visits
from tests.checkins.conftest import at, b64, day_key, person, signer
from tests.factories import VenueFactory
from venues.models import PosterTries, Venue
from venues.posters import limits, making, signed_code

pytestmark = pytest.mark.django_db
HERE = "192.0.2.7"


class Place:
    """A venue with a poster; `.visit` posts over the API, `.told` calls the verb at a chosen time of the server."""

    def __init__(self, category: str = "cafe") -> None:
        self.venue = VenueFactory(category_id=category)
        self.owner = self.venue.operator.people.get()
        made = timezone.now() - timedelta(days=40)
        signer(timezone.localdate(made))
        self.poster = making.make(self.venue, by=self.owner, now=made)
        self.sign = (self.venue.pk, self.poster.number)  # what a phone's proof is made for
        self.client = Client()

    def visit(self, *guests, tapped=None, direction="in", code=None, **members):
        tapped = tapped or timezone.now()
        items = [
            {"strip": b64(strip), "t": t, "proof": b64(proof)} | members
            for strip, t, proof in (guest.shown(tapped, self.sign) for guest in guests)
        ]
        body = {"poster": code or self.poster.code, "guests": items, "direction": direction}
        return self.client.post("/api/v1/visits", body, content_type="application/json")

    def told(self, guest, *, tapped, now, direction="in"):
        strip, t, proof = guest.shown(tapped, self.sign)
        found = [visits.Guest(strip, t, proof)]
        _place, [answer] = visits.check_in(self.poster.code, found, direction, address=HERE, now=now)
        return answer

    @property
    def entries(self):
        return Entry.objects.filter(venue=self.venue.pk).order_by("seen_at")

    @property
    def counts(self):
        rows = HourCount.objects.filter(venue=self.venue, method="poster")
        return {(row.verdict, row.direction, row.admitted): row.count for row in rows}


@pytest.fixture
def place(fresh_log, noon) -> Place:
    return Place()


def test_it_writes_a_row_of_the_log_and_says_where_and_when(place):
    guest, tapped = person(), timezone.now()
    body = place.visit(guest, tapped=tapped).json()
    assert body["venue"]["name"] == place.venue.name and body["venue"]["region"]["en"] == "Gangnam-gu, Seoul"
    second = int(tapped.timestamp())
    assert body["guests"] == [{"verdict": "PASS", "colour": "green", "at": second, "answer": "stored"}]
    [entry] = place.entries
    assert (entry.t, entry.scanner, entry.method, entry.direction, entry.flags) == (second, 0, "poster", "in", 0)
    assert bytes(entry.subject) in guest.strip
    assert place.counts == {("PASS", "in", True): 1}


def test_it_takes_a_visit_that_is_sent_again_or_tapped_again_for_the_same(place):
    guest, now = person(), timezone.now()
    first = now - timedelta(minutes=4)
    place.visit(guest, tapped=first)
    for tapped in (first, now):
        [again] = place.visit(guest, tapped=tapped).json()["guests"]
        assert (again["answer"], again["at"]) == ("known", int(first.timestamp()))
    assert place.counts == {("PASS", "in", True): 1}


def test_it_checks_out_and_in_again(place):
    guest, now = person(), timezone.now()
    for seconds, direction in ((60, "in"), (40, "out"), (20, "in")):
        [answer] = place.visit(guest, tapped=now - timedelta(seconds=seconds), direction=direction).json()["guests"]
        assert answer["answer"] == "stored"
    assert place.counts == {("PASS", "in", True): 2, ("PASS", "out", True): 1}


def test_it_turns_away_who_has_no_pass_where_one_is_asked_for_unless_alone(place):
    guest = person(passes=False)
    [red] = place.visit(guest).json()["guests"]
    assert (red["answer"], red["colour"], red["alone"]) == ("counted", "red", True)
    assert not place.entries.exists()
    [alone] = place.visit(guest, alone=True).json()["guests"]
    assert alone["answer"] == "stored" and place.entries.get().flags == Flag.ALONE
    assert place.counts == {("NO_PASS", "in", False): 1, ("NO_PASS", "in", True): 1}


def test_it_lets_everybody_leave(place):
    [answer] = place.visit(person(passes=False), direction="out").json()["guests"]
    assert answer["answer"] == "stored"
    assert place.entries.get().direction == Direction.OUT


def test_it_checks_in_those_who_are_carried_each_by_an_answer_of_their_own(place):
    body = place.visit(person(), person(), person(passes=False)).json()
    assert [guest["answer"] for guest in body["guests"]] == ["stored", "stored", "counted"]
    assert place.entries.count() == 2


def test_it_takes_what_the_phone_kept_and_marks_what_we_know_better(place):
    now = timezone.now()
    day = timezone.localdate() - timedelta(days=20)
    day_key(day)
    tapped = at(day)
    for passes, flags in ((True, 0), (False, Flag.NO_PASS)):
        guest = person(day, passes=passes)
        assert place.told(guest, tapped=tapped, now=now)["answer"] == "stored"
        assert place.told(guest, tapped=tapped, now=now)["answer"] == "known"
        assert place.entries.last().flags == flags or place.entries.filter(flags=flags).exists()
    assert {count.day for count in HourCount.objects.all()} == {day}


def test_it_refuses_what_is_too_old_ahead_of_us_or_not_of_the_agency(place):
    now = timezone.now()
    old = timezone.localdate() - timedelta(days=29)
    assert place.told(person(old), tapped=at(old), now=now)["reason"] == "too_old"
    ahead = now + timedelta(seconds=visits.AHEAD + 5)
    assert place.told(person(), tapped=ahead, now=now)["reason"] == "in_future"
    mine, other = person(), person()
    other.key = mine.key
    assert place.told(other, tapped=now, now=now)["reason"] == "FORGED"
    strip, _t, _proof = person(paper=True).shown(now)
    answer = visits.check_in(place.poster.code, [visits.Guest(strip, 0, b"")], "in", address=HERE, now=now)[1]
    assert answer == [{"answer": "refused", "reason": "MALFORMED"}]
    assert not place.entries.exists() and not place.counts


def test_it_takes_no_code_that_was_shown_elsewhere(place):
    """Whoever reads a code at a door, or off a visit to another venue, checks nobody in with it."""
    guest = person()
    for shown_at in (None, (place.venue.pk + 1, 1), (place.venue.pk, 2)):
        place.sign = shown_at
        [answer] = place.visit(guest).json()["guests"]
        assert answer == {"answer": "refused", "reason": "FORGED"}
    assert not place.entries.exists()


def test_it_knows_no_poster_that_the_agency_did_not_make(place):
    said = signed_code.decode(place.poster.code)
    drawn = signed_code.encode(
        private_key=ec.generate_private_key(ec.SECP256R1()), kid=said.kid, venue=said.venue, number=said.number,
        made=said.made, name=said.name, region=said.region,
    )  # fmt: skip
    for code in (drawn, "x", place.poster.code[:-4]):
        answer = place.visit(person(), code=code)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_poster")
        assert place.client.get(f"/api/v1/posters/{code}").status_code == 404


def test_it_ends_a_poster_with_its_renewal_for_visits_after_it(place):
    guest, now = person(), timezone.now()
    newer = making.renew(place.poster, by=place.owner, now=now - timedelta(minutes=30))
    assert place.visit(guest).json()["code"] == "poster_ended"
    assert place.visit(guest, tapped=now - timedelta(minutes=31)).json()["guests"][0]["answer"] == "stored"
    place.sign = (place.venue.pk, newer.number)
    assert place.visit(guest, code=newer.code).json()["guests"][0]["answer"] == "stored"
    assert place.client.get(f"/api/v1/posters/{place.poster.code}").json()["state"] == "poster_ended"


@pytest.mark.parametrize(
    ("status", "code"), [(Venue.Status.CLOSED, "venue_closed"), (Venue.Status.SUSPENDED, "venue_suspended")]
)
def test_it_checks_nobody_in_where_the_door_is_shut_but_takes_what_was_before(place, status, code):
    Venue.objects.filter(pk=place.venue.pk).update(status=status)
    answer = place.visit(person())
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert place.visit(person(), tapped=timezone.now() - timedelta(minutes=5)).status_code == 200
    assert place.client.get(f"/api/v1/posters/{place.poster.code}").json()["state"] == code


def test_it_tells_what_a_poster_is_before_anybody_checks_in(place, django_assert_max_num_queries):
    place.client.get(f"/api/v1/posters/{place.poster.code}")
    with django_assert_max_num_queries(1):
        body = place.client.get(f"/api/v1/posters/{place.poster.code}").json()
    assert (body["venue"]["name"], body["state"], body["asks"], body["alone"]) == (place.venue.name, "good", True, True)
    assert signed_code.decode(place.poster.code).region == body["venue"]["region"]["ko"]


def test_it_takes_few_statements(place, django_assert_max_num_queries):
    guest = person()
    place.visit(person())
    with django_assert_max_num_queries(5):
        assert place.visit(guest).json()["guests"][0]["answer"] == "stored"


def test_it_stops_a_flood_by_a_phone_and_by_an_address(place, monkeypatch):
    monkeypatch.setattr(limits, "PER_PHONE", 2)
    guest = person()
    assert [place.visit(guest).status_code for _time in range(9)] == [200, 200, *[429] * 7]
    monkeypatch.setattr(limits, "PER_ADDRESS", 3)
    assert place.visit(person()).status_code == 200, "what was refused of one phone is not the others'"
    stopped = place.visit(person())
    assert (stopped.status_code, stopped.headers["Retry-After"]) == (429, "300")


def test_it_stops_whoever_tries_made_up_posters_and_forgets_it(place, monkeypatch):
    monkeypatch.setattr(limits, "WRONG_PER_ADDRESS", 3)
    assert [place.visit(person(), code="x").status_code for _time in range(4)] == [404, 404, 404, 429]
    assert place.visit(person()).status_code == 200, "others behind that address check in all the same"
    mine, other = person(), person()
    other.key = mine.key
    assert place.visit(other).status_code == 429
    limits.forget(datetime.now(UTC) + timedelta(hours=1))
    assert not PosterTries.objects.exists()


@pytest.mark.parametrize("guests", [[], [{}], None, [{"strip": "x", "t": -1, "proof": "y"}], [{}] * 11])
def test_it_says_what_is_malformed(place, guests):
    body = {"poster": place.poster.code, "guests": guests}
    answer = place.client.post("/api/v1/visits", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_it_gives_phones_the_keys_by_which_posters_are_told_apart(place):
    keys = place.client.get("/api/v1/pass/keys").json()["keys"]
    assert b64(signed_code.decode(place.poster.code).kid) in {key["kid"] for key in keys}
    assert {"kid", "x", "y", "from", "until"} == set(keys[0])
