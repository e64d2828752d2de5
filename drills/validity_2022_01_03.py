"""`validity-2022-01-03`: the first day on which vaccination ended after 180 days. Here such a policy is previewed,
published by two people, and takes effect at a midnight that is played minute by minute.

Midnight lies some days ahead, so that the floor has its week: the registry's own functions are called with its moments,
on the real database. What a door asks for on the day is what the real web server tells a paired scanner now.
"""

from __future__ import annotations

import random
import time as clock
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import httpx

from bench.town import open_doors
from drills import town
from drills.report import Cell, Chart, Line, Promise, Report
from drills.stage import Stage
from drills.wallets import Holder, enrolled_with, refresh, verdict_of

if TYPE_CHECKING:
    from registry.format.passcode import DayRule
    from registry.models import Citizen, PolicyVersion, User

SUMMARY = "a policy ends second doses after 180 days at a midnight: what was previewed, and what scanners show"

PEOPLE, ASLEEP = 480, 24  # people with a wallet, and those of them who do not open it before the day
AHEAD = 9  # days from now to the day: a week for the floor, and two to publish
AROUND = 10  # minutes before and after midnight
LATER = 29  # the second day of a preview is the 30th under the new rules
PATIENCE = 60  # seconds for the real worker to make the preview
SEED = 20220103
SUM = "SELECT count(*), md5(string_agg(concat(r.xmin, r.*::text), '|' ORDER BY r.id)) FROM registry_passrecord r"


@dataclass
class Minute:
    """What scanners showed within a minute."""

    at: datetime
    seen: Counter[str] = field(default_factory=Counter)


def run(stage: Stage) -> Report:
    stage.databases()
    play = Play(stage)
    play.before()
    play.preview()
    play.publish()
    play.wallets_are_opened()
    play.midnight_passes()
    play.a_month_later()
    return play.report()


