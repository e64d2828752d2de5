"""A citizen's own visits: by the phone that holds the pass and a fresh code to its number; and who read the record."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from phonenumber_field.phonenumber import PhoneNumber

from checkins import own_visits
from registry import audit
from registry.citizens import merging
from registry.models import Citizen, Event, Role, Tag, Verification
from registry.phone import verification
from tests.checkins.conftest import at
from tests.checkins.faults import vault_away
from tests.checkins.tracing import ask_where, done, was_at, yesterday
from tests.factories import CitizenFactory, VenueFactory
from tests.registry.clerks import make_clerk
from tests.registry.holders import Holder

pytestmark = pytest.mark.django_db
VISITS = "/api/v1/pass/visits"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def citizen(fresh_log):
    return CitizenFactory(verified=True, phone="+821000001234")


@pytest.fixture
def cafe():
    return VenueFactory(name="은행나무")


def proven(phone, when):
    """A check of a number whose code was right at a moment."""
    check = verification.begin(PhoneNumber.from_string(phone), address="192.0.2.1", now=when)
    Verification.objects.filter(pk=check.pk).update(confirmed_at=when)
    return str(check.pk)


def test_it_tells_the_holder_where_and_when_newest_first_and_keeps_evidence(citizen, cafe, now):
    day = yesterday()
    was_at(cafe, citizen.pk, day, "12:00", "12:40")
    was_at(cafe, CitizenFactory().pk, day, "13:00")
    answer = Holder(citizen).post(VISITS, {"verification": proven(citizen.phone, now)})
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    told = [(visit["at"], visit["direction"], visit["venue"]["name"]) for visit in answer.json()["visits"]]
    ms = [int(at(day, clock).timestamp() * 1000) for clock in ("12:40", "12:00")]
    assert told == [(ms[0], "out", "은행나무"), (ms[1], "in", "은행나무")]
    assert Event.objects.get(tag=Tag.VISITS_SEEN).target == f"citizen:{citizen.pk}"


def test_it_tells_nothing_without_a_fresh_code_to_this_number(citizen, now):
    holder = Holder(citizen)
    old, other = proven(citizen.phone, now - timedelta(minutes=10)), proven("+821000005678", now)
    for check in (old, other):
        answer = holder.post(VISITS, {"verification": check})
        assert (answer.status_code, answer.json()["code"]) == (401, "not_fresh")
    begun = verification.begin(PhoneNumber.from_string(citizen.phone), address="192.0.2.1", now=now)
    for code in ("", "12345", "abcdef"):
        assert holder.post(VISITS, {"verification": str(begun.pk), "code": code}).status_code == 400
    right = {"verification": proven(citizen.phone, now)}
    assert Client().post(VISITS, right, "application/json").status_code == 401, "nor without the phone"
    assert not Event.objects.filter(tag=Tag.VISITS_SEEN).exists()


def test_it_takes_the_right_code_and_counts_a_wrong_one(citizen, now, monkeypatch):
    monkeypatch.setattr(verification.random, "randbelow", lambda most: 123456)
    begun = verification.begin(PhoneNumber.from_string(citizen.phone), address="192.0.2.1", now=now)
    holder, asked = Holder(citizen), {"verification": str(begun.pk)}
    wrong = holder.post(VISITS, asked | {"code": "654321"})
    assert (wrong.json()["code"], wrong.json()["tries_left"]) == ("wrong_code", 4)
    assert holder.post(VISITS, asked | {"code": "123456"}).status_code == 200
    assert holder.post(VISITS, asked).status_code == 200, "for ten minutes, without a new one"
    assert Citizen.objects.get(pk=citizen.pk).due_on == citizen.due_on, "nothing of the pass changes"


def test_it_covers_both_identities_of_a_merged_person(citizen, cafe, now):
    twin = CitizenFactory(name="홍길똥")
    was_at(cafe, citizen.pk, yesterday(), "10:00")
    was_at(cafe, twin.pk, yesterday(), "15:00")
    merging.merge(citizen, twin, by=make_clerk(Role.REGISTRAR), reason="같은 분", now=now)
    assert len(own_visits.of(Citizen.objects.get(), now=now)) == 2


@pytest.mark.django_db(transaction=True)
def test_it_says_that_it_cannot_be_read_while_the_vault_is_away(citizen, now):
    holder, check = Holder(citizen), proven(citizen.phone, now)
    with vault_away():
        answer = holder.post(VISITS, {"verification": check})
    assert (answer.status_code, answer.json()["code"]) == (503, "vault_unavailable")


def test_it_tells_on_which_days_the_record_was_read_and_what_for_but_not_the_case(citizen, cafe):
    one, two = (make_clerk(Role.INVESTIGATOR, username=name) for name in ("one", "two"))
    for _time in range(2):
        audit.record(Tag.PERSON_SEEN, by=one, target=citizen)
    audit.record(Tag.PERSON_SEEN, by=one, target=CitizenFactory())
    trace = done(ask_where(citizen, yesterday(), yesterday(), by=one), two)
    page = Holder(citizen).get("/api/v1/pass/me")
    today = timezone.localdate().isoformat()
    assert sorted(page.json()["looks"], key=lambda look: look["why"]) == [
        {"on": today, "why": "desk", "times": 2}, {"on": today, "why": "tracing", "times": 1},
    ]  # fmt: skip
    assert trace.case_number not in page.content.decode()
