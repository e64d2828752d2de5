"""A child's or parent's pass beside one's own, on the guardian's phone."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from registry import vault
from registry.citizens import people, wards
from registry.models import Citizen, Consent, Device, Event, Review, Revocation, Role, Tag
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.clerks import make_clerk
from tests.registry.phones import Phone

pytestmark = pytest.mark.django_db
WARDS, STRIPS = "/api/v1/pass/wards", "/api/v1/pass/strips"
NUMBER, E164 = "01000002201", "+821000002201"
TODAY = timezone.localdate()
CHILD = (TODAY.replace(day=1) - timedelta(days=9 * 365)).isoformat()


@pytest.fixture
def mother(simulator):
    """A phone that holds its own holder's pass."""
    phone = Phone(simulator, NUMBER, name="김수진", birth_date="1985-03-02")
    phone.prove()
    return phone


def add(phone, name="이아이", birth_date=CHILD, **changes):
    """The answer, and the ward's pass on the same phone as a device of its own."""
    ward = Phone(phone.simulator, phone.number, name=name, birth_date=birth_date)
    return phone.add_ward(ward, **changes), ward


def ward_of(phone_device):
    return Device.objects.get(pk=phone_device).citizen


def test_a_child_alone_is_told_whose_phone_it_takes(simulator):
    phone = Phone(simulator, NUMBER, name="이아이", birth_date=CHILD)
    phone.begin()
    refused = phone.confirm(phone.receive())
    assert (refused.status_code, refused.json()["code"]) == (422, "guardian_needed")
    assert not Citizen.objects.exists()


def test_who_turns_fourteen_today_may_come_alone(simulator):
    born = TODAY.replace(year=TODAY.year - 14)
    assert Phone(simulator, NUMBER, name="이학생", birth_date=born.isoformat()).prove().status_code == 200
    late = (born + timedelta(days=1)).isoformat()
    assert Phone(simulator, "01000002202", name="이학생", birth_date=late).prove().json()["code"] == "guardian_needed"


def test_a_child_on_record_with_the_number_gets_its_records_on_the_guardians_phone(mother):
    child = PassRecordFactory(citizen=CitizenFactory(name="이아이", birth=CHILD, phone=E164)).citizen
    answer, ward = add(mother, name="이 아이")
    body = answer.json()
    assert (answer.status_code, body["review"], body["days"][0]["pass"], body["masked_name"]) == (
        200,
        False,
        1,
        "이*이",
    )
    assert not answer.cookies  # the way back in this browser is the guardian's own
    own = ward_of(mother.device)
    child.refresh_from_db()
    assert (child.guardian, child.relation, child.due_on) == (own, "child", own.due_on)
    consent = Consent.objects.get(citizen=child)
    assert (consent.given_by, consent.version) == (own, "2026-11")
    assert Event.objects.get(tag=Tag.WARD_ADDED).target == f"citizen:{child.pk}"
    assert ward.signed_post(STRIPS, {"day_keys": ward.day_keys()}).status_code == 200
    assert Device.objects.active().count() == 2


def test_somebody_unknown_is_carried_without_records_and_a_clerk_looks_where_the_name_is_known(mother):
    answer, _ward = add(mother)
    assert (answer.json()["review"], answer.json()["days"][0]["basis"]) == (False, "AGE")
    elsewhere = PassRecordFactory(citizen=CitizenFactory(name="최노모", birth="1950-01-01")).citizen
    answer, _ward = add(mother, name="최노모", birth_date="1950-01-01", relation="parent")
    assert (answer.json()["review"], answer.json()["days"][0]["pass"]) == (True, 0)
    review = Review.objects.get()
    assert (review.kind, review.other, review.citizen.relation) == (Review.Kind.POSSIBLY_SAME, elsewhere, "parent")


def test_the_wards_due_date_follows_the_guardians(mother):
    _answer, ward = add(mother)
    Citizen.objects.update(due_on=TODAY + timedelta(days=1))
    mother.prove()
    own, child = ward_of(mother.device), Citizen.objects.get(guardian__isnull=False)
    assert child.due_on == own.due_on > TODAY + timedelta(days=1) and child.verified_at == own.verified_at


def test_a_renewal_by_the_guardians_device_moves_the_wards_and_leaves_their_device(mother):
    _answer, ward = add(mother)
    Citizen.objects.update(due_on=TODAY)
    mother.verification = None
    mother.begin()
    assert mother.confirm(mother.receive(), signed=True).status_code == 200
    answer = ward.signed_post(STRIPS, {"day_keys": ward.day_keys()})
    assert answer.json()["due_on"] == ward_of(mother.device).due_on.isoformat() > TODAY.isoformat()


def test_adding_again_on_the_same_phone_replaces_the_wards_device_and_no_more(mother):
    _answer, first = add(mother)
    _answer, second = add(mother)
    assert Citizen.objects.count() == 2 and Device.objects.active().count() == 2
    assert first.signed_post(STRIPS, {"day_keys": first.day_keys()}).json()["code"] == "unknown_device"
    assert second.signed_post(STRIPS, {"day_keys": second.day_keys()}).status_code == 200


def test_it_carries_eight_at_most(mother):
    for n in range(wards.MOST):
        answer, _ward = add(mother, name=f"아이{'가나다라마바사아'[n]}")
        assert answer.status_code == 200
    refused, _ward = add(mother, name="아이자")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_wards")
    assert add(mother, name="아이가")[0].status_code == 200  # one of the eight


