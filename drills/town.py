"""Who lives where a drill plays: people with a record, doors with scanners and guests, a clerk at the desk."""

from __future__ import annotations

import base64
import json
import time
from datetime import date, timedelta
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from bench.town import guests, open_doors
from drills.bystanders import Street, keys_of
from drills.crowd import phone_of

if TYPE_CHECKING:
    from registry.models import Citizen

NAME, BIRTH = "홍길동", "1990-01-01"
DAY_KEYS = 60  # days that a wallet sends keys for


def people(first: int, count: int) -> list[Citizen]:
    """Citizens numbered from `first` on, each with a second dose 60 days ago."""
    from django.utils import timezone

    from registry import secrets
    from registry.citizens.names import name_key
    from registry.models import Citizen, PassRecord

    name_index = secrets.blind_index("name", name_key(NAME, date.fromisoformat(BIRTH)))
    made = []
    for number in range(first, first + count):
        phone = phone_of(number)
        index = secrets.blind_index("phone", phone)
        made.append(Citizen(name=NAME, birth=BIRTH, phone=phone, name_index=name_index, phone_index=index))
    Citizen.objects.bulk_create(made, batch_size=1000)
    kind, day = PassRecord.Kind.VACCINATION, timezone.localdate() - timedelta(days=60)
    records = [
        PassRecord(citizen=citizen, kind=kind, day=day, dose=2, vaccine_id="pfizer", certificate_number=f"D-{number}")
        for number, citizen in enumerate(made, first)
    ]
    PassRecord.objects.bulk_create(records, batch_size=1000)
    return made


def bodies(count: int) -> list[bytes]:
    """What wallets send beside the code, which stands as 000000: who they are, and keys, each wallet's its own."""
    from django.utils import timezone

    first = timezone.localdate()
    days = [(first + timedelta(days=n)).isoformat() for n in range(DAY_KEYS)]
    made = []
    for _ in range(count):
        content = {"code": "000000", "name": NAME, "birth_date": BIRTH, "device_key": point()}
        made.append(json.dumps(content | {"day_keys": {day: point() for day in days}}).encode())
    return made


def point() -> str:
    from registry.format.passcode import point_of

    return base64.urlsafe_b64encode(point_of(ec.generate_private_key(ec.SECP256R1()))).rstrip(b"=").decode()


def clerk_cookie() -> str:
    """The cookie of a clerk who has signed in with a second factor."""
    from django.conf import settings
    from django.test import Client
    from django_otp import DEVICE_ID_SESSION_KEY
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from registry.clerks import roles
    from registry.models import Role, User

    user = User.objects.create(username=f"clerk-{time.time_ns()}", is_staff=True, is_superuser=True)
    roles.give(user, *Role)
    device = TOTPDevice.objects.create(user=user, name="app", confirmed=True)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def street(
    port: int, *, scans: float, pages: float, doors: int = 8, visitors: int = 1500, desk: int | None = None
) -> Street:
    """Doors with guests who hold a pass for today, and a clerk at the desk: at the port `desk`, if it has its own."""
    from registry import signing
    from registry.format import passcode

    signing.agency_keys()
    tokens = [door.token for door in open_doors(doors)]
    who = guests(visitors, passcode.seoul_day(time.time()))
    return Street(port, tokens, keys_of(who), clerk_cookie(), scans, pages, desk or port)
