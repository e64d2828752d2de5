"""`key-leak`: a signing key is in other hands. Two clerks withdraw it; scanners are told, wallets get new strips."""

from __future__ import annotations

import json
import random
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bench.town import open_doors
from drills.report import Chart, Line, Promise, Report
from drills.stage import Stage
from drills.wallets import Holder, enrolled, refresh

if TYPE_CHECKING:
    from registry.format.passcode import AgencyKey

SUMMARY = "a signing key leaks: withdrawn by two, scanners hear of it, strips are signed anew, and nobody is red"

PEOPLE = 240
WITHDRAWN, OPENING, END = 10, 45, 115  # seconds: the key is withdrawn, wallets begin to be opened, the last row
TOLD_WITHIN = 60  # seconds from the grant until no process hands the old key to a scanner
EVERY = 5
COLUMNS = [
    "seconds",
    "what happens",
    "keys that scanners get",
    "green",
    "amber: unknown key",
    "anything else",
    "opened",
]


@dataclass
class Row:
    second: int
    what: str
    listed: bool  # whether scanners still get the old key
    verdicts: Counter[str]
    opened: int
    wrong: int  # green by the old key after scanners were told, or not green after opening


@dataclass
class Play:
    stage: Stage
    token: str
    holders: list[Holder]
    kid: bytes
    began: float = 0.0
    told_after: float | None = None  # seconds from the grant
    opened: set[int] = field(default_factory=set)
    rows: list[Row] = field(default_factory=list)

    def ask(self, path: str) -> dict[str, object]:
        """What the web server answers to the scanner, or to anybody."""
        address = f"http://localhost:{self.stage.web}{path}"
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: dict[str, object] = json.load(answer)
            return found

    def keys(self) -> dict[bytes, AgencyKey]:
        """The agency's keys as a scanner gets them now; the worst of several processes."""
        from registry.format import base64url, passcode

        found = {}
        for _process in range(6):
            for key in self.ask("/api/v1/scanners/manifest")["keys"]:  # type: ignore[attr-defined]
                kid, point = base64url.decode(key["kid"]), base64url.decode(key["x"]) + base64url.decode(key["y"])
                days = [datetime.fromisoformat(key[name]).date() for name in ("from", "until")]
                found[kid] = passcode.AgencyKey.load(kid, point, *days)
        return found

    def open_some(self, second: int) -> None:
        """Wallets are opened one by one; each asks for the keys, and for strips where its key is not listed."""
        due = round(PEOPLE * min(max(second - OPENING, 0) / (END - OPENING - 2 * EVERY), 1))
        listed = json.dumps(self.ask("/api/v1/pass/keys"))
        for number in range(len(self.opened), due):
            self.opened.add(number)
            if _text(self.kid) not in listed:
                refresh(self.holders[number], datetime.now().astimezone())

    def look(self, second: int, what: str) -> None:
        """What doors say to everybody now."""
        keys = self.keys()
        listed = self.kid in keys
        if what == "" and not listed and self.told_after is None:
            self.told_after = second - WITHDRAWN
        verdicts = [_verdict(holder, keys) for holder in self.holders]
        wrong = sum(
            (verdict == "PASS" and number not in self.opened and not listed)
            or (verdict != "PASS" and number in self.opened)
            for number, verdict in enumerate(verdicts)
        )
        self.rows.append(Row(second, what, listed, Counter(verdicts), len(self.opened), wrong))


def run(stage: Stage) -> Report:
    stage.databases()
    stage.say("people with strips, two clerks")
    from django.utils import timezone

    from registry import signing

    today = timezone.localdate()
    dues = [today + timedelta(days=n) for n in range(3, 20)]
    holders = enrolled(PEOPLE, today, dues, random.Random(6))
    play = Play(stage, open_doors(1)[0].token, holders, signing.signer_for(today).kid)
    stage.start("web")
    play.began = time.monotonic()
    for second in range(0, END + 1, EVERY):
        time.sleep(max(0.0, second - (time.monotonic() - play.began)))
        what = ""
        if second == WITHDRAWN:
            stage.say("the key is withdrawn")
            _withdraw(play.kid)
            what = "withdrawn"
        if second > OPENING:
            play.open_some(second)
        play.look(second, what)
    return _report(play)


