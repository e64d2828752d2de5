"""Batches of 500, every proof verified, durable: scans per CPU second against two bare P-256 verifications a scan."""

import base64
import json
import time
from collections.abc import Iterable
from statistics import mean

from bench.measure import Result, Spent, drive, verifications_per_second, watching
from bench.town import Guest, guests, open_doors, town

SIZE, ROUNDS, BATCHES, CONNECTIONS, WARM_UP = 500, 4, 12, 1, 5  # to warm up: as many as one process has places
GOAL = 0.6


def run() -> Iterable[Result]:
    """ROUNDS times BATCHES batches on one connection, as the floor is one process; it is measured between the rounds.

    Before the first round every process of the server is warmed up over many connections.
    """
    value, floor = rate(ROUNDS)
    yield Result("upload", value, "scans per CPU s", floor, GOAL)


def rate(rounds: int) -> tuple[float, float]:
    """Scans per CPU second of the server, and pairs of verifications per CPU second of one process."""
    running = town()
    from registry import signing
    from registry.format import passcode

    doors, spent = open_doors(BATCHES), Spent()
    signing.agency_keys()
    day = passcode.seoul_day(time.time())
    floors = [verifications_per_second()]
    for number in range(rounds + 1):
        people = guests(SIZE * BATCHES, day)
        jobs = []
        for batch in range(BATCHES):
            body = _batch(people[batch * SIZE : (batch + 1) * SIZE], (number * BATCHES + batch) * SIZE)
            jobs.append(("/api/v1/scans", lambda body=body: body, doors[batch].headers))
        with watching(running.server_processes, spent if number else Spent()):
            answers = drive(running.web_port, jobs, CONNECTIONS if number else WARM_UP)
        floors.append(verifications_per_second())
        _all_stored(answers)
    return rounds * BATCHES * SIZE / spent.cpu, mean(floors) / 2


def _batch(people: list[Guest], first: int) -> bytes:
    from registry.format.passcode import sign_proof

    now = time.time()
    t = int(now)
    scans = [
        {
            "seq": first + number + 1,
            "at": int(now * 1000),
            "verdict": "PASS",
            "method": "qr",
            "direction": "in",
            "admitted": True,
            "strip": _text(guest.strip),
            "t": t,
            "proof": _text(sign_proof(guest.key, guest.strip, t)),
        }
        for number, guest in enumerate(people)
    ]
    return json.dumps({"scans": scans}).encode()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _all_stored(answers: list[bytes]) -> None:
    for body in answers:
        said = {answer["answer"] for answer in json.loads(body)["answers"]}
        if said != {"stored"}:
            raise RuntimeError(f"not all were stored: {said}")
