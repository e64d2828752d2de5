"""Strips for every day to the due date plus grace, in one answer."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction
from django.utils import timezone

from registry import issuing, signing, vault
from registry.format import passcode
from registry.models import DayKey, Device, Event, Outage, Tag
from registry.reverification import outages
from tests.factories import CitizenFactory, PassRecordFactory

pytestmark = pytest.mark.django_db


def point() -> bytes:
    return passcode.point_of(ec.generate_private_key(ec.SECP256R1()))


def keys(first, days=45):
    return {first + timedelta(days=n): point() for n in range(days)}


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def today(now):
    return vault.today(now)


@pytest.fixture
def citizen():
    return CitizenFactory(verified=True)


def test_it_signs_a_strip_for_every_day_to_the_end_of_grace(citizen, now, today):
    PassRecordFactory(citizen=citizen)
    day_keys = keys(today)
    issue = issuing.enrol(citizen, device_key=point(), day_keys=day_keys, now=now)
    assert [strip.day for strip in issue.strips] == [today + timedelta(days=n) for n in range(25 + 7 + 1)]
    for strip in issue.strips:
        read = passcode.decode_strip(strip.raw)
        assert passcode.verify_strip_signature(read, signing.agency_keys()[read.kid].public_key)
        assert (read.day, read.key, read.passes) == (strip.day, day_keys[strip.day], True)
        assert vault.citizen_of(strip.day, read.cti) == citizen.pk
        assert read.phone == (issuing.GRACE if strip.day > citizen.due_on else issuing.VERIFIED)


def test_it_ends_a_strip_at_midnight_where_tomorrow_is_worse_and_at_four_otherwise(citizen, now, today):
    PassRecordFactory(citizen=citizen, day=today - timedelta(days=178))  # valid today, tomorrow, the day after
    strips = issuing.enrol(citizen, device_key=point(), day_keys=keys(today), now=now).strips
    assert [strip.standing.valid for strip in strips[:4]] == [True, True, True, False]
    assert [(strip.exp - strip.nbf) // 3600 for strip in strips[:4]] == [28, 28, 24, 28]


def test_it_gives_a_strip_without_a_pass_to_whom_has_no_record(citizen, now, today):
    issue = issuing.enrol(citizen, device_key=point(), day_keys=keys(today), now=now)
    assert not any(passcode.decode_strip(strip.raw).passes for strip in issue.strips)
    assert {day["basis"] for day in issue.answer()["days"]} == {None}


@pytest.mark.parametrize(
    ("ago", "ended", "starts"),
    [(60, None, None), (200, ("PRIMARY", -20), None), (5, None, ("PRIMARY", 10))],
)
def test_it_tells_what_ended_and_what_starts_where_there_is_no_pass_today(citizen, now, today, ago, ended, starts):
    PassRecordFactory(citizen=citizen, day=today - timedelta(days=ago))
    answer = issuing.enrol(citizen, device_key=point(), day_keys=keys(today), now=now).answer()
    for told, turn in ((answer["ended"], ended), (answer["starts"], starts)):
        assert told == (turn and {"basis": turn[0], "on": (today + timedelta(days=turn[1])).isoformat()})


def test_it_makes_no_two_days_look_alike(citizen, now, today):
    strips = issuing.enrol(citizen, device_key=point(), day_keys=keys(today), now=now).strips
    read = [passcode.decode_strip(strip.raw) for strip in strips]
    assert len({strip.cti for strip in read}) == len({strip.key for strip in read}) == len(read)


def test_it_refuses_once_the_grace_is_over(citizen, now, today):
    citizen.due_on = today - timedelta(days=8)
    with pytest.raises(issuing.NotVerified):
        issuing.enrol(citizen, device_key=point(), day_keys=keys(today), now=now)


def test_it_still_issues_on_the_last_day_of_grace(citizen, now, today):
    citizen.due_on = today - timedelta(days=7)
    assert len(issuing.enrol(citizen, device_key=point(), day_keys=keys(today), now=now).strips) == 1


@pytest.mark.parametrize("fault", ["device off the curve", "day off the curve", "day missing"])
def test_it_refuses_keys_it_cannot_use_and_writes_nothing(citizen, now, today, fault):
    day_keys, device_key = keys(today), point()
    if fault == "device off the curve":
        device_key = b"\x01" * 64
    elif fault == "day off the curve":
        day_keys[today] = b"\x01" * 64
    else:
        del day_keys[today + timedelta(days=3)]
    with pytest.raises(issuing.BadKey), transaction.atomic():
        issuing.enrol(citizen, device_key=device_key, day_keys=day_keys, now=now)
    assert not Device.objects.exists()


def test_it_restores_by_the_token_and_ends_the_device_before(citizen, now, today):
    first = issuing.enrol(citizen, device_key=point(), day_keys=keys(today), now=now)
    second = issuing.restore(first.token, device_key=point(), day_keys=keys(today), now=now)
    first.device.refresh_from_db()
    assert first.device.ended_at == now
    assert second.device.citizen == citizen
    with pytest.raises(issuing.UnknownDevice):
        issuing.restore(first.token, device_key=point(), day_keys=keys(today), now=now)
    with pytest.raises(issuing.UnknownDevice):
        issuing.renew(first.device, day_keys=keys(today), now=now)


def test_it_tells_of_each_issue_without_saying_who_is_behind_which_pseudonym(citizen, now, today):
    issue = issuing.enrol(citizen, device_key=point(), day_keys=keys(today), now=now)
    event = Event.objects.get(tag=Tag.PASS_ISSUED)
    assert event.target == f"citizen:{citizen.pk}"
    assert event.detail == {"device": str(issue.device.pk), "days": len(issue.strips)}


def test_it_makes_a_days_key_once_and_never_for_a_day_gone_by(today):
    assert vault.day_key(today) == vault.day_key(today)
    vault.forget()
    with pytest.raises(vault.DayGone):
        vault.day_key(today - timedelta(days=400))


def test_it_cannot_tell_who_it_was_once_the_key_is_destroyed(citizen, today):
    past = today - timedelta(days=30)
    DayKey.objects.create(day=past, key=DayKey.objects.get(day=today).key)
    cti = vault.pseudonym(past, citizen.pk)
    vault.destroy_day_key(past, now=timezone.now())
    with pytest.raises(vault.DayGone):
        vault.citizen_of(past, cti)


def test_it_destroys_a_key_that_nobody_can_read_as_well(today):
    past = today - timedelta(days=30)
    DayKey.objects.create(day=past, key=b"of a master key that is gone")
    assert vault.destroy_day_key(past, now=timezone.now()).fingerprint == ""
    assert past not in vault.keyed_days()


@pytest.fixture
def outage(now):
    yield Outage.objects.create(opened_at=now, began_at=now, cause="no code arrives")
    outages.forget()


def test_it_extends_a_pass_in_an_outage_day_by_day_and_no_further_than_the_policy_lets(citizen, now, today, outage):
    citizen.due_on = today - timedelta(days=7)  # the last day of its grace
    outages.forget()
    issue = issuing.enrol(citizen, device_key=point(), day_keys=keys(today), now=now)
    assert [strip.phone for strip in issue.strips] == [issuing.OUTAGE] * 8
    assert issue.answer()["outage"] == {"since": int(now.timestamp() * 1000)}
    citizen.due_on = today - timedelta(days=20)
    assert [
        strip.day for strip in issuing.enrol(citizen, device_key=point(), day_keys=keys(today), now=now).strips
    ] == [
        today,
        today + timedelta(days=1),
    ]
    citizen.due_on = today - timedelta(days=22)
    with pytest.raises(issuing.NotVerified):
        issuing.enrol(citizen, device_key=point(), day_keys=keys(today), now=now)


def test_it_changes_nothing_in_an_outage_for_whom_is_not_due(citizen, now, today, outage):
    outages.forget()
    strips = issuing.enrol(citizen, device_key=point(), day_keys=keys(today), now=now).strips
    assert (len(strips), strips[0].phone) == (25 + 7 + 1, issuing.VERIFIED)
