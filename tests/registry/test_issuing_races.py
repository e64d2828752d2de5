"""What is signed while a clerk revokes: either the strips say what is true since, or doors refuse them."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection, connections, transaction
from django.utils import timezone

from registry import issuing, paper, vault
from registry.citizens import devices, merging, records, wards
from registry.citizens.people import Document, NobodyThere
from registry.format import es256, passcode
from registry.imports import undoing
from registry.models import Citizen, Device, Event, Import, PassRecord, Revocation, Tag
from registry.phone.holders import Identity
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.crowds import while_held
from tests.registry.importing import registrar

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now():
    """A moment that leaves room within its second."""
    return timezone.now().replace(microsecond=200_000)


@pytest.fixture
def soon(now):
    """In the very second of `now`."""
    return now + timedelta(milliseconds=300)


@pytest.fixture(autouse=True)
def keys_ahead(now):
    """Known before anybody waits: what is waited for here are people's rows alone."""
    vault.make_keys_ahead(vault.today(now))
    vault.make_paper_key_ahead(vault.today(now))


@pytest.fixture
def clerk():
    return registrar()


@pytest.fixture
def record(clerk, now):
    of_a_file = Import.objects.create(by=clerk, at=now, size=0, header=[], rows=1, last_number=1)
    return PassRecordFactory(citizen=CitizenFactory(verified=True), imported_in=of_a_file)


@pytest.fixture
def keys(now):
    return {vault.today(now) + timedelta(days=n): point() for n in range(40)}


@pytest.fixture
def held(record, keys, now):
    """What the person's phone holds for an hour."""
    return enrolled(record.citizen, keys, now)


def point():
    return es256.point_of(ec.generate_private_key(ec.SECP256R1()))


def enrolled(citizen, keys, now):
    issue = issuing.enrol(citizen, device_key=point(), day_keys=keys, now=now)
    Device.objects.filter(pk=issue.device.pk).update(seen_at=now - timedelta(hours=1))
    return issue


def todays(issue):
    return passcode.decode_strip(issue.strips[0].raw)


def renewed(held, keys, now, clerk):
    return todays(issuing.renew(held.device, day_keys=keys, now=now))


def restored(held, keys, now, clerk):
    return todays(issuing.restore(held.token, device_key=point(), day_keys=keys, now=now))


def printed(held, keys, now, clerk):
    paper_pass = paper.issue(held.device.citizen, document=Document.PASSPORT, by=clerk, now=now)
    return passcode.decode_code(paper_pass.code).strip


def added(held, keys, now, clerk):
    given = {"relation": "child", "consent": "2026-01", "device_key": point(), "day_keys": keys}
    return todays(wards.add(held.device, Identity("홍아이", now.date() - timedelta(days=3000)), now=now, **given))


def revoked(record, clerk, now):
    records.revoke(record, by=clerk, reason="a mistake", now=now)


@transaction.atomic
def undone(record, clerk, now):
    row = record.imported_in
    row.undone_by, row.undone_at, row.undo_reason = clerk, now, "wrong file"
    undoing.undo(row, after=0, now=now)


SIGNED, REVOKED = [renewed, restored, printed], [revoked, undone]


@pytest.mark.parametrize("sign", SIGNED)
@pytest.mark.parametrize("revoke", REVOKED)
def test_a_pass_that_is_signed_while_its_record_is_revoked_is_none(held, record, keys, clerk, now, soon, sign, revoke):
    _revoked, strip = while_held(lambda: revoke(record, clerk, now), lambda: sign(held, keys, soon, clerk))
    assert not strip.passes


@pytest.mark.parametrize("sign", SIGNED)
@pytest.mark.parametrize("revoke", REVOKED)
def test_doors_refuse_what_was_signed_while_a_clerk_revoked(held, record, keys, clerk, now, soon, sign, revoke):
    strip, _revoked = while_held(lambda: sign(held, keys, now, clerk), lambda: revoke(record, clerk, soon))
    void = Revocation.objects.get()
    assert strip.passes and void.since.timestamp() > strip.iat
    assert void.paper is (sign is printed)


