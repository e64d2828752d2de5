"""Waiting rooms of several processes on one Valkey, in a time that the test sets, and people with browsers."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field

from redis import Redis

from gate import process
from gate.clock import Clock
from gate.lookout import Lookout
from gate.rules import USUAL_POLLS, Rules
from gate.shared import Shared
from gate.waiting_room import ADMISSION, Answer, Room

KEY = b"k" * 32


def forget() -> None:
    """Begin anew with this process's own room."""
    process.lookout.cache_clear()
    process.room.cache_clear()
    process.quotas.cache_clear()


def empty(valkey: Redis) -> None:
    """Nobody is in the line, and no process is known."""
    for key in valkey.scan_iter("{gate}:*"):
        valkey.delete(key)


@dataclass
class Hands:
    """A wall clock and a steady one, in nanoseconds, set by the test."""

    wall: int = 1_800_000_000 * 10**9
    steady: int = 10**15

    def pass_by(self, seconds: float, *, set_by: float = 0) -> None:
        self.wall += int((seconds + set_by) * 10**9)
        self.steady += int(seconds * 10**9)


@dataclass
class Person:
    """A browser: what it holds, when it asks next and when it was let in (s of the test)."""

    number: int
    cookies: dict[str, str] = field(default_factory=dict)
    asks_at: float = 0.0
    admitted_at: float | None = None

    def take(self, answer: Answer) -> Answer:
        self.cookies |= {name: value for name, (value, _seconds) in answer.cookies.items()}
        return answer


class Town:
    """`rooms` are the processes' waiting rooms; people ask any of them in turn."""

    def __init__(self, rate: float = 20, processes: int = 2, url: str = "", polls: float = USUAL_POLLS) -> None:
        self.rate, self.polls, self.url = rate, polls, url or os.environ["REDIS_URL"]
        self.hands, self.prefix = Hands(), f"test-{secrets.token_hex(4)}"
        self.rooms = [self.start() for _ in range(processes)]
        self.people: list[Person] = []
        self.at, self._turn = 0.0, 0
        self.asked = 0  # questions of those who wait, in all

    def start(self, *, shares: bool = True) -> Room:
        clock = Clock(lambda: self.hands.wall, lambda: self.hands.steady)
        shared = Shared(self.url, self.prefix)
        steady = lambda: self.hands.steady / 1e9  # noqa: E731
        rules, admitted = Rules(rate=self.rate, polls=self.polls), ("verify", "finish")
        known = {"rules": rules, "clock": clock, "steady": steady, "admitted": admitted, "shares": shares}
        return Room(Lookout(shared, **known), KEY)

    def restart(self) -> None:
        self.rooms = [self.start() for _ in self.rooms]

    def any(self) -> Room:
        self._turn += 1
        room = self.rooms[self._turn % len(self.rooms)]
        room.lookout.tend()
        return room

    def come(self, number: int) -> list[Person]:
        """So many people, one after the other, ask to begin."""
        came = [Person(len(self.people) + n) for n in range(number)]
        for person in came:
            self._told(person, person.take(self.any().enter(person.cookies)))
        self.people += came
        return came

    def run(self, seconds: float, *, coming: float = 0, step: float = 0.25) -> None:
        """Let time go by: `coming` people a second arrive, and all who wait ask at their pace."""
        due = 0.0
        for _ in range(round(seconds / step)):
            self.pass_by(step)
            due += coming * step
            self.come(int(due))
            due -= int(due)
            for person in self.waiting:
                if person.asks_at <= self.at:
                    self.asked += 1
                    self._told(person, person.take(self.any().ask(person.cookies)))

    def pass_by(self, seconds: float, *, set_by: float = 0) -> None:
        self.hands.pass_by(seconds, set_by=set_by)
        self.at += seconds

    def _told(self, person: Person, answer: Answer) -> None:
        if answer.admitted:
            assert ADMISSION in person.cookies
            person.admitted_at = self.at
        else:
            assert answer.place, "a place that was given is never lost"
            person.asks_at = self.at + answer.place.pace_s

    @property
    def waiting(self) -> list[Person]:
        return [person for person in self.people if person.admitted_at is None]

    def slips(self) -> list[float]:
        """For each who was let in, how many seconds' worth of people they are from their place in the order."""
        order = sorted((p for p in self.people if p.admitted_at is not None), key=lambda p: p.admitted_at)
        places = {p.number: n for n, p in enumerate(sorted(order, key=lambda p: p.number))}
        return [abs(n - places[p.number]) / self.rate for n, p in enumerate(order)]

    def empty(self, valkey) -> None:
        """Redis loses everything."""
        for key in valkey.scan_iter(f"{{{self.prefix}}}:*", count=1000):
            valkey.delete(key)
