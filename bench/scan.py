"""One scan a request, verified, stored, answered: against a DRF view with a token and one ORM insert, same server."""

import json
import time
from collections.abc import Callable, Iterable

from bench.measure import Result, Spent, drive, watching
from bench.town import Guest, guests, open_doors, town

ROUNDS, REQUESTS, CONNECTIONS = 4, 1500, 2  # connections: as many as one process has places for the floor
GOAL = 0.8


def run() -> Iterable[Result]:
    """ROUNDS rounds, each REQUESTS of ours and then as many of the floor's."""
    running = town()
    from registry.format import passcode

    doors, tokens = open_doors(CONNECTIONS), _tokens(CONNECTIONS)
    ours, plain = Spent(), Spent()
    for number in range(ROUNDS + 1):
        people = guests(REQUESTS, passcode.seoul_day(time.time()))
        jobs = [("/api/v1/scan", _shown(guest), doors[i % CONNECTIONS].headers) for i, guest in enumerate(people)]
        floor = [
            ("/bench/plain", _shown(guest), {"Authorization": f"Token {tokens[i % CONNECTIONS]}"})
            for i, guest in enumerate(people)
        ]
        with watching(running.server_processes, ours if number else Spent()):  # the first round warms up
            answers = drive(running.web_port, jobs, CONNECTIONS)
        with watching(running.server_processes, plain if number else Spent()):
            drive(running.web_port, floor, CONNECTIONS)
        _all_stored(answers)
    count = ROUNDS * REQUESTS
    yield Result("scan", count / ours.cpu, "requests per CPU s", count / plain.cpu, GOAL)


def _tokens(count: int) -> list[str]:
    """Tokens of the floor's own kind."""
    from rest_framework.authtoken.models import Token

    from registry.models import User

    users = [User.objects.create(username=f"plain-{time.time_ns()}-{number}") for number in range(count)]
    return [Token.objects.create(user=user).key for user in users]


def _shown(guest: Guest) -> Callable[[], bytes]:
    """Makes the body when it is sent: a code lives 30 seconds."""
    from registry.format.passcode import encode_code, sign_proof

    def make() -> bytes:
        t = int(time.time())
        return json.dumps({"code": encode_code(guest.strip, t, sign_proof(guest.key, guest.strip, t))}).encode()

    return make


def _all_stored(answers: list[bytes]) -> None:
    for body in answers:
        if json.loads(body) != {"verdict": "PASS", "colour": "green", "answer": "stored"}:
            raise RuntimeError(f"not stored: {body!r}")
