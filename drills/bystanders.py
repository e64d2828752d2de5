"""Those who have nothing to do with the crowd: scanners at doors and a clerk at the desk, in a process of their own, so
that what they measure is the server's time and not a busy generator's.

Requests leave on time however slow the last one was; the time counts from when a request was to leave.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from bench.links import Answer, Links, request
from bench.town import Guest

PAGES = (
    "/admin/",
    "/admin/registry/citizen/",
    "/admin/registry/message/",
    "/admin/registry/verification/",
    "/admin/registry/review/",
    "/admin/venues/venue/",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of a bystander: `at` is of `time.monotonic`, which all processes of a machine share."""

    kind: str  # scan or desk
    at: float
    seconds: float
    right: bool
    told: str = ""  # what came instead of a right answer
    page: str = ""  # of the desk
    retry: bool = False  # whether it said when to come again


@dataclass(frozen=True)
class Street:
    """What bystanders need: the port, scanners' tokens, guests with their keys, the clerk's cookie, rates a second, the
    port of the desk."""

    port: int
    tokens: Sequence[str]
    guests: Sequence[tuple[bytes, int]]  # strip and private key
    cookie: str
    scans: float
    pages: float
    desk: int


Walk = Callable[[Any, Links, list[Asked]], Sequence[Coroutine[Any, Any, None]]]


class Bystanders:
    """Scans and pages from `start` on, or what else `walks` of a street are; `finish` hands back what came of them."""

    def __init__(self, street: Any, walks: Walk | None = None) -> None:
        self._ours, theirs = multiprocessing.get_context("spawn").Pipe()
        self._process = multiprocessing.get_context("spawn").Process(
            target=_walk, args=(street, walks or _walks, theirs), daemon=True
        )

    def start(self) -> None:
        self._process.start()
        self._ours.recv()

    def so_far(self) -> list[Asked]:
        self._ours.send("so far")
        found: list[Asked] = self._ours.recv()
        return found

    def finish(self) -> list[Asked]:
        self._ours.send("finish")
        found: list[Asked] = self._ours.recv()
        self._process.join(5)
        return found

    def stop(self) -> None:
        """End it, whatever it does."""
        if self._process.is_alive():
            self._process.kill()
            self._process.join(5)


def keys_of(guests: Sequence[Guest]) -> list[tuple[bytes, int]]:
    """Guests as another process may have them."""
    return [(guest.strip, guest.key.private_numbers().private_value) for guest in guests]


def _walk(street: Any, walks: Walk, pipe: Connection) -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    asyncio.run(_work(street, walks, pipe))


async def _work(street: Any, walks: Walk, pipe: Connection) -> None:
    found: list[Asked] = []
    links = Links(street.port, 40)
    tasks = [asyncio.create_task(walk) for walk in walks(street, links, found)]
    pipe.send("begun")
    while (word := pipe.recv() if pipe.poll() else "") != "finish":
        if word:
            pipe.send(found)
        await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()
    await asyncio.sleep(1.5)  # for the last answers
    links.close()
    pipe.send(found)


def _walks(street: Street, links: Links, found: list[Asked]) -> Sequence[Coroutine[Any, Any, None]]:
    looks = [_look(street, Links(street.desk, 10), found)] if street.pages else []
    return [_scan(street, links, found), *looks]


async def _scan(street: Street, links: Links, found: list[Asked]) -> None:
    from registry.format.passcode import encode_code, sign_proof

    keys = [(strip, ec.derive_private_key(number, ec.SECP256R1())) for strip, number in street.guests]
    started, number = time.monotonic(), 0
    while True:
        due = started + number / street.scans
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        strip, key = keys[number % len(keys)]
        t = int(time.time())
        body = json.dumps({"code": encode_code(strip, t, sign_proof(key, strip, t))}).encode()
        headers = {"Authorization": f"Bearer {street.tokens[number % len(street.tokens)]}"}
        raw = request("POST", "/api/v1/scan", headers | {"Content-Type": "application/json"}, body)
        links.send(raw, lambda answer: found.append(_asked("scan", answer, _is_green)), due)
        number += 1


async def _look(street: Street, links: Links, found: list[Asked]) -> None:
    started, number = time.monotonic(), 0
    while True:
        due = started + number / street.pages
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        page = PAGES[number % len(PAGES)]
        raw = request("GET", page, {"Cookie": street.cookie})
        links.send(raw, lambda answer, page=page: found.append(_asked("desk", answer, _is_page, page)), due)  # type: ignore[misc]
        number += 1


def _asked(kind: str, answer: Answer, is_right: object, page: str = "") -> Asked:
    right = bool(is_right(answer))  # type: ignore[operator]
    told = "" if right else f"{answer.status} {answer.body[:100].decode(errors='replace')}"
    return Asked(kind, answer.began, answer.seconds, right, told, page, bool(answer.header(b"retry-after")))


def _is_green(answer: Answer) -> bool:
    """A valid pass, whether it is shown at this door for the first time or not."""
    return answer.status == 200 and json.loads(answer.body)["verdict"] in ("PASS", "REPEAT")


def _is_page(answer: Answer) -> bool:
    return answer.status == 200 and b'name="username"' not in answer.body
