"""Who lives where a drill plays: people with a record, doors with scanners and guests, a clerk at the desk."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Sequence
from datetime import date, timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from bench.town import guests, open_doors
from drills.bystanders import Street, keys_of
from drills.crowd import phone_of

NAME, BIRTH = "홍길동", "1990-01-01"
DAY_KEYS = 60  # days that a wallet sends keys for


def people(first: int, count: int, *, due: Sequence[date] = (), verified: date | None = None) -> None:
    """Citizens numbered from `first` on, each with a second dose 60 days ago; `due` dates in turn where given."""
    from django.utils import timezone

    from registry.models import Citizen, PassRecord

    made = [Citizen(name=NAME, birth=BIRTH, phone=phone_of(number)) for number in range(first, first + count)]
    for number, citizen in enumerate(made):
        if due:
            citizen.due_on = due[number % len(due)]
            citizen.verified_at = timezone.now() if verified is None else _noon(verified)
    Citizen.objects.bulk_create(made, batch_size=1000)
    dose = {"kind": PassRecord.Kind.VACCINATION, "day": timezone.localdate() - timedelta(days=60), "dose": 2}
    PassRecord.objects.bulk_create(
        [
            PassRecord(citizen=citizen, vaccine_id="pfizer", issuer="drill", certificate_number=f"D-{n}", **dose)
            for n, citizen in enumerate(made, first)
        ],
        batch_size=1000,
    )


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
    from registry.passcode import point_of

    return base64.urlsafe_b64encode(point_of(ec.generate_private_key(ec.SECP256R1()))).rstrip(b"=").decode()


def clerk_cookie() -> str:
    """The cookie of a clerk who has signed in with a second factor."""
    from django.conf import settings
    from django.test import Client
    from django_otp import DEVICE_ID_SESSION_KEY
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from registry import roles
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


def street(port: int, *, scans: float, pages: float, doors: int = 8, visitors: int = 1500) -> Street:
    """Doors with guests who hold a pass for today, and a clerk at the desk."""
    from registry import passcode, signing

    signing.agency_keys()
    tokens = [door.token for door in open_doors(doors)]
    who = guests(visitors, passcode.seoul_day(time.time()))
    return Street(port, tokens, keys_of(who), clerk_cookie(), scans, pages)


def _noon(day: date) -> object:
    from datetime import datetime
    from datetime import time as clock

    from django.utils import timezone

    return timezone.make_aware(datetime.combine(day, clock(12)))
