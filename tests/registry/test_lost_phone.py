"""A new phone replaces the old one: what the old one holds is void, what the new one got is not."""

from datetime import timedelta

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from django.urls import reverse
from django.utils import timezone

from registry import issuing, vault
from registry.format import es256, passcode
from registry.models import Citizen, Device, Event, PaperPass, Revocation, Role, Tag
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.clerks import desk_of, make_clerk
from tests.registry.phones import Phone
from venues import revocations

pytestmark = pytest.mark.django_db
STRIPS = "/api/v1/pass/strips"
NUMBER = "01000002401"


@pytest.fixture
def citizen():
    return PassRecordFactory(citizen=CitizenFactory(phone="+821000002401")).citizen


@pytest.fixture
def old(simulator, citizen):
    phone = Phone(simulator, NUMBER)
    phone.prove()
    return phone


def point():
    return es256.point_of(ec.generate_private_key(ec.SECP256R1()))


def enrolled(citizen, now):
    keys = {vault.today(now) + timedelta(days=n): point() for n in range(40)}
    return issuing.enrol(citizen, device_key=point(), day_keys=keys, now=now)


def void(strip, now):
    """Whether a door with all revocations refuses a strip."""
    revocations.forget()
    since = revocations.revoked(strip.day, passcode.decode_strip(strip.raw).cti, now=now)
    return since is not None and since > passcode.decode_strip(strip.raw).iat


def test_the_old_phones_pass_ends_and_says_so(simulator, old, citizen):
    new = Phone(simulator, NUMBER)
    assert new.prove().status_code == 200
    refused = old.signed_post(STRIPS, {"day_keys": old.day_keys()})
    assert (refused.status_code, refused.json()["code"]) == (401, "unknown_device")
    assert Device.objects.active().get().pk.hex == new.device.replace("-", "")
    assert (Revocation.objects.get().citizen, Revocation.objects.get().paper) == (citizen, False)
    assert Event.objects.get(tag=Tag.DEVICE_REPLACED).target == f"citizen:{citizen.pk}"


@pytest.mark.parametrize("apart", [0, 0.2, 0.999, 1, 40])
def test_old_strips_are_void_and_new_ones_are_not_even_within_the_second(apart):
    citizen = CitizenFactory(verified=True)
    start = timezone.now().replace(microsecond=1000)
    later = start + timedelta(seconds=apart)
    first, second = enrolled(citizen, start), enrolled(citizen, later)
    assert void(first.strips[0], later)
    assert not any(void(strip, later) for strip in second.strips[:2])


def test_strips_that_the_lost_phone_fetched_until_the_last_moment_are_void_as_well(citizen):
    now = timezone.now().replace(microsecond=700_000)
    Citizen.objects.filter(pk=citizen.pk).update(verified_at=now, due_on=vault.today(now))
    citizen.refresh_from_db()
    lost = enrolled(citizen, now - timedelta(seconds=3)).device
    keys = {vault.today(now) + timedelta(days=n): point() for n in range(40)}
    stolen = issuing.renew(lost, day_keys=keys, now=now)
    new = enrolled(citizen, now + timedelta(seconds=0.1))
    renewed = issuing.renew(new.device, day_keys=keys, now=now + timedelta(seconds=0.2))
    assert void(stolen.strips[0], now)
    assert not void(new.strips[0], now) and not void(renewed.strips[0], now)


@pytest.mark.parametrize("apart", [0, 0.3, 1.5])
def test_what_a_clerk_revokes_within_the_second_is_void_and_what_comes_after_is_not(apart):
    citizen = CitizenFactory(verified=True)
    now = timezone.now().replace(microsecond=1000)
    issue = enrolled(citizen, now)
    issuing.revoke(citizen, by=None, reason="x", now=now + timedelta(seconds=apart))
    assert void(issue.strips[0], now + timedelta(seconds=2))
    assert Revocation.objects.get().since > Device.objects.get().seen_at, "there is news for the phone"
    device, keys = Device.objects.get(), {vault.today(now) + timedelta(days=n): point() for n in range(40)}
    fetched = issuing.renew(device, day_keys=keys, now=now + timedelta(seconds=apart + 0.1))
    assert not void(fetched.strips[0], now + timedelta(seconds=2))
    assert not void(enrolled(citizen, now + timedelta(seconds=apart + 2)).strips[0], now + timedelta(seconds=4))


def test_the_same_browser_restored_voids_nothing(old):
    answer = old.post("/api/v1/pass/restore", {"device_key": old.restore_key(), "day_keys": old.day_keys()})
    assert answer.status_code == 200
    assert Device.objects.active().count() == 1
    assert not Revocation.objects.exists() and not Event.objects.filter(tag=Tag.DEVICE_REPLACED).exists()


def test_a_renewal_from_the_same_device_voids_nothing(old):
    old.verification = None
    old.begin()
    assert old.confirm(old.receive(), signed=True).status_code == 200
    assert old.signed_post(STRIPS, {"day_keys": old.day_keys()}).status_code == 200
    assert not Revocation.objects.exists()


def test_the_passes_carried_on_the_lost_phone_end_as_well(simulator, old, citizen):
    child = CitizenFactory(verified=True, name="이아이", guardian=citizen, relation="child", phone=citizen.phone)
    enrolled(child, timezone.now() - timedelta(minutes=5))
    with time_machine.travel(timezone.now() + timedelta(seconds=5), tick=True):
        Phone(simulator, NUMBER).prove()
    assert Device.objects.active().count() == 1
    assert {row.citizen_id for row in Revocation.objects.all()} == {citizen.pk, child.pk}


def test_a_clerk_blocks_the_one_phone_that_was_lost_and_paper_stays_good():
    citizen = CitizenFactory(verified=True)
    child = CitizenFactory(name="홍아이", phone=citizen.phone, guardian=citizen, relation="child", verified=True)
    now = timezone.now()
    issue, carried = enrolled(citizen, now), enrolled(child, now)
    clerk = make_clerk(Role.REGISTRAR)
    PaperPass.objects.create(citizen=citizen, printed_at=now, until=vault.today(now), by=clerk)
    client, page = desk_of(clerk), reverse("admin:registry_citizen_change", args=[citizen.pk])
    block = reverse("admin:registry_citizen_block_device", args=[citizen.pk, issue.device.pk])
    assert block in client.get(page).content.decode()
    assert client.post(block, {"reason": "lost on a bus"})["Location"] == page
    assert not Device.objects.active().exists()
    assert void(issue.strips[0], now) and void(carried.strips[0], now)
    assert not Revocation.objects.filter(paper=True).exists()
    assert Event.objects.get(tag=Tag.DEVICE_BLOCKED).detail == {"device": str(issue.device.pk)}
    assert client.post(block, {"reason": "again"}).status_code == 200
    stranger = desk_of(make_clerk(Role.AUDITOR, username="auditor"))
    assert stranger.post(block, {"reason": "x"}).status_code == 403
    assert client.get(block.replace(str(citizen.pk), str(child.pk))).status_code == 404
