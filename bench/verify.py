"""Phone checks: a code asked for and given back, against the same writes alone; the waiting room's poll against a bare
view; a request that is turned away against one that is let in."""

import base64
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count as numbers
from typing import Any
from uuid import UUID

import psycopg
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from bench.links import Answer, request, volley
from bench.measure import Result, Spent, cpu_seconds, drive, watching
from bench.town import Town, let_in, town

ROUNDS, PEOPLE, CONNECTIONS = 4, 250, 2  # connections: as many as one process has places for codes asked for
POLLS, REFUSED, BURST = 4000, 2000, 40
DAY_KEYS = 52  # as many as the wallet sends
CODE = "123456"
WRITES = {"INSERT", "UPDATE", "DELETE"}
GOAL, GOAL_POLLS, GOAL_REFUSED = 0.5, 0.7, 0.2
OPEN, SHUT = 100_000, 1  # people a second whom the room lets in
_people: Iterator[int] = numbers()

Job = tuple[str, Callable[[], bytes], dict[str, str]]
Statement = tuple[str, Any]  # SQL and its values


def run() -> Iterable[Result]:
    """Three results, each with its floor measured in the same run."""
    running = town()
    let_in(OPEN)
    yield _codes(running)
    admitted = _cost_of_admitted(running)
    let_in(SHUT)
    yield _refused(running, admitted)
    yield _polls(running)


# --- (a) a code asked for and confirmed


@dataclass(frozen=True)
class Person:
    """Somebody with a second dose on record, at an address of their own."""

    phone: str
    address: str

    @property
    def headers(self) -> dict[str, str]:
        return {"X-Forwarded-For": self.address}


def _codes(running: Town) -> Result:
    """ROUNDS rounds of PEOPLE; the first warms up. The floor runs between them, on the writes of as many others."""
    ours, floor = Spent(), Spent()
    for number in range(ROUNDS + 1):
        people = _people_on_record(PEOPLE)
        begins: list[Job] = [("/api/v1/verifications", _begin(person), person.headers) for person in people]
        counted = ours if number else Spent()
        with watching(running.server_processes, counted):
            answers = drive(running.web_port, begins, CONNECTIONS)
        checks = [UUID(json.loads(body)["verification"]) for body in answers]
        _send(checks)
        confirms: list[Job] = [(f"/api/v1/verifications/{check}/confirm", _confirm(), {}) for check in checks]
        with watching(running.server_processes, counted):
            answers = drive(running.web_port, confirms, CONNECTIONS)
        _all_have_strips(answers)
        _replay(running, _writes(_people_on_record(PEOPLE)), floor if number else Spent())
    checked = ROUNDS * PEOPLE
    return Result("verify", checked / ours.cpu, "codes asked for and confirmed per CPU s", checked / floor.cpu, GOAL)