@pytest.mark.parametrize("sign", [*SIGNED, added])
def test_nobody_is_held_while_the_vault_is_read(held, keys, clerk, now, sign):
    within = []

    def note(execute, *statement):
        within.append(connection.in_atomic_block)
        return execute(*statement)

    vault.forget()
    with connections["vault"].execute_wrapper(note):
        sign(held, keys, now, clerk)
    assert within and not any(within)


def test_a_phone_whose_holder_is_merged_into_somebody_meanwhile_gets_strips_of_them(held, keys, clerk, now):
    goes, stays = held.device.citizen, CitizenFactory()
    _merged, issue = while_held(
        lambda: merging.merge(stays, goes, by=clerk, reason="one person", now=now),
        lambda: issuing.renew(held.device, day_keys=keys, now=now),
    )
    assert issue.device.citizen == stays
    assert vault.citizen_of(issue.strips[0].day, todays(issue).cti) == stays.pk


@pytest.fixture
def ward(held, keys, now):
    """A child's phone pass, beside the holder's."""
    child = CitizenFactory(name="홍아이", verified=True, guardian=held.device.citizen, relation="child")
    return enrolled(child, keys, now).device


def test_a_phone_that_is_blocked_waits_for_the_childs_strips(held, ward, keys, clerk, now):
    while_held(
        lambda: Citizen.objects.filter(pk=ward.citizen_id).hold(),
        lambda: devices.block(held.device, by=clerk, reason="lost", now=now),
        lambda: issuing.renew(ward, day_keys=keys, now=now),
    )
    ward.refresh_from_db()
    assert ward.ended_at and Revocation.objects.count() == 2


def test_a_phone_that_is_blocked_while_its_holder_is_merged_ends_with_the_childs_pass(held, ward, clerk, now):
    goes, stays = held.device.citizen, CitizenFactory()
    while_held(
        lambda: merging.merge(stays, goes, by=clerk, reason="one person", now=now),
        lambda: devices.block(held.device, by=clerk, reason="lost", now=now),
    )
    assert not Device.objects.active().exists()
    assert Event.objects.get(tag=Tag.DEVICE_BLOCKED).target == f"citizen:{stays.pk}"


def test_nothing_is_printed_for_somebody_who_is_merged_into_another_meanwhile(held, keys, clerk, now):
    goes, stays = held.device.citizen, CitizenFactory()
    with pytest.raises(NobodyThere):
        while_held(
            lambda: merging.merge(stays, goes, by=clerk, reason="one person", now=now),
            lambda: printed(held, keys, now, clerk),
        )


def test_nobody_is_added_to_who_is_merged_into_another_meanwhile(held, keys, clerk, now):
    goes, stays = held.device.citizen, CitizenFactory()
    with pytest.raises(wards.CannotCarry):
        while_held(
            lambda: merging.merge(stays, goes, by=clerk, reason="one person", now=now),
            lambda: added(held, keys, now, clerk),
        )


def test_who_is_merged_waits_for_the_childs_strips(held, ward, keys, clerk, now):
    stays = CitizenFactory(verified=True, verified_at=now + timedelta(days=1))
    while_held(
        lambda: Citizen.objects.filter(pk=ward.citizen_id).hold(),
        lambda: merging.merge(stays, held.device.citizen, by=clerk, reason="one person", now=now),
        lambda: issuing.renew(ward, day_keys=keys, now=now),
    )
    ward.refresh_from_db()
    assert ward.ended_at and Revocation.objects.count() == 2


def test_a_record_that_is_revoked_waits_for_who_moves_it(held, record, clerk, now):
    while_held(
        lambda: Citizen.objects.filter(pk=record.citizen_id).hold(),
        lambda: records.revoke(record, by=clerk, reason="a mistake", now=now),
        lambda: PassRecord.objects.get(pk=record.pk).save(),
    )
    assert not PassRecord.objects.standing().exists()
