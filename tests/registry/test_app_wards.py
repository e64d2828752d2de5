"""A child's or parent's pass beside one's own in a partner's app: added by the phone, seen and ended by its holder."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from registry.citizens import devices
from registry.models import Citizen, Consent, Device, Event, Revocation, Tag
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.apps import ROOT, App, AppPhone
from tests.registry.phones import Phone, status_and_code

pytestmark = pytest.mark.django_db
NUMBER, E164 = "01000001001", "+821000001001"
CHILD = (timezone.localdate().replace(day=1) - timedelta(days=9 * 365)).isoformat()


@pytest.fixture
def mother(simulator, app):
    """A phone that holds its holder's pass in the app; a child of hers is on record with her number."""
    child = CitizenFactory(name="이아이", birth=CHILD, phone=E164)
    PassRecordFactory(citizen=child)
    phone = AppPhone(simulator, app, NUMBER, name="김수진", birth_date="1985-03-02")
    assert phone.prove().status_code == 200
    return phone


def add(phone: Phone, app: App | None, name: str = "이아이"):
    """The answer, and the ward's pass on the same phone as a device of its own, in the app or in our wallet."""
    who = {"name": name, "birth_date": CHILD}
    ward = AppPhone(phone.simulator, app, NUMBER, **who) if app else Phone(phone.simulator, NUMBER, **who)
    return phone.add_ward(ward), ward


def own_page(phone: Phone):
    return phone.signed_get("/api/v1/pass/me").json()


def test_it_carries_a_childs_pass_with_its_records_and_tells_the_app_no_more_than_of_the_holder(mother, app):
    answer, child = add(mother, app)
    assert answer.status_code == 200, answer.content
    assert answer.json()["days"][0]["pass"] == 1 and not answer.json().keys() & {"masked_name", "review", "citizen"}
    ward = Device.objects.get(pk=child.device)
    assert ward.partner_id == app.row.pk and ward.citizen.guardian.name == "김수진"
    assert Consent.objects.get(citizen=ward.citizen).given_by == ward.citizen.guardian
    assert Event.objects.get(tag=Tag.WARD_ADDED).detail["partner"] == app.row.pk
    assert child.renew().status_code == mother.renew().status_code == 200
    assert app.used()["passes"] == 4


def test_the_check_of_the_holders_number_renews_the_childs_pass_as_well(mother, app):
    _answer, child = add(mother, app)
    Citizen.objects.update(due_on=timezone.localdate())
    mother.verification = None
    mother.begin()
    due_on = mother.confirm(mother.receive(), signed=True, device_key=None).json()["due_on"]
    assert child.renew().json()["due_on"] == due_on


def test_no_server_alone_adds_anybody_nor_a_phone_of_another_place(mother, app, service, simulator):
    body = {"name": "이아이", "birth_date": CHILD, "relation": "child", "consent": "2026-11"}
    unsigned = mother.client.post(f"{ROOT}/wards", json.dumps(body), "application/json")
    assert status_and_code(unsigned) == (401, "bad_signature")
    mother.through(App(service, "다른톡"))
    assert status_and_code(add(mother, app)[0]) == (401, "unknown_device")
    _answer, child = add(mother, None)
    assert status_and_code(_answer) == (401, "unknown_device") and not Citizen.objects.filter(guardian__isnull=False)
    assert child.device is None


def test_an_app_takes_no_childs_pass_from_our_own_wallet(mother, app, simulator):
    own = Phone(simulator, NUMBER, name="김수진", birth_date="1985-03-02")
    own.prove()
    _answer, at_home = add(own, None)
    _answer, in_app = add(mother, app)
    assert Device.objects.active().filter(pk__in=[at_home.device, in_app.device]).count() == 2
    assert not Revocation.objects.exists()


def test_a_new_phone_in_the_app_ends_those_carried_on_the_one_before_and_makes_nothing_void(mother, app, simulator):
    _answer, child = add(mother, app)
    AppPhone(simulator, app, NUMBER, name="김수진", birth_date="1985-03-02").prove()
    assert status_and_code(child.renew()) == status_and_code(mother.renew()) == (401, "unknown_device")
    assert not Revocation.objects.exists()


def test_the_app_gives_a_childs_pass_back_and_who_is_carried_nowhere_is_nobodys_ward(mother, app):
    _answer, child = add(mother, app)
    assert child.end().status_code == 204
    assert mother.renew().status_code == 200 and not Revocation.objects.exists()
    assert not Citizen.objects.filter(guardian__isnull=False).exists()
    assert add(mother, app)[0].status_code == 200, "and may be again"


def test_giving_ones_own_pass_back_gives_back_those_carried_beside_it(mother, app):
    _answer, child = add(mother, app)
    assert mother.end().status_code == 204
    assert status_and_code(child.renew()) == (401, "unknown_device")


def test_the_holder_sees_whose_pass_an_app_carries_and_ends_it_there(mother, app, simulator):
    own = Phone(simulator, NUMBER, name="김수진", birth_date="1985-03-02")
    own.prove()
    _answer, at_home = add(own, None)
    _answer, in_app = add(mother, app)
    (row,) = [device for device in own_page(own)["devices"] if device["of"]]
    assert row["app"] == {"name": "시험톡", "device": in_app.device}
    ward = Citizen.objects.get(guardian__isnull=False)
    assert row["of"] == {"citizen": str(ward.pk), "masked_name": ward.masked_name, "relation": "child"}
    assert own.signed_post(f"/api/v1/pass/apps/{in_app.device}/end").status_code == 204
    assert status_and_code(in_app.renew()) == (401, "unknown_device")
    assert Revocation.objects.get().citizen_id == ward.pk, "what the app holds of the child is void, and of nobody else"
    assert mother.renew().status_code == 200
    assert at_home.signed_post("/api/v1/pass/strips", {"day_keys": own.day_keys()}).status_code == 200


def test_ending_ones_own_pass_in_an_app_ends_those_carried_there(mother, app, simulator):
    own = Phone(simulator, NUMBER, name="김수진", birth_date="1985-03-02")
    own.prove()
    _answer, child = add(mother, app)
    assert own.signed_post(f"/api/v1/pass/apps/{mother.device}/end").status_code == 204
    assert status_and_code(child.renew()) == (401, "unknown_device")
    assert Revocation.objects.count() == 2 and not Citizen.objects.filter(guardian__isnull=False).exists()


@pytest.mark.parametrize("lost", ["in the app", "in our wallet"])
def test_a_clerk_who_blocks_a_phone_ends_those_carried_on_it_and_none_elsewhere(mother, app, simulator, service, lost):
    own = Phone(simulator, NUMBER, name="김수진", birth_date="1985-03-02")
    own.prove()
    places = {"in the app": (mother, add(mother, app)[1]), "in our wallet": (own, add(own, None)[1])}
    blocked = places.pop(lost)
    devices.block(Device.objects.get(pk=blocked[0].device), by=service, reason="분실", now=timezone.now())
    (left,) = places.values()
    assert {str(device.pk) for device in Device.objects.active()} == {each.device for each in left}
    assert Revocation.objects.count() == 2, "what the lost one holds is void"