def _people_on_record(count: int) -> list[Person]:
    """New people, each with a record that makes a pass."""
    from registry.models import Citizen, PassRecord

    found = []
    for _ in range(count):
        number = next(_people)
        phone = _phone(number)
        citizen = Citizen.objects.create(name="홍길동", birth="1990-01-01", phone=phone)
        PassRecord.objects.create(
            citizen=citizen,
            kind=PassRecord.Kind.VACCINATION,
            day=timezone.localdate() - timedelta(days=60),
            vaccine_id="pfizer",
            dose=2,
            issuer="bench",
            certificate_number=f"verify {number}",
        )
        found.append(Person(phone, f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"))
    return found


def _phone(number: int) -> str:
    """Neighbours lie in different blocks of numbers, each of which has a limit."""
    return f"+82100{number % 1000:03d}{number // 1000:04d}"


def _begin(person: Person) -> Callable[[], bytes]:
    return lambda: json.dumps({"phone": person.phone}).encode()


def _confirm() -> Callable[[], bytes]:
    first = timezone.localdate()
    days: list[date] = [first + timedelta(days=n) for n in range(DAY_KEYS)]
    body = {
        "code": CODE,
        "name": "홍길동",
        "birth_date": "1990-01-01",
        "device_key": _point(),
        "day_keys": {day.isoformat(): _point() for day in days},
    }
    raw = json.dumps(body).encode()
    return lambda: raw


def _point() -> str:
    from registry.format.passcode import point_of

    return base64.urlsafe_b64encode(point_of(ec.generate_private_key(ec.SECP256R1()))).rstrip(b"=").decode()


def _send(checks: Sequence[UUID]) -> None:
    """The worker's part, not measured: the codes' messages are sent, and we know the codes."""
    from registry.models import Code, Message
    from registry.phone.verification import _code_hash

    for code in Code.objects.filter(verification__in=checks):
        Code.objects.filter(pk=code.pk).update(hash=_code_hash(code.verification_id, CODE))
    sent = Message.objects.filter(code__verification__in=checks)
    sent.update(status=Message.Status.SENT, taken_at=timezone.now(), text=None)


def _all_have_strips(answers: list[bytes]) -> None:
    for body in answers:
        if not all(day["pass"] for day in json.loads(body)["days"]):
            raise RuntimeError(f"no pass for somebody with a second dose: {body[:300]!r}")


class _Undo(Exception):
    """Ends a transaction whose writes are wanted, not its effect."""


def _writes(people: Sequence[Person]) -> list[list[Statement]]:
    """What the same requests write for these people, transaction by transaction; nothing of it stays."""
    kept: list[list[Statement]] = []
    client = Client(headers={"host": "localhost"})
    try:
        with transaction.atomic():
            for person in people:
                client.cookies.clear()  # another browser
                with connection.execute_wrapper(_Recorder(kept)):
                    asked = client.post(
                        "/api/v1/verifications",
                        {"phone": person.phone},
                        "application/json",
                        headers={"x-forwarded-for": person.address},
                    )
                if asked.status_code != 202:
                    raise RuntimeError(f"no code was sent: {asked.status_code} {asked.content[:300]!r}")
                check = UUID(asked.json()["verification"])
                _send([check])
                with connection.execute_wrapper(_Recorder(kept)):
                    given = client.post(f"/api/v1/verifications/{check}/confirm", _confirm()(), "application/json")
                _all_have_strips([given.content])
            raise _Undo
    except _Undo:
        return [writes for writes in kept if writes]


class _Recorder:
    """Keeps INSERT, UPDATE and DELETE by transaction. Inside an outer one, savepoints of the first level are the
    transactions of a request, and a statement outside of these is one by itself."""

    def __init__(self, kept: list[list[Statement]]) -> None:
        self.kept, self.depth = kept, 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        word = sql.split(None, 1)[0].upper()
        if word == "SAVEPOINT":
            if not self.depth:
                self.kept.append([])
            self.depth += 1
        elif word in ("RELEASE", "ROLLBACK"):
            self.depth -= 1
        elif _writes_rows(sql):
            if not self.depth:
                self.kept.append([])
            self.kept[-1] += [(sql, each) for each in params] if many else [(sql, params)]
        return execute(sql, params, many, context)


def _writes_rows(sql: str) -> bool:
    words = sql.upper().split()
    return words[0] in ("INSERT", "UPDATE", "DELETE") or (
        words[0] == "WITH" and {"INSERT", "UPDATE"} & set(words) != set()
    )


def _replay(running: Town, transactions: list[list[Statement]], spent: Spent) -> None:
    """The floor: these statements in these transactions, by psycopg on one connection; its CPU and PostgreSQL's."""
    postgres = [running.server_processes[1]]
    with psycopg.connect(running.servers[0].url("munjigi"), autocommit=True, prepare_threshold=3) as link:
        ours, theirs = time.process_time(), cpu_seconds(postgres)
        for statements in transactions:
            with link.transaction():
                for sql, values in statements:
                    link.execute(sql.encode(), values)
        time.sleep(0.05)  # the kernel's accounts are some ticks behind
        spent.cpu += time.process_time() - ours + cpu_seconds(postgres) - theirs


# --- (b) and (c): the waiting room


def _refused(running: Town, admitted: float) -> Result:
    """The cost of a request that is told to wait, its ticket included, against one that is let in and sent a code."""
    volley(running.web_port, _askings(BURST), CONNECTIONS)  # uses up what may come in at once
    refused = Spent()
    for number in range(ROUNDS + 1):
        asked = _askings(REFUSED // ROUNDS)
        with watching(running.server_processes, refused if number else Spent()):
            answers = volley(running.web_port, asked, CONNECTIONS)
        let = sum(answer.status != 503 for answer in answers)
        if let > len(answers) / 20:
            raise RuntimeError(f"{let} of {len(answers)} were not told to wait: {answers[0].body[:200]!r}")
    each = refused.cpu / REFUSED * 1000
    return Result("verify, refused", each, "CPU ms a request", admitted, GOAL_REFUSED, at_most=True)


def _cost_of_admitted(running: Town) -> float:
    """CPU milliseconds of a request that is let in."""
    spent = Spent()
    for number in range(ROUNDS + 1):
        asked = _askings(PEOPLE)
        with watching(running.server_processes, spent if number else Spent()):
            answers = volley(running.web_port, asked, CONNECTIONS)
        _all_are(answers, 202)
    return spent.cpu / (ROUNDS * PEOPLE) * 1000


def _askings(count: int) -> list[bytes]:
    """Requests for a code by people who were not here before, each from an address of their own."""
    made = []
    for _ in range(count):
        number = next(_people)
        person = Person(_phone(number), f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")
        headers = person.headers | {"Content-Type": "application/json"}
        made.append(request("POST", "/api/v1/verifications", headers, _begin(person)()))
    return made


def _polls(running: Town) -> Result:
    """Questions of those who wait, of as many browsers as questions a round, against a bare view on the same server."""
    tickets = [answer.cookies() for answer in volley(running.web_port, _askings(POLLS // ROUNDS), CONNECTIONS)]
    places = [request("GET", "/waiting/place", {"Cookie": ticket}) for ticket in tickets]
    bare = [request("GET", "/bench/bare", {"Cookie": ticket}) for ticket in tickets]
    ours, floor = Spent(), Spent()
    for number in range(ROUNDS + 1):
        with watching(running.server_processes, ours if number else Spent()):
            answers = volley(running.web_port, places, CONNECTIONS)
        _all_are(answers, 200)
        with watching(running.server_processes, floor if number else Spent()):
            _all_are(volley(running.web_port, bare, CONNECTIONS), 200)
    asked = ROUNDS * len(places)
    return Result("verify, waiting", asked / ours.cpu, "polls per CPU s", asked / floor.cpu, GOAL_POLLS)


def _all_are(answers: list[Answer], status: int) -> None:
    wrong = [answer for answer in answers if answer.status != status]
    if wrong:
        raise RuntimeError(f"{len(wrong)} answers were not {status}: {wrong[0].status} {wrong[0].body[:200]!r}")
