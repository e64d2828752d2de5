"""Partner apps at work: one as its people need it, one that floods; each a process of its own, like the bystanders.

Requests leave on time however slow the last one was. Phones sign for themselves, with keys that the drill made.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import json
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec

from bench.links import Answer, Links, request
from bench.town import Guest
from drills import town
from drills.bystanders import Asked
from drills.crowd import code_in, phone_of

if TYPE_CHECKING:
    from registry.models import PartnerApp

ROOT = "/api/v1/app"
MAIL_EVERY = 0.5  # seconds between two looks at the SMS simulator
FAMILIAR = 20  # phones whose signed requests a flood sends again and again
FLOOD, STRIPS, BEGIN, CONFIRM = "flood", "strips", "begin", "confirm"


@dataclass(frozen=True)
class Carried:
    """A phone that carries a pass in an app: what it signs with, as another process may have it."""

    device: str
    private: int
    strip: bytes


@dataclass(frozen=True)
class Traffic:
    """What a process needs to be an app's server: ports, the key, phones, rates a second; numbers from `first` on are
    checked, with `bodies` for what they send beside the code."""

    port: int
    sms_port: int
    key: str
    phones: Sequence[Carried]
    day_keys: dict[str, str]
    bodies: Sequence[bytes]
    first: int
    strips: float
    checks: float
    flood: float = 0.0  # instead of both: all of them at once, read and not answered to

    def headers(self, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"} | more


def an_app(name: str, **facts: int) -> tuple[PartnerApp, str]:
    """A partner app with its key, known to the gate."""
    from django.utils import timezone

    from registry.models import PartnerApp, User
    from registry.partners import apps

    clerk = User.objects.create(username=f"clerk-of-{name}")
    app = PartnerApp(name=name, **facts)
    return app, apps.add(app, by=clerk, now=timezone.now())


def carrying(app: PartnerApp, first: int, count: int) -> list[Carried]:
    """People numbered from `first` on, each with a pass in the app, checked today."""
    from django.utils import timezone

    from registry import issuing, vault
    from registry.format.passcode import point_of
    from registry.models import Citizen

    now = timezone.now()
    today = vault.today(now)
    people, phones = town.people(first, count), []
    Citizen.objects.filter(pk__in=[each.pk for each in people]).update(
        verified_at=now, due_on=today + timedelta(days=25)
    )
    for person in Citizen.objects.filter(pk__in=[each.pk for each in people]):
        key = ec.generate_private_key(ec.SECP256R1())
        keys = {today + timedelta(days=n): point_of(key) for n in range(town.DAY_KEYS)}
        issue = issuing.enrol(person, device_key=keys[today], day_keys=keys, now=now, review=False, partner=app)
        phones.append(Carried(str(issue.device.pk), key.private_numbers().private_value, issue.strips[0].raw))
    return phones


def guest_of(phone: Carried) -> Guest:
    """Somebody at a door with this phone."""
    from uuid import UUID

    return Guest(UUID(int=0), phone.strip, ec.derive_private_key(phone.private, ec.SECP256R1()))


def walks(traffic: Traffic, links: Links, found: list[Asked]) -> Sequence[Coroutine[Any, Any, None]]:
    """As a process of bystanders takes it."""
    if traffic.flood:
        return [_flood(traffic, links, found)]
    return [_strips(traffic, links, found), _checks(traffic, links, found)]


def signed(traffic: Traffic, phone: Carried) -> bytes:
    """A wish for fresh strips, good for five minutes."""
    from registry.format import es256

    path, sent = f"{ROOT}/strips", int(time.time() * 1000)
    body = json.dumps({"day_keys": traffic.day_keys}).encode()
    text = f"POST\n{path}\n{sent}\n{hashlib.sha256(body).hexdigest()}".encode()
    raw = es256.sign_es256(ec.derive_private_key(phone.private, ec.SECP256R1()), text)
    signature = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    by = {"Munjigi-Device": phone.device, "Munjigi-Time": str(sent), "Munjigi-Signature": signature}
    return request("POST", path, traffic.headers(**by), body)


def _wish(traffic: Traffic, number: int) -> bytes:
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    body = json.dumps({"phone": phone_of(number), "address": address}).encode()
    return request("POST", f"{ROOT}/verifications", traffic.headers(), body)


async def _at(rate: float) -> Any:
    """Moments, so many a second, each as it is due."""
    started = time.monotonic()
    for number in itertools.count():
        due = started + number / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        yield number, due


async def _strips(traffic: Traffic, links: Links, found: list[Asked]) -> None:
    async for number, due in _at(traffic.strips):
        raw = signed(traffic, traffic.phones[number % len(traffic.phones)])
        links.send(raw, lambda answer: found.append(asked(STRIPS, answer)), due)


async def _checks(traffic: Traffic, links: Links, found: list[Asked]) -> None:
    """Codes are asked for, read at the SMS simulator and given back."""
    pending: dict[str, tuple[int, str]] = {}
    mail = asyncio.create_task(_mail(traffic, links, found, pending))
    try:
        async for number, due in _at(traffic.checks):
            person = traffic.first + number

            def begun(answer: Answer, person: int = person) -> None:
                found.append(asked(BEGIN, answer))
                if answer.status == 202:
                    pending[phone_of(person)] = (person, json.loads(answer.body)["verification"])

            links.send(_wish(traffic, person), begun, due)
    finally:
        mail.cancel()


async def _mail(traffic: Traffic, links: Links, found: list[Asked], pending: dict[str, tuple[int, str]]) -> None:
    post = Links(traffic.sms_port, 1)
    while True:
        await asyncio.sleep(MAIL_EVERY)
        answer = await post.ask(request("GET", "/messages.json"))
        for message in json.loads(answer.body)["messages"] if answer.status == 200 else ():
            if waits := pending.pop(message["to"], None):
                _confirm(traffic, links, found, *waits, code_in(message["text"]))


def _confirm(traffic: Traffic, links: Links, found: list[Asked], person: int, check: str, code: str) -> None:
    body = traffic.bodies[person % len(traffic.bodies)].replace(b"000000", code.encode(), 1)
    raw = request("POST", f"{ROOT}/verifications/{check}/confirm", traffic.headers(), body)
    links.send(raw, lambda answer: found.append(asked(CONFIRM, answer)))


async def _flood(traffic: Traffic, links: Links, found: list[Asked]) -> None:
    known = [signed(traffic, phone) for phone in traffic.phones[:FAMILIAR]]
    async for number, due in _at(traffic.flood):
        raw = known[number % len(known)] if number % 2 else _wish(traffic, traffic.first + number)
        links.send(raw, lambda answer: found.append(asked(FLOOD, answer)), due)


def asked(kind: str, answer: Answer) -> Asked:
    """Right are 202, and 200 with a pass for today; `told` begins with the status and the problem's code, or says
    NOT VACCINATED where somebody who is was told so."""
    told = f"{answer.status}"
    content: dict[str, Any] = {}
    if answer.body[:1] == b"{":
        content = json.loads(answer.body)
        told += f" {content.get('code', '')}"
    days = content.get("days") or []
    if days and not days[0]["pass"]:
        told = f"NOT VACCINATED {told}"
    right = answer.status == 202 or (answer.status == 200 and bool(days) and days[0]["pass"] == 1)
    return Asked(kind, answer.began, answer.seconds, right, told.strip(), retry=bool(answer.header(b"retry-after")))
