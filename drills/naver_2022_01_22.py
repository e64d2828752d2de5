"""`naver-2022-01-22`: the monthly phone check was broken for a day. Here no SMS leaves from yesterday until now.

The day is simulated: the registry's own functions are called with its moments, on the real database, and the outbox
talks to real SMS simulators that refuse. Yesterday it is so that the outage ends in the present, in which a clerk
closes it on the real page and the real worker moves the due dates. Then the coming days are simulated in the same way.
"""

from __future__ import annotations

import random
import re
import time as clock
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import httpx
from cryptography.hazmat.primitives.asymmetric import ec

from config.local import embedded
from drills import town
from drills.crowd import code_in, phone_of
from drills.naver_2021_12_14 import behave
from drills.report import Chart, Line, Promise, Report
from drills.stage import SMS_KEY, Stage
from drills.wallets import Holder, day_keys_of, due_of, enrolled, refresh, verdict_of

if TYPE_CHECKING:
    from registry.models import Outage, Spreading, Verification

SUMMARY = "no SMS at all for a day in which many have their monthly phone check to do"

PEOPLE, DUE_FROM, DUE_TO = 216, -7, 10  # people; their due dates lie around the day of the outage, in days
GRACE = 7  # days
CALM, CLOSELY, ASK = 10, 12, 5  # minutes before, minutes looked at one by one, people who ask for a code in a minute
STEP, ASK_LATER = 60, 10  # minutes, and people, later in the day
AFTERWARDS = 14  # days after the outage
EVEN = 1.3  # peak ÷ mean of the days that dates are moved onto
PATIENCE = 60  # seconds for the real worker to move the dates
SEED = 20220122


@dataclass
class Moment:
    """What was seen from one moment of the table to the next."""

    at: datetime
    asked: int = 0
    arrived: int = 0
    shown: int = 0
    green: int = 0
    extended: int = 0
    outage: str = ""


def run(stage: Stage) -> Report:
    spare = embedded.free_port()
    stage.databases(SMS_SPARE_URL=f"http://127.0.0.1:{spare}", SMS_SPARE_KEY=SMS_KEY, TRUSTED_PROXIES="1")
    from registry.models import Provider

    Provider.objects.create(name="spare", kind=Provider.Kind.HTTP, settings="SMS_SPARE")
    stage.start("web", "simulator")
    stage.another_simulator(spare)
    stage.say(f"{PEOPLE} people with a month of strips")
    play = Play(stage, [stage.stack.sms_port, spare])
    play.yesterday()
    play.close()
    play.coming_days()
    return play.report()


