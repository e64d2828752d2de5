"""How many codes leave for a number and an address; a stranger who guesses shuts nobody out."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from registry.models import Message
from tests.registry.phones import ROOT, Phone, status_and_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone(simulator):
    return Phone(simulator, "01000001001")


def test_it_sends_five_codes_to_a_number_in_ten_minutes_and_ten_a_day(phone):
    start = timezone.now() - timedelta(hours=2)
    for minute in (0, 1, 2, 3, 4):
        with time_machine.travel(start + timedelta(minutes=minute), tick=False):
            assert phone.begin().status_code == 202
    with time_machine.travel(start + timedelta(minutes=6), tick=False):
        refused = phone.begin()
        assert status_and_code(refused) == (429, "too_many_requests")
        assert refused["Retry-After"] == "240"
    for minute in (20, 21, 22, 23, 24):
        with time_machine.travel(start + timedelta(minutes=minute), tick=False):
            assert phone.begin().status_code == 202
    with time_machine.travel(start + timedelta(minutes=60), tick=False):
        assert int(phone.begin()["Retry-After"]) == 23 * 3600
    assert Message.objects.count() == 10


def test_it_sends_thirty_codes_for_an_address_in_ten_minutes(client: Client):
    def ask(n, address):
        body = json.dumps({"phone": f"0100000{n:04d}"})
        return client.post(ROOT, body, "application/json", REMOTE_ADDR=address).status_code

    assert {ask(n, "192.0.2.1") for n in range(30)} == {202}
    assert ask(30, "192.0.2.1") == 429
    assert ask(30, "192.0.2.2") == 202
    assert {ask(100 + n, f"2001:db8::{n:x}") for n in range(30)} == {202}
    assert ask(131, "2001:db8::ffff:1") == 429  # one household has 64 bits
    assert ask(131, "2001:db8:1::1") == 202


def test_a_stranger_who_guesses_does_not_shut_the_owner_of_a_number_out(phone, simulator):
    stranger, elsewhere = Phone(simulator, phone.number), {"REMOTE_ADDR": "192.0.2.66"}
    for _check in range(10):
        if stranger.begin(**elsewhere).status_code == 429:
            break
        while stranger.confirm("000000").status_code == 422:
            pass
        stranger.verification = None
        stranger.receive()  # so that the owner's message comes after these
    else:
        pytest.fail("nothing stopped the stranger")
    assert phone.begin().status_code == 202
    assert phone.confirm(phone.receive()).status_code == 200


def test_it_sends_ten_codes_to_a_number_in_ten_minutes_wherever_they_are_asked_for(phone):
    answers = [phone.begin(REMOTE_ADDR=f"192.0.2.{n}").status_code for n in range(11)]
    assert answers == [202] * 10 + [429]