class Play:
    """The drill's course, and what was seen."""

    def __init__(self, stage: Stage) -> None:
        from registry import vault
        from registry.validity import SEOUL

        self.stage, self.chance = stage, random.Random(SEED)
        self.now = datetime.now(SEOUL)
        self.today = vault.today(self.now)
        self.day = self.today + timedelta(days=AHEAD)
        self.midnight = datetime.combine(self.day, time(), SEOUL)
        self.holders: list[Holder] = []
        self.minutes: list[Minute] = []
        self.without = Counter[str]()  # what the day's strips said that were made before anything was published
        self.later = Counter[str]()
        self.ages: dict[int, Counter[str]] = {}
        self.sums: list[Any] = []
        self.told = ""

    # --- before

    def before(self) -> None:
        """Rules without an end of validity are in force; people hold passes for the coming month."""
        self.stage.say(f"{PEOPLE} people with a month of strips, under rules without an end of validity")
        self.writer, self.publisher = _clerk("writer"), _clerk("publisher")
        _in_force(0, self.today - timedelta(days=30))
        dues = [self.day + timedelta(days=n) for n in range(8, 15)]
        self.holders = enrolled_with(_people(self.day, self.chance), self.today, dues, self.chance)
        self.sums.append(_sum())
        for holder in self.holders:
            self.without[verdict_of(holder, self.midnight + timedelta(hours=12))] += 1
        [door] = open_doors(1)
        self.door = door.headers
        self.stage.start("web", "worker")

    def preview(self) -> None:
        """A draft is written, and tried on everybody by the real worker."""
        from django.utils import timezone

        from registry.models import Job
        from venues import policies

        self.draft = _draft(1, self.day, by=self.writer)
        self.stage.say("the preview")
        job = policies.begin_preview(self.draft, by=self.writer, now=timezone.now())
        until = clock.monotonic() + PATIENCE
        while clock.monotonic() < until and Job.objects.unfinished().filter(pk=job.pk).exists():
            clock.sleep(0.25)
        job.refresh_from_db()
        self.told = f"{job.state} in {(job.finished_at or timezone.now()) - job.asked_at}"[:40]
        self.draft.refresh_from_db()

    def publish(self) -> None:
        """The writer asks, another publishes; then a scanner fetches what its door asks for."""
        from django.utils import timezone

        from registry import approvals, policy
        from venues import manifest, policies

        now = timezone.now()
        approval = policies.ask_to_publish(self.draft, reason="drill", by=self.writer, now=now)
        approvals.grant(approval, by=self.publisher, now=now)
        policy.forget()
        manifest.forget()
        clock.sleep(policy.HELD_SECONDS + 0.5)  # until every process has seen it
        self.rules = _asked(self.stage.web, self.door)
        self.stage.say("published; the scanner's manifest names the day")

    # --- the days

    def wallets_are_opened(self) -> None:
        """On the way to the day most wallets are opened, at any time, and fetch strips anew."""
        self.stage.say("wallets are opened on the days before")
        ahead = (self.midnight - self.now) / timedelta(minutes=1) - AROUND
        for holder in self.holders[ASLEEP:]:
            refresh(holder, self.now + timedelta(minutes=1 + self.chance.random() * (ahead - 1)))

    def midnight_passes(self) -> None:
        self.stage.say("midnight, minute by minute")
        for number in range(-AROUND, AROUND):
            minute = Minute(self.midnight + timedelta(minutes=number))
            for holder in self.holders:
                minute.seen[self._shown(holder, minute.at)] += 1
            self.minutes.append(minute)
        for holder in self.holders[:ASLEEP]:  # what the scanner calls outdated is opened, and comes again
            refresh(holder, self.midnight + timedelta(minutes=AROUND))
        self.noon = self._everybody(self.midnight + timedelta(hours=12))

    def a_month_later(self) -> None:
        """Everybody has checked the number meanwhile, and shows the pass on the 30th day."""
        from registry.models import Citizen

        self.stage.say("the 30th day")
        noon = self.midnight + timedelta(days=LATER, hours=12)
        due = (noon + timedelta(days=10)).date()
        Citizen.objects.filter(pk__in=[holder.device.citizen_id for holder in self.holders]).update(due_on=due)
        for holder in self.holders:
            refresh(holder, noon - timedelta(hours=1))
        self.later = self._everybody(noon, ages=False)
        self.sums.append(_sum())

    def _everybody(self, at: datetime, *, ages: bool = True) -> Counter[str]:
        from registry.policymaking.effects import age_on

        found = Counter[str]()
        for holder in self.holders:
            said = self._shown(holder, at)
            found[said] += 1
            if ages:
                age = age_on(self.day, holder.device.citizen.birth_date)
                self.ages.setdefault(_group(age), Counter())[said] += 1
        return found

    def _shown(self, holder: Holder, at: datetime) -> str:
        """What a scanner says that fetched its manifest when the policy was published; later on, the registry's own."""
        from venues import manifest
        from venues.models import Scanner

        day = at.date()
        if day not in self.rules:
            venue = Scanner.objects.select_related("venue").latest("pk").venue
            self.rules |= manifest.day_rules(venue, day, day)
        return verdict_of(holder, at, self.rules[day])

    # --- what it came to

    def report(self) -> Report:
        first, second, by_age = _previewed(self.draft)
        rows: list[Sequence[Cell]] = [self._row(minute) for minute in self.minutes]
        rows.append([f"{self.day:%m-%d} 12:00", *self._cells(self.noon)])
        rows.append([f"{self.day + timedelta(days=LATER):%m-%d} 12:00", *self._cells(self.later)])
        return Report(
            name="validity-2022-01-03",
            columns=["when", "at doors", "valid pass", "none", "outdated", "else"],
            rows=rows,
            promises=self._promises(first, second, by_age),
            chart=self._chart(first),
            notes=[
                f"{PEOPLE} people with second doses 5 to 250 days before the day, some with a booster, a test, a "
                "recovery, or born late enough;",
                f"in force before: no end of validity; from {self.day} on: 180 days. Previewed for "
                f"that day: {first.lose} lose a valid pass, {first.gain} gain one, {first.unchanged} unchanged;",
                f"valid {first.valid_before} → {first.valid_after}. {ASLEEP} wallets were not opened between "
                f"publishing and the first {AROUND} minutes of the day.",
                "Verdicts are the door's own (`passcode`), with the manifest that the web server gave a scanner.",
            ],
        )

    @staticmethod
    def _cells(seen: Counter[str]) -> list[Cell]:
        known = [seen["PASS"], seen["NO_PASS"], seen["OUTDATED"]]
        return [seen.total(), *known, seen.total() - sum(known)]

    def _row(self, minute: Minute) -> list[Cell]:
        return [f"{minute.at:%m-%d %H:%M}", *self._cells(minute.seen)]

    def _promises(self, first: Any, second: Any, by_age: dict[int, Any]) -> list[Promise]:
        before, after = self.minutes[AROUND - 1].seen, self.minutes[AROUND].seen
        groups = {group: (found["PASS"], found["NO_PASS"]) for group, found in self.ages.items()}
        wanted = {group: (each.valid_after, each.people - each.valid_after) for group, each in by_age.items()}
        shown = sum(sum(counts) == sum(wanted.get(group, ())) for group, counts in groups.items())
        return [
            Promise("the preview was made by the worker", self.told.startswith("done"), self.told),
            Promise(
                "without the policy scanners would have shown on the day what it calls valid before",
                self.without["PASS"] == first.valid_before and self.without.total() == first.people,
                f"{self.without['PASS']} shown, {first.valid_before} previewed",
            ),
            Promise(
                "scanners show on the day what was previewed, and so many lose",
                self.noon["PASS"] == first.valid_after and self.noon["NO_PASS"] == first.people - first.valid_after,
                f"{self.noon['PASS']} valid and {self.noon['NO_PASS']} without, {first.valid_after} and "
                f"{first.people - first.valid_after} previewed",
            ),
            Promise("in each age group as well", groups == wanted, f"{shown} of {len(wanted)} groups"),
            Promise(
                "and on the 30th day",
                self.later["PASS"] == second.valid_after and self.later.total() == second.people,
                f"{self.later['PASS']} shown, {second.valid_after} previewed",
            ),
            Promise(
                "it takes effect at midnight, neither a minute before nor a minute after",
                before["PASS"] > after["PASS"] and before["OUTDATED"] == 0 and self._steady(),
                f"{before['PASS']} valid at 23:59, {after['PASS']} at 00:00, {after['OUTDATED']} not opened yet",
            ),
            Promise(
                "who did not open the wallet is told to, and never that there is no valid pass",
                after["OUTDATED"] == ASLEEP and self.noon["OUTDATED"] == 0,
                f"{after['OUTDATED']} of {ASLEEP} outdated at 00:00, {self.noon['OUTDATED']} after opening it",
            ),
            Promise(
                "no row of a pass record was touched",
                self.sums[0] == self.sums[1],
                f"{self.sums[0][0]} rows, {self.sums[0][1][:12]} before, {self.sums[1][1][:12]} after",
            ),
        ]

    def _steady(self) -> bool:
        """Whether nothing changes in the minutes on either side of midnight."""
        sides = self.minutes[:AROUND], self.minutes[AROUND:]
        return all(minute.seen == side[0].seen for side in sides for minute in side)

    def _chart(self, first: Any) -> Chart:
        def line(name: str, verdict: str) -> Line:
            return Line(name, [(n - AROUND, minute.seen[verdict]) for n, minute in enumerate(self.minutes)])

        expected = [(n - AROUND, first.valid_before if n < AROUND else first.valid_after) for n in range(2 * AROUND)]
        return Chart(
            "Second doses end after 180 days, from midnight on",
            "minutes from midnight",
            "people at doors",
            [line("valid pass", "PASS"), line("none", "NO_PASS"), line("outdated", "OUTDATED"),
             Line("valid, as previewed", expected)],
            [(0, AROUND - 1, "new policy")],
        )  # fmt: skip


