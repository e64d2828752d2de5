"""A crowd before the phone check: people who arrive, wait where they are told to, get their code and give it back.

One process, open loop: whoever is to arrive at a time arrives then, however slow the answers are. A person is what the
wallet is: asks for a code, waits at the pace that the server sets, comes back after Retry-After, reads the SMS (at the
SMS simulator), confirms. Nobody gives up.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.links import Answer, Links, request

PLACE, BEGIN = "/waiting/place", "/api/v1/verifications"
MAIL_EVERY = 0.4  # seconds between two looks at the simulator
MOST_UNDER_WAY = 120  # people of a closed loop whose SMS is on its way
TYPED_IN = tuple(1.0 + 0.1 * n for n in range(20))  # seconds that people take to give a code back, after they saw it
MOST_BEHIND = 15.0  # seconds
LEAVE = 5.5  # seconds; longer than the server tells anybody who is busy to stay away
SOONER_OR_LATER = (0.9, 1.2)  # times what the server says: static/js/wallet/line.js
AFTER_NOTHING = 2.0  # seconds until a request without an answer is sent again


@dataclass(frozen=True, slots=True)
class Letter:
    """An SMS as it arrived."""

    phone: str
    code: str
    provider: int  # by the order of the simulators
    at: float  # `time.time`


@dataclass(slots=True)
class Person:
    """One phone. Times are of `time.monotonic`; 0 is "not yet"."""

    number: int
    arrived: float = 0.0
    placed: float = 0.0  # when they were first told their place
    told_to_wait: float = 0.0  # when they last asked and were told that others stand before them
    called: float = 0.0  # when they were told that it is their turn
    begun: float = 0.0
    confirmed: float = 0.0
    position: int = 0
    asked: list[float] = field(default_factory=list)  # when codes were asked for, by `time.time`
    keeps: bool = False  # does not give the first code back at once
    kept: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    check: str = ""

    @property
    def phone(self) -> str:
        return phone_of(self.number)

    @property
    def headers(self) -> dict[str, str]:
        """At home behind an address of their own."""
        number = self.number
        known = {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
        return known | ({"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} if self.cookies else {})


@dataclass
class Seen:
    """What became of requests, by the second of the run in which it did."""

    began: float
    events: Counter[tuple[int, str]] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)

    def note(self, what: str) -> None:
        self.events[int(time.monotonic() - self.began), what] += 1

    def per(self, what: str, first: int, last: int) -> float:
        """How many a second from second `first` up to `last`, not included."""
        return sum(self.events[second, what] for second in range(first, last)) / (last - first)


class Crowd:
    """People at one web server and one or more SMS simulators. To be made inside a running loop."""

    def __init__(self, web: int, sms: Sequence[int], bodies: Sequence[bytes], connections: int = 160) -> None:
        self.links, self.post = Links(web, connections), [Links(port, 2) for port in sms]
        self.bodies, self.people = bodies, list[Person]()
        self.seen = Seen(time.monotonic())
        self.letters: list[Letter] = []
        self.by_phone: dict[str, Person] = {}
        self._loop = asyncio.get_running_loop()
        self._read: set[str] = set()
        self._mail = [self._loop.create_task(self._fetch_codes(n, post)) for n, post in enumerate(self.post)]
        self.patient = True  # whether whoever is turned away comes again
        self.codes: deque[tuple[Person, str]] | None = None  # kept until asked for, in `keep_busy` alone
        self.done = 0  # phone checks, in all

    async def arrive(self, first: int, rate: float, seconds: float) -> list[Person]:
        """People numbered from `first` on arrive, evenly, `rate` a second for so long; those who did."""
        start, came = time.monotonic(), list[Person]()
        while True:
            now = time.monotonic()
            for number in range(len(came), int(min(now - start, seconds) * rate)):
                person = Person(first + number, arrived=start + number / rate)
                came.append(person)
                self.by_phone[person.phone] = person
                self.seen.note("arrived")
                self._begin(person, person.arrived)
            if now - start >= seconds:
                self.people += came
                return came
            await asyncio.sleep(0.004)

    async def keep_busy(self, first: int, at_once: int, seconds: float) -> float:
        """A closed loop instead: `at_once` requests at any time, a confirmation wherever a code has arrived, else one
        more person. Whoever is turned away comes again, beyond these. Phone checks completed a second, without the
        first quarter of the time."""
        start, number, done = time.monotonic(), first, self.done
        counted_from, counted = start, done
        self.codes = deque()
        while (now := time.monotonic()) - start < seconds:
            for _ in range(at_once - len(self.links.busy) - len(self.links.waiting)):
                if self.codes:
                    self._confirm(*self.codes.popleft())
                elif number - first - (self.done - done) < MOST_UNDER_WAY:
                    person = Person(number, arrived=now)
                    self.by_phone[person.phone] = person
                    self._begin(person)
                    number += 1
            if now - start < seconds / 4:
                counted_from, counted = now, self.done
            await asyncio.sleep(0.003)
        self.codes = None
        return (self.done - counted) / (time.monotonic() - counted_from)

    async def clear(self) -> None:
        """Let those finish who are in, and forget whoever is not: nothing that follows counts them."""
        self.patient = False
        await asyncio.sleep(LEAVE)
        self.patient = True
        self.by_phone.clear()

    async def hear_out(self) -> None:
        """Wait for the answers to what was asked."""
        until = time.monotonic() + MOST_BEHIND
        while (self.links.busy or self.links.waiting) and time.monotonic() < until:
            await asyncio.sleep(0.1)

    async def ask_all(self, people: Sequence[Person]) -> list[tuple[Person, Answer]]:
        """Everybody's place, once, as fast as the server answers."""
        answers: list[tuple[Person, Answer]] = []
        done = asyncio.Event()

        def keep(person: Person, answer: Answer) -> None:
            answers.append((person, answer))
            if len(answers) == len(people):
                done.set()

        for person in people:
            raw = request("GET", PLACE, person.headers)
            self.links.send(raw, lambda answer, person=person: keep(person, answer))  # type: ignore[misc]
        if people:
            await done.wait()
        return answers

    def ask_again(self, person: Person) -> None:
        """One more code, as "send again" asks for."""
        self._begin(person)

    def give_back(self, person: Person) -> None:
        """The code that was kept."""
        self._confirm(person, person.kept)

    def close(self) -> None:
        for mail in self._mail:
            mail.cancel()
        for links in (self.links, *self.post):
            links.close()

    def _begin(self, person: Person, began: float | None = None) -> None:
        headers = person.headers | {"Content-Type": "application/json", "Accept": "application/json"}
        content = {"phone": person.phone} | ({"verification": person.check} if person.check else {})
        raw = request("POST", BEGIN, headers, json.dumps(content).encode())
        self.links.send(raw, lambda answer: self._begun(person, answer), began)

    def _begun(self, person: Person, answer: Answer) -> None:
        self._keep_cookies(person, answer)
        if answer.status == 202:
            person.begun = time.monotonic()
            person.called = person.called or person.begun
            person.check = json.loads(answer.body)["verification"]
            person.asked.append(time.time() - answer.seconds)
            self.seen.note("begun")
        elif answer.status == 503 and answer.header(b"retry-after"):
            self._turned_away(person, answer)
        else:
            self._went_wrong("begin", answer)
            self._later(AFTER_NOTHING, lambda: self._begin(person))

    def _turned_away(self, person: Person, answer: Answer) -> None:
        problem = json.loads(answer.body)
        if problem.get("code") == "waiting":
            self.seen.note("held")
            person.placed = person.placed or time.monotonic()
            self._stand(person, problem["waiting"], answer)
        else:
            self.seen.note("busy")
            self._when_told(float(answer.header(b"retry-after")), lambda: self._begin(person))

    def _stand(self, person: Person, place: dict[str, float], answer: Answer) -> None:
        person.position = int(place["position"])
        if person.position > 1:
            person.told_to_wait = answer.began
        self._when_told(float(place["pace_s"]), lambda: self._ask(person))

    def _ask(self, person: Person) -> None:
        self.links.send(request("GET", PLACE, person.headers), lambda answer: self._asked(person, answer))

    def _asked(self, person: Person, answer: Answer) -> None:
        self._keep_cookies(person, answer)
        if answer.status == 200:
            self.seen.note("asked")
            place = json.loads(answer.body)
            if place["admitted"]:
                person.called = time.monotonic()
                self._begin(person)
            else:
                self._stand(person, place, answer)
        elif answer.status == 503 and answer.header(b"retry-after"):
            self.seen.note("busy")
            self._when_told(float(answer.header(b"retry-after")), lambda: self._ask(person))
        else:
            self._went_wrong("place", answer)
            self._later(AFTER_NOTHING, lambda: self._ask(person))

    async def _fetch_codes(self, provider: int, post: Links) -> None:
        while True:
            answer = await post.ask(request("GET", "/messages.json"))
            if answer.status == 200:
                for message in json.loads(answer.body)["messages"]:
                    if message["id"] in self._read:
                        break
                    self._read.add(message["id"])
                    self.letters.append(Letter(message["to"], code_in(message["text"]), provider, message["at"] / 1000))
                    self._arrived_sms(message["to"], message["text"])
            await asyncio.sleep(MAIL_EVERY)

    def _arrived_sms(self, phone: str, text: str) -> None:
        person, code = self.by_phone.get(phone), code_in(text)
        if person and code and person.check and not person.confirmed:
            self.seen.note("sms")
            if person.keeps:
                person.kept = person.kept or code
            elif self.codes is None:
                self._later(TYPED_IN[person.number % len(TYPED_IN)], lambda: self._confirm(person, code))
            else:
                self.codes.append((person, code))
        elif person and code and not person.confirmed:  # the answer to the phone is behind its SMS
            self._later(0.5, lambda: self._arrived_sms(phone, text))

    def _confirm(self, person: Person, code: str) -> None:
        body = self.bodies[person.number % len(self.bodies)].replace(b"000000", code.encode(), 1)
        headers = person.headers | {"Content-Type": "application/json"}
        raw = request("POST", f"{BEGIN}/{person.check}/confirm", headers, body)
        self.links.send(raw, lambda answer: self._confirmed(person, code, answer))

    def _confirmed(self, person: Person, code: str, answer: Answer) -> None:
        if answer.status == 200:
            person.confirmed = time.monotonic()
            self.done += 1
            self.seen.note("confirmed")
        elif answer.status == 503 and answer.header(b"retry-after"):
            self.seen.note("busy")
            self._when_told(float(answer.header(b"retry-after")), lambda: self._confirm(person, code))
        else:
            self._went_wrong("confirm", answer)

    def _later(self, seconds: float, what: object) -> None:
        if self.patient:
            self._loop.call_later(max(seconds, 0.05), lambda: self.patient and what())  # type: ignore[operator]

    def _when_told(self, seconds: float, what: object) -> None:
        """A little sooner or later than the server says, as the wallet comes, so that not all come at once."""
        self._later(seconds * random.uniform(*SOONER_OR_LATER), what)

    def _went_wrong(self, what: str, answer: Answer) -> None:
        self.seen.note("wrong")
        self.seen.wrong[f"{what}: {answer.status or 'no answer'} {answer.body[:120].decode(errors='replace')}"] += 1

    @staticmethod
    def _keep_cookies(person: Person, answer: Answer) -> None:
        if b"ookie" in answer.head:
            given = (pair.partition("=") for pair in answer.cookies().split("; "))
            person.cookies |= {name: value for name, _, value in given if name}


def phone_of(number: int) -> str:
    """A number of the blocks 010-0000 to 010-0999, which nobody has; neighbours lie in different blocks."""
    return f"+82100{number % 1000:03d}{number // 1000:04d}"


def code_in(text: str) -> str:
    """The six digits of an SMS, empty where it has none."""
    digits = "".join(character if character.isdecimal() else " " for character in text).split()
    return next((word for word in digits if len(word) == 6), "")