def test_names_are_not_tried_out_by_adding_and_ending(mother, monkeypatch):
    monkeypatch.setattr(wards, "MOST_NEW_A_DAY", 3)  # the mother is one of them
    child = PassRecordFactory(citizen=CitizenFactory(name="이아이", birth=CHILD, phone=E164)).citizen
    Citizen.objects.filter(pk=child.pk).update(created_at=timezone.now() - timedelta(days=9))
    for n in range(2):
        _answer, ward = add(mother, name=f"이시도{n}")
        mother.signed_post(f"{WARDS}/{ward_of(ward.device).pk}/end")
    refused, _ward = add(mother, name="이시도")
    assert (refused.status_code, refused.json()["code"]) == (429, "enough_today")
    assert add(mother)[0].status_code == 200, "who is on record may come at any time"


def test_nobody_carries_themselves_nor_who_carries_others_nor_while_carried(simulator, mother):
    assert add(mother, name="김수진", birth_date="1985-03-02")[0].json()["code"] == "cannot_be_carried"
    _answer, child = add(mother)
    assert add(child, name="박손자")[0].json()["code"] == "cannot_carry"


@pytest.mark.parametrize(
    "change",
    [{"relation": "friend"}, {"consent": ""}, {"consent": "yes"}, {"consent": None}, {"name": ""}, {"name": 5},
     {"birth_date": "2999-01-01"}, {"device_key": "x"}, {"day_keys": None}],
)  # fmt: skip
def test_it_names_what_makes_no_sense(mother, change):
    answer, _ward = add(mother, **change)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert set(answer.json()["errors"]) == set(change)


def test_the_guardian_ends_a_wards_pass_and_may_add_it_again(mother):
    child = PassRecordFactory(citizen=CitizenFactory(name="이아이", birth=CHILD, phone=E164)).citizen
    _answer, ward = add(mother)
    assert mother.signed_post(f"{WARDS}/{child.pk}/end").status_code == 204
    assert ward.signed_post(STRIPS, {"day_keys": ward.day_keys()}).json()["code"] == "unknown_device"
    child.refresh_from_db()
    assert (child.guardian, child.verified_at, child.phone) == (None, None, E164)
    assert Revocation.objects.get().citizen == child
    assert mother.signed_post(f"{WARDS}/{child.pk}/end").json()["code"] == "unknown_ward"
    assert add(mother)[0].json()["days"][0]["pass"] == 1


def test_a_stranger_ends_nobodys_pass_and_adds_nobody(simulator, mother):
    _answer, _ward = add(mother)
    child = Citizen.objects.get(guardian__isnull=False)
    stranger = Phone(simulator, "01000002209", name="박남남", birth_date="1970-01-01")
    stranger.prove()
    answer = stranger.signed_post(f"{WARDS}/{child.pk}/end")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_ward")
    assert mother.post(f"{WARDS}/{child.pk}/end", {}).json()["code"] == "bad_signature"
    mother.key = ec.generate_private_key(ec.SECP256R1())
    assert add(mother, name="이둘째")[0].json()["code"] == "bad_signature"


def test_who_is_carried_may_come_alone_and_is_carried_no_more(simulator, mother):
    _answer, _ward = add(mother, name="최노모", birth_date="1950-01-01", relation="parent")
    alone = Phone(simulator, NUMBER, name="최노모", birth_date="1950-01-01")
    assert alone.prove().status_code == 200
    assert not Citizen.objects.filter(guardian__isnull=False).exists()
    assert Event.objects.filter(tag=Tag.WARD_ENDED, detail__alone=True).exists()


def test_wards_move_with_a_corrected_number_and_their_passes_end_too(mother):
    add(mother)
    own = ward_of(mother.device)
    own.phone = "+821000002299"
    people.correct(own, fields=["phone"], by=make_clerk(Role.REGISTRAR), now=timezone.now())
    child = Citizen.objects.get(guardian=own)
    assert (child.phone, child.verified_at, child.phone_since) == ("+821000002299", None, None)
    assert not Device.objects.active().exists() and Revocation.objects.count() == 2


def test_a_ward_who_gets_a_number_on_record_is_carried_no_more(mother):
    add(mother)
    child = Citizen.objects.get(guardian__isnull=False)
    child.phone = "+821000002298"
    people.correct(child, fields=["phone"], by=make_clerk(Role.REGISTRAR), now=timezone.now())
    child.refresh_from_db()
    assert (child.guardian, child.relation, child.phone) == (None, "", "+821000002298")
    assert Device.objects.active().get().citizen == ward_of(mother.device)


def test_a_wards_device_does_not_say_whose_number_it_is(mother):
    _answer, ward = add(mother)
    ward.begin()
    assert ward.confirm(ward.receive(), signed=True).json()["code"] == "identity_needed"


def test_whoever_claims_the_number_ends_the_wards_passes_too(simulator, mother):
    _answer, ward = add(mother)
    claimant = Phone(simulator, NUMBER, name="박새로")
    claimant.begin(REMOTE_ADDR="192.0.2.1")
    assert claimant.confirm(claimant.receive(), claim=True).status_code == 200
    child = Citizen.objects.get(guardian__isnull=False)
    assert (child.phone, child.due_on) == (None, None)
    assert ward.signed_post(STRIPS, {"day_keys": ward.day_keys()}).json()["code"] == "unknown_device"
    assert Revocation.objects.count() == 2 and Review.objects.count() == 1


def test_strips_of_a_ward_reach_as_far_as_the_guardians(mother):
    days = add(mother)[0].json()["days"]
    own = ward_of(mother.device)
    assert days[0]["day"] == vault.today(timezone.now()).isoformat() and days[-1]["day"] > own.due_on.isoformat()
