"""A citizen's browser as the API sees it."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from datetime import timedelta
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.utils import timezone

from registry import vault
from registry.format import es256
from registry.sms import outbox

ROOT = "/api/v1/verifications"


def b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@cache
def points(count: int) -> list[str]:
    """Public keys; the server does not mind that tests share them."""
    return [b64url(es256.point_of(ec.generate_private_key(ec.SECP256R1()))) for _ in range(count)]


def day_keys() -> dict[str, str]:
    """Keys for the days to come, as a phone sends them."""
    today = vault.today(timezone.now())
    return {(today + timedelta(days=n)).isoformat(): key for n, key in enumerate(points(40))}


def signature(key: ec.EllipticCurvePrivateKey, device: str, method: str, path: str, body: str) -> dict[str, str]:
    """The headers by which a device signs a request, now."""
    sent = int(time.time() * 1000)
    text = f"{method}\n{path}\n{sent}\n{hashlib.sha256(body.encode()).hexdigest()}".encode()
    signed = b64url(es256.sign_es256(key, text))
    return {"Munjigi-Device": device, "Munjigi-Time": str(sent), "Munjigi-Signature": signed}


class Phone:
    """Asks for codes, reads them at the simulator, gives them back; signs once it has a pass."""

    root = ROOT
    wards = "/api/v1/pass/wards"

    def __init__(self, simulator: Any, number: str, *, name: str = "홍길동", birth_date: str = "1990-01-01") -> None:
        self.simulator, self.number, self.name, self.birth_date = simulator, number, name, birth_date
        self.client = Client()
        self.said: dict[str, str] = {}  # beside the number
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.verification: str | None = None
        self.device: str | None = None

    def begin(self, **extra: Any) -> Any:
        body = {"phone": self.number} | ({"verification": self.verification} if self.verification else {})
        answer = self.client.post(self.root, json.dumps(body | self.said), "application/json", **extra)
        if answer.status_code == 202:
            self.verification = answer.json()["verification"]
        return answer

    def receive(self) -> str:
        """Have the outbox swept, and read the newest code."""
        outbox.sweep(timezone.now())
        return self.simulator.code(self.number)

    def status(self) -> dict[str, Any]:
        return self.client.get(f"{self.root}/{self.verification}").json()

    def confirm(self, code: str, *, signed: bool = False, **changes: Any) -> Any:
        body = {"code": code, "device_key": b64url(es256.point_of(self.key)), "day_keys": self.day_keys()}
        if not signed:
            body |= {"name": self.name, "birth_date": self.birth_date}
        body = {name: value for name, value in (body | changes).items() if value is not None}
        path, raw = f"{self.root}/{self.verification}/confirm", json.dumps(body)
        headers = self.signature(path, raw) if signed else {}
        answer = self.client.post(path, raw, "application/json", headers=headers)
        if answer.status_code == 200:
            self.device = answer.json()["device"]
        return answer

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self.client.post(path, json.dumps(body), "application/json")

    def signed_get(self, path: str) -> Any:
        """As `signed_post`."""
        return self.client.get(path, headers=self.signature(path, "", method="GET"))

    def signed_post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
        """A request signed by the device that holds the pass."""
        raw = json.dumps(body or {})
        return self.client.post(path, raw, "application/json", headers=self.signature(path, raw) | headers)

    def add_ward(self, ward: Phone, **changes: Any) -> Any:
        """Have a child's pass carried on this phone, as a device of its own, in our wallet or the app that it is in."""
        body = {"name": ward.name, "birth_date": ward.birth_date, "relation": "child", "consent": "2026-11"}
        body |= {"device_key": b64url(es256.point_of(ward.key)), "day_keys": self.day_keys()}
        answer = self.signed_post(ward.wards, body | changes)
        if answer.status_code == 200:
            ward.device = answer.json()["device"]
        return answer

    def day_keys(self) -> dict[str, str]:
        return day_keys()

    def restore_key(self) -> str:
        """The key of a browser whose storage was emptied."""
        self.key = ec.generate_private_key(ec.SECP256R1())
        return b64url(es256.point_of(self.key))

    def signature(self, path: str, body: str, method: str = "POST") -> dict[str, str]:
        return signature(self.key, self.device or "", method, path, body)

    def prove(self) -> Any:
        """The whole way."""
        self.verification = None
        self.begin()
        return self.confirm(self.receive())


def another(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def status_and_code(answer: Any) -> tuple[int, str | None]:
    """Of an answer: the status, and the problem's code where it is one."""
    return answer.status_code, answer.json().get("code")
