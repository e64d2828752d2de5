"""A code confirmed, answered with a month of strips: against the same count of P-256 signatures alone."""

import base64
import json
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import count as numbers

from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from bench.measure import ES256, Result, Spent, drive, watching
from bench.town import town

ROUNDS, PEOPLE, CONNECTIONS = 4, 250, 2  # connections: fewer than one process has places for confirmations
DAY_KEYS = 52  # as many as the wallet sends
CODE = "123456"
GOAL = 0.25
_phones: Iterator[int] = numbers(5_000)  # not those of `verify`, which may run on the same databases


def run() -> Iterable[Result]:
    """ROUNDS rounds, each PEOPLE with a record, a code sent to them, and keys of their own; the first warms up."""
    running = town()
    ours, strips = Spent(), 0
    for number in range(ROUNDS + 1):
        jobs = [_person() for _ in range(PEOPLE)]
        with watching(running.server_processes, ours if number else Spent()):
            answers = drive(running.web_port, jobs, CONNECTIONS)
        strips += _strips(answers) if number else 0
    confirmed = ROUNDS * PEOPLE
    floor = _signatures_per_second() / (strips / confirmed)
    yield Result("confirm", confirmed / ours.cpu, f"months of {strips / confirmed:.0f} strips per CPU s", floor, GOAL)


def _person() -> tuple[str, Callable[[], bytes], dict[str, str]]:
    """Somebody with a second dose on record, whom a code was just sent."""
    from registry.models import Citizen, Code, Message, PassRecord, Verification
    from registry.phone.verification import _code_hash

    now, phone = timezone.now(), f"+82100{next(_phones):07d}"
    citizen = Citizen.objects.create(name="홍길동", birth="1990-01-01", phone=phone)
    PassRecord.objects.create(
        citizen=citizen,
        kind=PassRecord.Kind.VACCINATION,
        day=now.date() - timedelta(days=60),
        vaccine_id="pfizer",
        dose=2,
        issuer="bench",
        certificate_number=phone,
    )
    index = bytes(citizen.phone_index or b"")
    address = {"phone_index": index, "address_index": index}
    check = Verification.objects.create(phone=phone, started_at=now, **address)
    sent = Message.objects.create(
        phone=phone,
        phone_index=index,
        purpose="code",
        status=Message.Status.SENT,
        created_at=now,
        not_after=now + timedelta(minutes=30),
        next_try_at=now,
        taken_at=now,
    )
    Code.objects.create(verification=check, message=sent, hash=_code_hash(check.pk, CODE), created_at=now, **address)
    body = json.dumps(_shape(now)).encode()
    return f"/api/v1/verifications/{check.pk}/confirm", lambda: body, {}


def _shape(now: datetime) -> dict[str, object]:
    first = timezone.localdate(now)
    days = [first + timedelta(days=n) for n in range(DAY_KEYS)]
    keys: dict[date, str] = {day: _point() for day in days}
    return {
        "code": CODE,
        "name": "홍길동",
        "birth_date": "1990-01-01",
        "device_key": _point(),
        "day_keys": {day.isoformat(): key for day, key in keys.items()},
    }


def _point() -> str:
    from registry.format.passcode import point_of

    return base64.urlsafe_b64encode(point_of(ec.generate_private_key(ec.SECP256R1()))).rstrip(b"=").decode()


def _strips(answers: list[bytes]) -> int:
    """How many strips were given; raises where somebody's are not all a valid pass."""
    total = 0
    for body in answers:
        days = json.loads(body)["days"]
        if not all(day["pass"] for day in days):
            raise RuntimeError(f"no pass for somebody with a second dose: {body[:300]!r}")
        total += len(days)
    return total


def _signatures_per_second(count: int = 4000) -> float:
    """P-256 signatures per CPU second of one process, by Python's `cryptography` and nothing around it."""
    key, message = ec.generate_private_key(ec.SECP256R1()), b"\x00" * 200
    started = time.process_time()
    for _ in range(count):
        key.sign(message, ES256)
    return count / (time.process_time() - started)
