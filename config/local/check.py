"""Asks each part of a running stack for a real answer, over the same addresses as browsers, phones and scanners use.

`bin/run --check` runs it, with the stack's addresses in MUNJIGI_WEB and MUNJIGI_SIMULATOR; with --lan, that of the page
of the messages in MUNJIGI_MESSAGES, and whom to trust in SSL_CERT_FILE.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
from cryptography.hazmat.primitives.asymmetric import ec

PATIENCE = 20.0  # seconds for what happens behind the request
TASK = "checkins.tasks.make_partitions"  # idempotent, so that asking for it does no harm


T = TypeVar("T")


class NoAnswer(Exception):
    """A part did not answer as it should; the text says which and how."""


@dataclass
class Client:
    """A phone and a scanner at once, with what they learn on the way."""

    http: httpx.Client
    simulator: str
    phone: str = field(default_factory=lambda: f"0100000{secrets.randbelow(10000):04d}")
    keys: dict[str, ec.EllipticCurvePrivateKey] = field(default_factory=dict)
    days: list[dict[str, Any]] = field(default_factory=list)

    def post(self, path: str, body: dict[str, Any], status: int, **headers: str) -> dict[str, Any]:
        answer = self.http.post(f"/api/v1/{path}", json=body, headers=headers)
        if answer.status_code != status:
            raise NoAnswer(f"POST {path} answered {answer.status_code}: {answer.text[:300]}")
        return dict(answer.json())


def page(client: Client) -> str:
    """The landing page and the wallet come, and the files that they name."""
    for path in ("/", "/pass/"):
        answer = client.http.get(path)
        if answer.status_code != 200 or "<html" not in answer.text:
            raise NoAnswer(f"GET {path} answered {answer.status_code}")
        for name in re.findall(r'(?:href|src)="(/static/[^"]+)"', answer.text):
            if client.http.get(name).status_code != 200:
                raise NoAnswer(f"GET {name}, which {path} names, answered {client.http.get(name).status_code}")
    return "landing page and wallet with their files"


def task(client: Client) -> str:
    """The worker does a task that is put into its queue now."""
    from config.celery import app

    before = _done(app)
    app.send_task(TASK)
    until(lambda: _done(app) > before, "the worker did no task")
    return f"the worker did {TASK}"


def _done(app: Any) -> int:
    """How many times the workers have done TASK."""
    told = app.control.inspect(timeout=1).stats() or {}
    return sum(worker.get("total", {}).get(TASK, 0) for worker in told.values())


def sms(client: Client) -> str:
    """A code goes out through worker and gateway, is read at the simulator, and verifies the phone."""
    begun = client.post("verifications", {"phone": client.phone}, 202)
    code = until(lambda: _code_sent_to(client), f"no SMS to {client.phone} reached the simulator")
    days = [time.strftime("%Y-%m-%d", time.gmtime(time.time() + 9 * 3600 + n * 86400)) for n in range(45)]
    client.keys = {day: ec.generate_private_key(ec.SECP256R1()) for day in days}
    body: dict[str, Any] = {"code": code, "name": "점검", "birth_date": "2005-05-05", "device_key": _point(_new_key())}
    body["day_keys"] = {day: _point(key) for day, key in client.keys.items()}
    client.days = client.post(f"verifications/{begun['verification']}/confirm", body, 200)["days"]
    if not client.days:
        raise NoAnswer("the phone was verified but got no strips")
    return f"a code by SMS, {len(client.days)} strips for it"


def _code_sent_to(client: Client) -> str | None:
    messages = httpx.get(f"{client.simulator}/messages.json", params={"to": client.phone}, timeout=5).json()["messages"]
    found = [match for message in messages if (match := re.search(r"(?<!\d)\d{6}(?!\d)", message["text"]))]
    return found[0].group() if found else None


def messages(client: Client) -> str:
    """The page of the text messages comes over HTTPS to readers on the network, and takes nothing from them."""
    page = os.environ["MUNJIGI_MESSAGES"]
    with httpx.Client(base_url=page, timeout=5) as reader:
        if client.phone[-4:] not in reader.get("/").text:
            raise NoAnswer(f"{page} does not show the text message")
        if (status := reader.post("/behaviour", json={"mode": "fail"}).status_code) != 405:
            raise NoAnswer(f"{page} answered {status} to a POST")
    return f"text messages are shown at {page}, and nothing is taken there"


def scan(client: Client) -> str:
    """A scanner is paired and uploads a scan of that phone's code, which is stored once however often it is sent."""
    from registry.format.passcode import sign_proof

    paired = client.post("scanners/pair", {"code": _pairing_code()}, 201)
    bearer = {"Authorization": f"Bearer {paired['token']}"}
    manifest = client.http.get("/api/v1/scanners/manifest", headers=bearer)
    if manifest.status_code != 200:
        raise NoAnswer(f"the manifest answered {manifest.status_code}: {manifest.text[:300]}")
    now = int(manifest.headers["Munjigi-Time"])
    strip = next(day for day in client.days if day["nbf"] <= now / 1000 < day["exp"])
    raw, t = _bytes(strip["strip"]), now // 1000
    proof = sign_proof(client.keys[strip["day"]], raw, t)
    row = {"seq": 1, "at": now, "verdict": "PASS" if strip["pass"] else "ENTRY", "method": "qr", "direction": "in"}
    row |= {"admitted": True, "strip": strip["strip"], "t": t, "proof": _text(proof)}
    for wanted in ("stored", "known"):
        answer = client.post("scans", {"scans": [row | {"seq": 1 if wanted == "stored" else 2}]}, 200, **bearer)
        if answer["answers"][0]["answer"] != wanted:
            raise NoAnswer(f"the scan was not {wanted}: {answer}")
    _put_away(int(paired["scanner"]))
    return "a scanner paired, a scan stored once"