def _clerk(name: str) -> User:
    from registry.clerks import roles
    from registry.models import Role, User

    user = User.objects.create(username=name, is_staff=True)
    roles.give(user, Role.POLICY_MAKER)
    return user


def _draft(number: int, day: date, *, by: User) -> PolicyVersion:
    """The seed's rules with that number from a day on, with a floor from that day."""
    from registry import policy, seeding
    from registry.models import PolicyVersion
    from registry.validity import Rules
    from venues import category_rules

    rules = Rules.from_json(seeding.read("policies.json")[number]["rules"]).as_json()
    draft = PolicyVersion.objects.create(title="drill", effective_on=day, rules=rules, author=by, floor_from=day)
    category_rules.copy(policy.in_force_on(day), draft)
    return draft


def _in_force(number: int, day: date) -> None:
    """The seed's rules with that number, in force since a day that is past, as no clerk could have it now."""
    from django.utils import timezone

    from registry import policy, seeding
    from registry.models import PolicyVersion
    from venues import category_rules

    old = policy.in_force_on(day)
    rules = seeding.read("policies.json")[number]["rules"]
    version = PolicyVersion.objects.create(title="before", effective_on=day, rules=rules)
    category_rules.copy(old, version)
    PolicyVersion.objects.filter(pk=version.pk).update(published_at=timezone.now())
    policy.forget()


