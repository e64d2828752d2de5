"""People with wallets who get strips, ask for more and show them at doors, at moments that the drill sets."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from drills import town

if TYPE_CHECKING:
    from registry.format.passcode import DayRule
    from registry.models import Citizen, Device

CHECKED_BEFORE, KEYS = 28, 75  # days: the check before the due date, keys that a wallet sends


@dataclass(slots=True)
class Holder:
    """Somebody with a wallet: the strips it holds, by day, and the one key that it uses for all days here."""

    device: Device
    key: ec.EllipticCurvePrivateKey
    due_on: date
    opens_at: int  # the minute of the day in which the wallet is opened
    strips: dict[date, bytes] = field(default_factory=dict)
    lacking: int = 0  # times at a door without a green verdict


def enrolled(people: int, day: date, dues: Sequence[date], chance: random.Random) -> list[Holder]:
    """So many people of the drills' town, as `enrolled_with`."""
    return enrolled_with(town.people(0, people), day, dues, chance)


def enrolled_with(people: Sequence[Citizen], day: date, dues: Sequence[date], chance: random.Random) -> list[Holder]:
    """People who checked their number some weeks before `day` and got their strips then; `dues` are their due dates."""
    from registry import issuing
    from registry.models import Citizen
    from registry.validity import SEOUL

    _make_past_keys(dues[0] - timedelta(days=CHECKED_BEFORE), day)
    holders = []
    for number, citizen in enumerate(people):
        due_on = dues[number % len(dues)]
        checked = datetime.combine(due_on - timedelta(days=CHECKED_BEFORE), time(12), SEOUL)
        Citizen.objects.filter(pk=citizen.pk).update(due_on=due_on, verified_at=checked)
        citizen.due_on, citizen.verified_at = due_on, checked
        key = ec.generate_private_key(ec.SECP256R1())
        keys = day_keys_of(key, checked.date())
        issue = issuing.enrol(citizen, device_key=keys[due_on], day_keys=keys, now=checked, review=False)
        holder = Holder(issue.device, key, due_on, chance.randrange(24 * 60))
        holder.strips = {strip.day: strip.raw for strip in issue.strips}
        holders.append(holder)
    return holders


def _make_past_keys(first: date, last: date) -> None:
    """The keys of past days, as the beat would have made them then."""
    import os

    from registry import secrets, signing, vault
    from registry.models import DayKey

    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    rows = [DayKey(day=day, key=secrets.encrypt(os.urandom(32), purpose="day key")) for day in days]
    DayKey.objects.bulk_create(rows, ignore_conflicts=True)
    signing.make_keys_ahead(first)
    vault.forget()


def day_keys_of(key: ec.EllipticCurvePrivateKey, first: date) -> dict[date, bytes]:
    from registry.format.passcode import point_of

    point = point_of(key)
    return {first + timedelta(days=n): point for n in range(-1, KEYS)}


def refresh(holder: Holder, at: datetime) -> bool:
    """Fresh strips without a code, as a wallet asks for them; whether there were any."""
    from registry import issuing, vault

    device = issuing.device_with(holder.device.pk)
    try:
        issue = issuing.renew(device, day_keys=day_keys_of(holder.key, vault.today(at)), now=at)
    except issuing.NotVerified:
        return False
    holder.device = device
    holder.strips |= {strip.day: strip.raw for strip in issue.strips}
    return True


def verdict_of(holder: Holder, at: datetime, asked: DayRule | None = None) -> str:
    """What a door says to this wallet; where it is not said what is `asked`, one that asks for a pass."""
    from registry import signing, vault
    from registry.format import passcode
    from registry.reverification import outages

    strip = holder.strips.get(vault.today(at))
    if strip is None:
        return "no strip"
    t = int(at.timestamp())
    text = passcode.encode_code(strip, t, passcode.sign_proof(holder.key, strip, t))
    found = passcode.verdict(
        text,
        now=t + 1,
        keys=signing.agency_keys(),
        days={vault.today(at): asked or passcode.DayRule()},
        revoked=lambda _day, _cti: None,
        last_shown=lambda _cti: None,
        outage=outages.current() is not None,
    )
    return str(found.verdict)


def due_of(holder: Holder) -> date:
    return holder.device.citizen.due_on or holder.due_on