def _withdraw(kid: bytes) -> None:
    """One clerk asks, another grants."""
    from django.utils import timezone

    from registry import approvals
    from registry.clerks import roles
    from registry.models import Role, SigningKey, User

    asker, second = (User.objects.create(username=f"service-{n}", is_staff=True) for n in range(2))
    for clerk in (asker, second):
        roles.give(clerk, Role.SERVICE)
    key = SigningKey.objects.get(pk=kid)
    approval = approvals.ask("withdraw_key", target=key, by=asker, reason="drill", now=timezone.now())
    approvals.grant(approval, by=second, now=timezone.now())


def _verdict(holder: Holder, keys: dict[bytes, AgencyKey]) -> str:
    from registry import vault
    from registry.format import passcode

    at = datetime.now().astimezone()
    t = int(at.timestamp())
    day = vault.today(at)
    text = passcode.encode_code(holder.strips[day], t, passcode.sign_proof(holder.key, holder.strips[day], t))
    found = passcode.verdict(
        text, now=t, keys=keys, days={day: passcode.DayRule()}, revoked=lambda _day, _cti: None,
        last_shown=lambda _cti: None, outage=False,
    )  # fmt: skip
    return str(found.verdict)


def _text(kid: bytes) -> str:
    from registry.format import base64url

    return base64url.encode(kid)


def _report(play: Play) -> Report:
    rows = [
        [
            f"{row.second:3}", row.what or "–", "old and new" if row.listed else "new", row.verdicts["PASS"],
            row.verdicts["UNKNOWN_KEY"], row.verdicts.total() - row.verdicts["PASS"] - row.verdicts["UNKNOWN_KEY"],
            row.opened,
        ]
        for row in play.rows
    ]  # fmt: skip
    return Report(
        name="key-leak",
        columns=COLUMNS,
        rows=rows,
        promises=[*_promises(play)],
        chart=_chart(play),
        notes=[
            f"{PEOPLE} people hold strips for weeks, signed by one key. After {WITHDRAWN} s two clerks withdraw it;",
            f"from {OPENING} s on wallets are opened one by one. Doors judge by the manifest that the server gives.",
        ],
    )


def _promises(play: Play) -> Iterator[Promise]:
    told = play.told_after
    measured = "never" if told is None else f"{told:.0f} s after the grant"
    yield Promise(
        f"no process gives the old key to a scanner {TOLD_WITHIN} s after the grant",
        told is not None and told <= TOLD_WITHIN,
        measured,
    )
    said = Counter(dict.fromkeys(("PASS", "UNKNOWN_KEY"), 0))
    for row in play.rows:
        said += row.verdicts
    other = {name: count for name, count in said.items() if name not in ("PASS", "UNKNOWN_KEY")}
    yield Promise(
        "nobody is turned red: amber, “open the pass once with network”", not other and said["UNKNOWN_KEY"] > 0,
        f"{said['PASS']:,} green, {said['UNKNOWN_KEY']:,} amber, {sum(other.values())} else",
    )  # fmt: skip
    before = [row for row in play.rows if row.second < WITHDRAWN]
    after = [row for row in play.rows if told is not None and row.second >= WITHDRAWN + told]
    wrong = sum(row.wrong for row in after)
    yield Promise(
        "from then on what the old key signed is not green anywhere, and whoever opened the wallet is",
        bool(after) and not wrong and all(row.verdicts["PASS"] == PEOPLE for row in before),
        f"{wrong} wrong of {len(after) * PEOPLE:,} verdicts",
    )
    end = play.rows[-1]
    yield Promise(
        "in the end everybody is green by the new key",
        end.verdicts["PASS"] == PEOPLE,
        f"{end.verdicts['PASS']} of {PEOPLE}",
    )


def _chart(play: Play) -> Chart:
    green = Line("green", [(row.second, float(row.verdicts["PASS"])) for row in play.rows])
    amber = Line("amber", [(row.second, float(row.verdicts["UNKNOWN_KEY"])) for row in play.rows])
    opened = Line("wallets opened", [(row.second, float(row.opened)) for row in play.rows])
    told = WITHDRAWN + (play.told_after or 0)
    marks = [(WITHDRAWN, told, "withdrawn")]
    return Chart("A signing key is withdrawn", "seconds", "people", [green, amber, opened], marks)
