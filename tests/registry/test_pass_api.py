"""Renewing and restoring a pass over the API: signed by the device key, or by the cookie that a browser kept."""

import base64
import hashlib
import json
import time
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.utils import timezone

from registry import issuing, vault
from registry.format import es256, passcode
from tests.factories import CitizenFactory, PassRecordFactory

pytestmark = pytest.mark.django_db
STRIPS, RESTORE = "/api/v1/pass/strips", "/api/v1/pass/restore"


def b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def point() -> bytes:
    return passcode.point_of(ec.generate_private_key(ec.SECP256R1()))


class Phone:
    """A wallet with its long-term key, as the server knows it."""

    def __init__(self) -> None:
        self.now = timezone.now()
        self.today = vault.today(self.now)
        self.key = ec.generate_private_key(ec.SECP256R1())
        citizen = CitizenFactory(verified=True)
        PassRecordFactory(citizen=citizen)
        self.day_keys = {self.today + timedelta(days=n): point() for n in range(40)}
        self.issue = issuing.enrol(
            citizen, device_key=passcode.point_of(self.key), day_keys=self.day_keys, now=self.now
        )

    def shape(self, **extra):
        return {"day_keys": {day.isoformat(): b64url(key) for day, key in self.day_keys.items()}} | extra

    def post(self, client, shape, *, path=STRIPS, late_ms=0, signer=None, device=None):
        body, sent = json.dumps(shape), int(time.time() * 1000) - late_ms
        text = f"POST\n{path}\n{sent}\n{hashlib.sha256(body.encode()).hexdigest()}".encode()
        signature = es256.sign_es256(signer or self.key, text)
        headers = {
            "Munjigi-Device": device or str(self.issue.device.pk),
            "Munjigi-Time": str(sent),
            "Munjigi-Signature": b64url(signature),
        }
        return client.post(path, body, "application/json", headers=headers)


@pytest.fixture
def phone():
    return Phone()


def test_it_gives_fresh_strips_to_the_phone_that_signs(client: Client, phone):
    answer = phone.post(client, phone.shape())
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert [day["day"] for day in body["days"]][0] == phone.today.isoformat()
    assert {day["basis"] for day in body["days"]} == {"PRIMARY"}
    assert body["masked_name"] == "홍*동"
    assert "홍길동" not in answer.content.decode()
    assert "device" not in answer.cookies


def test_it_tells_the_time_to_a_phone_whose_clock_is_an_hour_off(client: Client, phone):
    answer = phone.post(client, phone.shape(), late_ms=3_600_000)
    assert (answer.status_code, answer.json()["code"]) == (401, "clock_off")
    assert abs(answer.json()["time"] - time.time() * 1000) < 10_000


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"signer": ec.generate_private_key(ec.SECP256R1())}, "bad_signature"),
        ({"device": "00000000-0000-4000-8000-000000000000"}, "unknown_device"),
        ({"device": "not an id"}, "bad_signature"),
    ],
)
def test_it_refuses_who_does_not_hold_the_device_key(client: Client, phone, change, code):
    answer = phone.post(client, phone.shape(), **change)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "day_keys",
    [None, [], {"2026-11-22": "short"}, {"yesterday": "A" * 86}, {"2026-11-22": 7}, {"2026-11-22": "*" * 86}],
)
def test_it_names_what_is_wrong_with_the_keys(client: Client, phone, day_keys):
    answer = phone.post(client, {"day_keys": day_keys})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert "day_keys" in answer.json()["errors"]


def test_it_refuses_one_key_for_two_days(client: Client, phone):
    same = b64url(point())
    answer = phone.post(client, {"day_keys": {"2026-11-22": same, "2026-11-23": same}})
    assert answer.status_code == 400


def test_it_restores_by_cookie_once_and_gives_a_new_cookie(client: Client, phone):
    client.cookies["device"] = phone.issue.token
    shape = phone.shape(device_key=b64url(point()))
    answer = client.post(RESTORE, shape, "application/json")
    assert answer.status_code == 200, answer.content
    cookie = answer.cookies["device"]
    assert cookie.value != phone.issue.token
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/api/v1/pass")
    client.cookies["device"] = phone.issue.token
    again = client.post(RESTORE, shape, "application/json")
    assert (again.status_code, again.json()["code"]) == (401, "unknown_device")


def test_it_restores_nothing_without_the_cookie(client: Client, phone):
    answer = client.post(RESTORE, phone.shape(device_key=b64url(point())), "application/json")
    assert answer.json()["code"] == "unknown_device"
