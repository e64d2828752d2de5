"""개인안심번호: one for each number as long as it is in the same hands, and nobody's guess whose."""

import re

import pytest
from django.utils import timezone

from registry.citizens import people
from registry.models import Event, Message, Role, SafeNumber, Tag
from registry.phone import safe_numbers
from registry.phone.safe_numbers import SYLLABLES, made, typed
from tests.factories import CitizenFactory
from tests.registry.clerks import make_clerk
from tests.registry.crowds import at_once
from tests.registry.phones import Phone

pytestmark = pytest.mark.django_db
PATH = "/api/v1/pass/safe-number"


def test_it_is_four_digits_and_two_clear_syllables_in_varying_places():
    many = {made() for _n in range(400)}
    assert len(many) == 400
    for text in many:
        assert len(text) == 6 and len(re.sub(r"\D", "", text)) == 4
        assert set(re.sub(r"\d", "", text)) <= set(SYLLABLES)
    assert len({re.sub("[가-힣]", "가", re.sub(r"\d", "0", text)) for text in many}) == 15
    assert all((ord(syllable) - 0xAC00) % 28 == 0 for syllable in SYLLABLES) and len(set(SYLLABLES)) == 56


@pytest.mark.parametrize("text", ["12가34나", " 12가 34나", "12-가-34-나", "１２가３４나", "12가34나"])
def test_it_is_read_however_it_was_typed(text):
    assert typed(text) == "12가34나"


@pytest.mark.parametrize(
    "text", ["12가34", "123가45나", "홍길동 1990-01-01", "01000001234", "12가나다라", "1234ab", ""]
)
def test_nothing_else_is_taken_for_one(text):
    assert typed(text) is None


def test_a_number_has_the_same_one_for_good():
    now = timezone.now()
    first = safe_numbers.issue("+821000002501", now)
    assert safe_numbers.issue("+821000002501", now) == first
    assert safe_numbers.issue("+821000002502", now) != first


@pytest.mark.django_db(transaction=True)
def test_several_at_once_get_the_same():
    found = at_once(lambda _n: safe_numbers.issue("+821000002503", timezone.now()).text, 6)
    assert len(set(found)) == 1 and SafeNumber.objects.count() == 1


def test_a_taken_one_is_not_given_twice(monkeypatch):
    texts = iter(["11가11나", "11가11나", "22다22라"])
    monkeypatch.setattr(safe_numbers, "made", lambda: next(texts))
    now = timezone.now()
    assert safe_numbers.issue("+821000002504", now).text == "11가11나"
    assert safe_numbers.issue("+821000002505", now).text == "22다22라"


def test_a_phone_that_holds_a_pass_gets_it_at_every_call(simulator):
    phone = Phone(simulator, "01000002506")
    phone.prove()
    first = phone.signed_post(PATH)
    assert first.status_code == 200 and typed(first.json()["safe_number"])
    assert "no-store" in first["Cache-Control"]
    assert phone.signed_post(PATH).json() == first.json()
    assert Event.objects.filter(tag=Tag.SAFE_NUMBER_ISSUED).count() == 1
    assert phone.post(PATH, {}).json()["code"] == "bad_signature"


def test_a_clerk_opens_it_for_a_reason_within_the_region():
    now = timezone.now()
    person = CitizenFactory(region="11680")
    safe = safe_numbers.issue(person.phone, now)
    clerk = make_clerk(Role.REGISTRAR, region="11680")
    assert safe_numbers.open_(f" {safe.text} ", by=clerk, reason="list of the venue") == [person]
    event = Event.objects.get(tag=Tag.SAFE_NUMBER_OPENED)
    assert (event.target, event.reason, event.actor) == (f"citizen:{person.pk}", "list of the venue", clerk)
    assert safe.text not in str(event.detail)
    elsewhere = make_clerk(Role.REGISTRAR, username="elsewhere", region="26350")
    for text in (safe.text, "00가00나", "nonsense"):
        with pytest.raises(safe_numbers.UnknownSafeNumber):
            safe_numbers.open_(text, by=elsewhere, reason="x")
    tries = Event.objects.filter(tag=Tag.PERSON_SEARCHED, actor=elsewhere, target=f"user:{elsewhere.pk}", reason="x")
    told = [event.detail for event in tries.order_by("pk")]
    assert [detail["found"] for detail in told] == [[]] * len(told) and len({detail["tried"] for detail in told}) > 1
    assert not any(safe.text in str(detail) for detail in told)


def test_it_goes_by_sms_to_the_number_on_record():
    clerk, now = make_clerk(Role.REGISTRAR), timezone.now()
    person = CitizenFactory(phone="+821000002507")
    safe = safe_numbers.send(person, by=clerk, now=now)
    message = Message.objects.get()
    assert (message.purpose, message.phone) == ("safe_number", "+821000002507") and safe.text in message.text
    with pytest.raises(safe_numbers.NoNumber):
        safe_numbers.send(CitizenFactory(phone=None), by=clerk, now=now)


def test_a_corrected_number_leaves_its_safe_number_with_who_had_it():
    clerk, now = make_clerk(Role.REGISTRAR), timezone.now()
    person = CitizenFactory(phone="+821000002508", verified=True)
    safe = safe_numbers.issue(person.phone, now)
    person.phone = "+821000002509"
    people.correct(person, fields=["phone"], by=clerk, now=now)
    assert safe_numbers.issue("+821000002508", now) != safe
    assert safe_numbers.open_(safe.text, by=clerk, reason="x") == [person]
