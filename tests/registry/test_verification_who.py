"""Who is who: a code proves a number, not a person (docs/architecture.md)."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from registry.models import Citizen, Device, Event, Review, Tag
from registry.reverification import dueloads
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.phones import Phone

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    """On record with a second dose."""
    return PassRecordFactory(citizen=CitizenFactory(name="김 수진", birth="1985-03-02", phone="+821000002001")).citizen


def phone_of(simulator, number, name="김수진", birth_date="1985-03-02"):
    return Phone(simulator, number, name=name, birth_date=birth_date)


def test_the_right_number_name_and_birth_date_get_the_records(simulator, person):
    answer = phone_of(simulator, "01000002001").prove().json()
    assert (answer["review"], answer["days"][0]["pass"], answer["days"][0]["basis"]) == (False, 1, "PRIMARY")
    person.refresh_from_db()
    assert person.due_on.isoformat() == answer["due_on"] and person.verified_at
    event = Event.objects.get(tag=Tag.PHONE_VERIFIED)
    assert (event.target, event.address, event.actor) == (f"citizen:{person.pk}", "127.0.0.1", None)


@pytest.mark.parametrize(
    ("number", "name", "birth_date"),
    [
        ("01000002001", "박다른", "1985-03-02"),  # the number is somebody else's
        ("01000002001", "김수진", "1985-03-03"),
        ("01000002002", "김수진", "1985-03-02"),  # the name is known under another number
    ],
)
def test_whoever_does_not_fit_gets_no_records_and_a_clerk_looks(simulator, person, number, name, birth_date):
    answer = phone_of(simulator, number, name, birth_date).prove()
    body = answer.json()
    assert (body["review"], body["days"][0]["pass"], body["days"][0]["basis"]) == (True, 0, None)
    assert "김 수진" not in answer.content.decode() and body["masked_name"] == name[0] + "*" + name[2]
    newcomer = Device.objects.get().citizen
    assert newcomer != person and not newcomer.records.exists()
    review = Review.objects.get()
    assert (review.kind, review.citizen, review.other) == (Review.Kind.POSSIBLY_SAME, newcomer, person)
    person.refresh_from_db()
    assert person.verified_at is None


def test_whoever_does_not_fit_comes_back_as_the_same_person_and_is_still_under_review(simulator, person):
    phone = phone_of(simulator, "01000002001", "박다른")
    phone.prove()
    assert phone.prove().json()["review"] is True
    assert (Citizen.objects.count(), Review.objects.count()) == (2, 1)
    Review.objects.update(closed_at=timezone.now())
    assert phone.prove().json()["review"] is False


def test_somebody_unknown_is_taken_in_without_a_clerk(simulator, person):
    body = phone_of(simulator, "01000002003", "이새로", "2000-01-01").prove().json()
    assert (body["review"], body["days"][0]["pass"]) == (False, 0)
    assert not Review.objects.exists()


def test_a_phone_that_holds_a_pass_renews_without_saying_who_it_is(simulator, person):
    phone = phone_of(simulator, "01000002001")
    phone.prove()
    phone.verification = None
    phone.begin()
    answer = phone.confirm(phone.receive(), signed=True, device_key=None)
    assert answer.status_code == 200, answer.content
    assert (answer.json()["days"][0]["basis"], Device.objects.count()) == ("PRIMARY", 1)


def test_a_renewal_keeps_the_way_back_open_as_long_as_the_pass(simulator, person):
    phone = phone_of(simulator, "01000002001")
    phone.prove()
    phone.verification = None
    phone.begin()
    answer = phone.confirm(phone.receive(), signed=True)
    assert answer.cookies["device"].value
    restore = {"device_key": phone.restore_key(), "day_keys": phone.day_keys()}
    assert phone.post("/api/v1/pass/restore", restore).status_code == 200


def test_a_phone_with_another_number_has_to_say_who_it_is(simulator, person):
    phone = phone_of(simulator, "01000002001")
    phone.prove()
    phone.number, phone.verification = "01000002009", None
    phone.begin()
    code = phone.receive()
    refused = phone.confirm(code, signed=True)
    assert (refused.status_code, refused.json()["code"]) == (401, "identity_needed")
    answer = phone.confirm(code, signed=True, name="김수진", birth_date="1985-03-02").json()
    assert (answer["review"], answer["days"][0]["pass"]) == (True, 0)


def test_a_signature_that_is_not_the_devices_is_refused_before_anything_else(simulator, person):
    phone, thief = phone_of(simulator, "01000002001"), phone_of(simulator, "01000002001")
    phone.prove()
    thief.device = phone.device
    thief.begin()
    refused = thief.confirm(thief.receive(), signed=True)
    assert (refused.status_code, refused.json()["code"]) == (401, "bad_signature")


def test_the_due_date_goes_where_fewest_are_due(simulator, person):
    today = timezone.localdate()
    busy = [today + timedelta(days=n) for n in range(21, 31) if n != 24]
    for n, day in enumerate(busy):
        CitizenFactory(phone=f"+8210000030{n:02d}", verified_at=timezone.now(), due_on=day)
    dueloads.forget()
    first, second = (phone_of(simulator, f"0100000200{n}", f"이웃{n}").prove().json()["due_on"] for n in (4, 5))
    assert date.fromisoformat(first) == today + timedelta(days=24)
    assert date.fromisoformat(second) == today + timedelta(days=30)


def test_a_code_given_back_costs_few_statements(simulator, person, django_assert_max_num_queries):
    phone_of(simulator, "01000002001").prove()  # policy, keys and loads are known from here on
    phone = phone_of(simulator, "01000002001")
    phone.begin()
    code = phone.receive()
    with django_assert_max_num_queries(14):  # savepoints of the test's own transaction among them
        assert phone.confirm(code).status_code == 200