def _people(day: date, chance: random.Random) -> list[Citizen]:
    """People of all ages, their records held against the day on which the policy takes effect."""
    from drills.crowd import phone_of
    from registry.citizens.names import name_key
    from registry.models import Citizen, PassRecord
    from registry.secrets import blind_index

    people, records = [], []
    for number in range(PEOPLE):
        born = date(1935 + chance.randrange(80), 1 + chance.randrange(12), 1 + chance.randrange(28))
        phone = phone_of(number)
        citizen = Citizen(name=town.NAME, birth=born.isoformat(), phone=phone, region=chance.choice(("11680", "26110")))
        citizen.name_index = blind_index("name", name_key(town.NAME, born))
        citizen.phone_index = blind_index("phone", phone)
        people.append(citizen)
        for n, facts in enumerate(_records(day, chance)):
            records.append(PassRecord(citizen=citizen, issuer="drill", certificate_number=f"{number}-{n}", **facts))
    Citizen.objects.bulk_create(people, batch_size=1000)
    PassRecord.objects.bulk_create(records, batch_size=1000)
    return people


def _records(day: date, chance: random.Random) -> list[dict[str, Any]]:
    """A second dose, for some together with what takes its place."""
    from registry.validity import SEOUL

    second = day - timedelta(days=chance.randint(5, 250))
    found: list[dict[str, Any]] = [{"kind": "vaccination", "day": second, "dose": 2, "vaccine_id": "pfizer"}]
    kind = chance.randrange(8)
    if kind == 0:
        third = second + timedelta(days=chance.randint(90, 200))
        found.append({"kind": "vaccination", "day": third, "dose": 3, "vaccine_id": "moderna"})
    elif kind == 1:
        at = datetime.combine(day - timedelta(days=chance.randint(0, 3)), time(10), SEOUL)
        found.append({"kind": "pcr_negative", "day": at.date(), "result_at": at})
    elif kind == 2:
        found.append({"kind": "recovery", "day": day - timedelta(days=chance.randint(0, 250))})
    return found


def _sum() -> Any:
    """How many rows the pass records have, and a checksum over all their values and who wrote them last."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(SUM)
        return cursor.fetchone()


def _asked(port: int, headers: dict[str, str]) -> dict[date, DayRule]:
    """What the door asks on each day, as the web server tells a scanner."""
    from registry.format.passcode import DayRule

    answer = httpx.get(f"http://localhost:{port}/api/v1/scanners/manifest", headers=headers, timeout=10)
    answer.raise_for_status()
    return {date.fromisoformat(day): DayRule(**rule) for day, rule in answer.json()["days"].items()}


def _group(age: int) -> int:
    from bisect import bisect

    from registry.policymaking.effects import AGES

    return bisect(AGES, age)


def _previewed(draft: PolicyVersion) -> tuple[Any, Any, dict[int, Any]]:
    """Figures of the first day, of the 30th, and of the first by age group."""
    from registry.models import PolicyPreview
    from registry.policymaking import effects

    found = PolicyPreview.objects.get(version=draft)
    cells = [((bits, group, province), people) for bits, group, province, people in found.people]
    return effects.figures(cells, 0), effects.figures(cells, 1), dict(effects.by(1, cells, 0))