def _put_away(scanner: int) -> None:
    """Revoke the check's own scanner, so that checks leave none behind that works."""
    from django.utils import timezone

    from venues.models import Scanner, Staff
    from venues.scanners import revoke

    row = Scanner.objects.select_related("venue").get(pk=scanner)
    staff = Staff.objects.select_related("user").filter(operator=row.venue.operator_id).earliest("pk")
    revoke(row, by=staff.user, reason="bin/run --check is done", now=timezone.now())


def _pairing_code() -> str:
    """A code as the owner's page would show it, for a venue of the demo."""
    from django.utils import timezone

    from venues.models import Staff, Venue
    from venues.scanners import new_pairing_code

    staff = Staff.objects.select_related("user").filter(operator__venues__isnull=False).order_by("pk").first()
    venue = Venue.objects.filter(operator=staff.operator_id).order_by("pk").first() if staff else None
    if staff is None or venue is None:
        raise NoAnswer("no venue with an owner: was the demo data loaded?")
    return new_pairing_code(venue, by=staff.user, name="bin/run --check", now=timezone.now())


def until(ask: Callable[[], T | None], otherwise: str) -> T:
    """What `ask` gives as soon as it gives something. Raises NoAnswer."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := ask():
            return found
        time.sleep(0.2)
    raise NoAnswer(f"{otherwise} within {PATIENCE:.0f} s")


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _point(key: ec.EllipticCurvePrivateKey) -> str:
    numbers = key.public_key().public_numbers()
    return _text(numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big"))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def main() -> int:
    import django

    django.setup()
    with httpx.Client(base_url=os.environ["MUNJIGI_WEB"], timeout=10) as http:
        client = Client(http, os.environ["MUNJIGI_SIMULATOR"])
        for part in (page, task, sms, *([messages] if os.environ.get("MUNJIGI_MESSAGES") else []), scan):
            try:
                print(f"  ok   {part.__name__:<8} {part(client)}", flush=True)
            except (NoAnswer, httpx.HTTPError, KeyError, StopIteration) as error:
                print(f"  FAIL {part.__name__:<8} {type(error).__name__}: {error}", flush=True)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