class Play:
    """The drill's course, and what was seen."""

    def __init__(self, stage: Stage, ports: Sequence[int]) -> None:
        from registry import vault
        from registry.validity import SEOUL

        self.stage, self.ports, self.chance = stage, ports, random.Random(SEED)
        self.now = datetime.now(SEOUL)
        self.today = vault.today(self.now)
        self.day = self.today - timedelta(days=1)
        self.midnight = datetime.combine(self.day, time(), SEOUL)
        dues = [self.day + timedelta(days=n) for n in range(DUE_FROM, DUE_TO + 1)]
        self.holders = enrolled(PEOPLE, self.day, dues, self.chance)
        self.moments: list[Moment] = []
        self.declared: tuple[datetime, Outage] | None = None
        self.loads: dict[str, Counter[date]] = {}
        self.asked_in_all = 0
        self.page_told = self.page_closed = ""
        self.spreading: Spreading | None = None
        self.days: list[tuple[date, int, int, int]] = []  # day, doors, green, checks

    # --- the day

    def yesterday(self) -> None:
        self.stage.say("yesterday: ten calm minutes, then no SMS")
        for minute in range(-CALM, CLOSELY):
            if minute == 0:
                self._providers({"mode": "fail", "status": 500})
            self._step(self.midnight + timedelta(minutes=minute), timedelta(minutes=1), ASK, len(self.holders) // 6)
        at = self.midnight + timedelta(minutes=CLOSELY)
        self.stage.say("yesterday: the rest of the day, and today until now")
        while at < self.now - timedelta(minutes=1):
            self._step(at, timedelta(minutes=STEP), ASK_LATER, len(self.holders))
            at += timedelta(minutes=STEP)

    def _step(self, at: datetime, lasts: timedelta, asking: int, showing: int) -> None:
        """From `at` on: wallets are opened, people ask for codes and show their passes, the beat does its work."""
        from registry.reverification import outages

        moment = Moment(at)
        minutes = range(at.hour * 60 + at.minute, at.hour * 60 + at.minute + int(lasts / timedelta(minutes=1)))
        outages.forget()
        for holder in self.holders:
            if holder.opens_at in minutes and outages.as_json():
                moment.extended += refresh(holder, at)
        moment.asked, moment.arrived = self._ask_for_codes(at, asking)
        for holder in self.chance.sample(self.holders, showing):
            moment.shown += 1
            moment.green += self._shows(holder, at)
        if not self.declared and (found := outages.watch(at + min(lasts, timedelta(minutes=1)))):
            self.declared = (found.opened_at, found)
        moment.outage = "open" if self.declared else ""
        self.moments.append(moment)

    def _ask_for_codes(self, at: datetime, asking: int) -> tuple[int, int]:
        """Codes asked for, codes that have left by now."""
        from registry.models import Message
        from registry.phone import verification
        from registry.sms import outbox

        checks = []
        for _ in range(asking):
            phone = verification.korean_mobile(phone_of(100_000 + self.asked_in_all))
            checks.append(verification.begin(phone, address=_address(self.asked_in_all), now=at))
            self.asked_in_all += 1
        outbox.sweep(at + timedelta(seconds=1))
        taken = Message.objects.filter(created_at=at, taken_at__isnull=False).count()
        for check in checks if taken else []:
            self._give_back(check, at + timedelta(seconds=30))
        return asking, taken

    def _give_back(self, check: Verification, at: datetime) -> None:
        """A newcomer's code, where it arrived."""
        from registry.phone import holders, verification

        key = ec.generate_private_key(ec.SECP256R1())
        keys = day_keys_of(key, at.date())
        who = holders.Identity(town.NAME, date.fromisoformat(town.BIRTH))
        verification.confirm(
            check.pk,
            code=_code_for(self.ports, check.phone),
            identity=who,
            device=None,
            device_key=keys[at.date()],
            day_keys=keys,
            address="10.0.0.1",
            now=at,
        )

    def _shows(self, holder: Holder, at: datetime) -> bool:
        """Whether the door says yes. A wallet without a strip for the day asks for one first, as when it is opened."""
        from registry import vault

        if vault.today(at) not in holder.strips:
            refresh(holder, at)
        green = verdict_of(holder, at) == "PASS"
        holder.lacking += not green
        return green

    def _providers(self, behaviour: dict[str, object]) -> None:
        for port in self.ports:
            behave(port, behaviour)

    # --- the clerk

    def close(self) -> None:
        """SMS leave again; the clerk sees the outage, closes it, and the worker moves the dates."""
        from registry.models import Outage, Spreading

        self._providers({"mode": "ok"})
        self.loads["before"] = _loads()
        if self.declared is None:
            return
        outage = self.declared[1]
        self.stage.say("the clerk looks at the outage and closes it")
        with httpx.Client(base_url=f"http://localhost:{self.stage.web}", follow_redirects=True, timeout=20) as desk:
            name, _, value = town.clerk_cookie().partition("=")
            desk.cookies.set(name, value)
            page = desk.get(f"/admin/registry/outage/{outage.pk}/change/")
            self.page_told = f"{page.status_code}" + (" open" if "/close" in page.text else " no way to close it")
            self._press_close(desk, page)
        self.page_closed = "closed" if not Outage.objects.open().exists() else "still open"
        self.stage.start("worker")
        until = clock.monotonic() + PATIENCE
        while clock.monotonic() < until and Spreading.objects.unfinished().exists():
            clock.sleep(0.5)
        self.spreading = Spreading.objects.filter(outage=outage).first()
        self.stage.stack.stop("worker")
        self.loads["after"] = _loads()

    @staticmethod
    def _press_close(desk: httpx.Client, page: httpx.Response) -> None:
        found = re.search(r'href="([^"]*/close[^"]*)"', page.text)
        if found:
            form = desk.get(found[1])
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text)
            answer = {"csrfmiddlewaretoken": token[1] if token else "", "note": "drill: the providers are well again"}
            desk.post(found[1], data=answer, headers={"Referer": str(form.url)})

    # --- the days after

    def coming_days(self) -> None:
        """Every pass is shown once a day; whoever is due checks the number on that day."""
        from registry.reverification import outages

        self.stage.say(f"the next {AFTERWARDS} days")
        for number in range(AFTERWARDS + 1):
            noon = self.midnight + timedelta(days=1 + number, hours=12)
            at = max(noon, self.now) if number == 0 else noon
            outages.forget()
            due = [holder for holder in self.holders if due_of(holder) <= self.today + timedelta(days=number)]
            for holder in due if number else []:
                self._check_number(holder, at)
            green = sum(self._shows(holder, at + timedelta(minutes=1)) for holder in self.holders)
            self.days.append((self.today + timedelta(days=number), len(self.holders), green, len(due) if number else 0))

    def _check_number(self, holder: Holder, at: datetime) -> None:
        from registry.phone import verification
        from registry.sms import outbox

        phone = verification.korean_mobile(holder.device.citizen.phone or "")
        check = verification.begin(phone, address=_address(holder.device.citizen.pk.int), now=at)
        outbox.sweep(at + timedelta(seconds=1))
        code = _code_for(self.ports, phone.as_e164)
        verification.confirm(
            check.pk,
            code=code,
            identity=None,
            device=holder.device,
            device_key=bytes(holder.device.public_key),
            day_keys=day_keys_of(holder.key, self.today),
            address="10.0.0.1",
            now=at + timedelta(seconds=30),
        )
        holder.device.citizen.refresh_from_db()

    # --- what it came to

    def report(self) -> Report:
        rows: list[Sequence[str | int | float]] = [_row(moment) for moment in self._chosen()]
        for day, doors, green, checks in self.days:
            rows.append([f"{day:%m-%d}", checks, checks, "", doors, green, ""])
        return Report(
            name="naver-2022-01-22",
            columns=["when", "codes asked", "arrived", "outage", "at doors", "green", "passes extended"],
            rows=rows,
            promises=self._promises(),
            chart=self._chart(),
            notes=[
                f"{PEOPLE} people, due {-DUE_FROM} days before to {DUE_TO} days after {self.day} "
                f"({PEOPLE // (DUE_TO - DUE_FROM + 1)} a day), each with a wallet, opened once on that day;",
                f"{ASK} codes a minute are asked for around midnight, {ASK_LATER} every {STEP} minutes later: each "
                f"minute up to {CLOSELY} is played, then every {STEP}th.",
                "Verdicts are the door's own (`passcode`) on the strips that each wallet holds at that moment.",
            ],
        )

    def _chosen(self) -> list[Moment]:
        """The minutes around midnight one by one, then every second hour."""
        close = [moment for moment in self.moments if moment.at < self.midnight + timedelta(minutes=15)]
        later = [moment for moment in self.moments if moment.at >= self.midnight + timedelta(minutes=CLOSELY)]
        return [*close[CALM - 3 :], *later[:: 120 // STEP]]

    def _promises(self) -> list[Promise]:
        lacking = [holder for holder in self.holders if holder.lacking]
        shown = sum(moment.shown for moment in self.moments) + sum(doors for _day, doors, _green, _n in self.days)
        opened = self.declared[0] if self.declared else None
        minutes = (opened - self.midnight) / timedelta(minutes=1) if opened else 0.0
        in_outage = [moment for moment in self.moments if moment.at >= self.midnight]
        left = sum(moment.arrived for moment in in_outage)
        moved, touched, peak = self._moves()
        return [
            Promise(
                "no SMS left for the whole time",
                left == 0 and sum(moment.asked for moment in in_outage) > 0,
                f"{left} of {sum(moment.asked for moment in in_outage)} codes",
            ),
            Promise(
                "nobody lost the pass, on that day and the two weeks after it",
                not lacking,
                f"{shown:,} verdicts, {len(lacking)} people without a green one",
            ),
            Promise(
                "the outage declared itself",
                opened is not None and self.declared is not None and self.declared[1].opened_by_id is None,
                f"after {minutes:.0f} minutes: {self.declared[1].cause}" if self.declared else "it did not",
            ),
            Promise(
                "the clerk sees it and can close it",
                self.page_told == "200 open" and self.page_closed == "closed",
                f"{self.page_told}, {self.page_closed}",
            ),
            Promise("due dates that fell into it moved", moved == touched > 0, f"{moved} of {touched} people"),
            Promise(
                f"they are spread: no day of the next {AFTERWARDS} has more than {EVEN:g} times the mean",
                0 < peak <= EVEN,
                f"{peak:.2f}",
            ),
        ]

    def _moves(self) -> tuple[int, int, float]:
        """People moved, people whose dates the outage touched, peak ÷ mean of the days after it."""
        before, after = self.loads.get("before", Counter()), self.loads.get("after", Counter())
        since = self.day - timedelta(days=GRACE)
        touched = sum(people for day, people in before.items() if since <= day <= self.today)
        days = [after[self.today + timedelta(days=n)] for n in range(1, AFTERWARDS + 1)]
        peak = max(days) / (sum(days) / len(days)) if any(days) else 0.0
        return (self.spreading.moved if self.spreading else 0), touched, peak

    def _chart(self) -> Chart:
        hours = [((moment.at - self.midnight) / timedelta(hours=1), moment) for moment in self.moments]

        def share(part: str, whole: str) -> list[tuple[float, float]]:
            return [(x, 100 * getattr(m, part) / getattr(m, whole)) for x, m in hours if getattr(m, whole)]

        opened = (self.declared[0] - self.midnight) / timedelta(hours=1) if self.declared else 0.0
        return Chart(
            "A day without SMS",
            "hours since midnight",
            "per cent",
            [
                Line("passes that are green at the door", share("green", "shown")),
                Line("codes", share("arrived", "asked")),
            ],
            [(opened, hours[-1][0], "outage declared")] if self.declared else [],
        )


def _loads() -> Counter[date]:
    from registry import vault
    from registry.reverification import dueloads

    today = vault.today(datetime.now().astimezone())
    return Counter(dueloads.due(today - timedelta(days=40), today + timedelta(days=60)))


def _address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _code_for(ports: Sequence[int], phone: str) -> str:
    """The newest code that a phone was sent."""
    found = []
    for port in ports:
        told = httpx.get(f"http://127.0.0.1:{port}/messages.json", params={"to": phone}, timeout=5).json()["messages"]
        found += [(message["at"], code_in(message["text"])) for message in told]
    return max(found)[1]


def _row(moment: Moment) -> list[str | int | float]:
    shown = f"{moment.at:%m-%d %H:%M}"
    return [shown, moment.asked, moment.arrived, moment.outage, moment.shown, moment.green, moment.extended or ""]
