"""Lists that a door kept on paper, typed in later: checked line by line, then stored as scans by hand.

A line says when somebody came, by which safe number or without one, with how many, and perhaps when they left. It
becomes one scan of the safe number and one of a group for those who came along, and the same again for the way out,
numbered by the venue's scanner for paper and stored by the way that every scan goes (checkins/scanning/ingest.py).
"""

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from checkins.log import retention
from checkins.scanning import ingest, scans
from registry import audit, secrets, vault
from registry.errors import DomainError
from registry.models import Tag, User
from registry.phone import safe_numbers
from registry.validity import SEOUL
from venues import scanners
from venues.hours import read_time
from venues.models import PaperList, Scanner, Venue

LINES = 60  # on a sheet: four scans each, and a batch holds 500
MOST_PEOPLE = 200
MEMBERS = ("time", "safe", "people", "left")
UNKNOWN = _("Nobody has this safe number. Compare it with the paper, sign by sign, or leave it empty.")
ENDED = _("This safe number had ended by then. Compare it with the paper, or leave it empty.")
NOT_NOW = _("This line could not be stored just now. Send it again later.")
WHY = {"unknown_safe_number": UNKNOWN, "ended_safe_number": ENDED}
_WHOLE = re.compile(r"[0-9]{1,4}")


class OtherLines(DomainError):
    """`entered_at` is when the first was stored."""

    code = "already_entered"
    message = _("A list with other lines was saved from this form before. If these are new ones, send them once more.")


class NotAllStored(DomainError):
    code = "not_all_stored"
    status = 503
    message = _("Not everything could be stored just now. Send the same once more: nothing is written twice.")


@dataclass(slots=True)
class Line:
    """A line as it was typed, what is wrong with it by member ("" for the whole), and, if nothing is, what it says."""

    number: int
    typed: dict[str, str]
    wrong: dict[str, Any] = field(default_factory=dict)
    came: datetime = datetime.min
    left: datetime | None = None
    safe: str | None = field(default=None, repr=False)
    people: int = 1

    @property
    def is_empty(self) -> bool:
        return not any(self.typed.values())

    @property
    def facts(self) -> str:
        """Without the safe number, but whether there is one."""
        left = self.left.isoformat() if self.left else "-"
        return f"{self.came.isoformat()} {bool(self.safe)} {self.people} {left}"


@dataclass(slots=True)
class Entered:
    """What became of a sheet: the lines that are in the log, and those that come back with what is wrong."""

    stored: list[Line]
    back: list[Line]

    @property
    def people(self) -> int:
        return sum(line.people for line in self.stored)


def read_day(text: str, *, today: date) -> tuple[date | None, Any]:
    """The day of a sheet, and what is wrong with it otherwise."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None, _("Enter the day that stands on the list.")
    if day > today:
        return None, _("This day lies in the future.")
    if retention.over(day, today):
        return None, _("This day is more than 28 days ago; nothing of it may be kept any more.")
    return day, None


def read_lines(typed: Iterable[Mapping[str, str]], day: date, *, now: datetime) -> list[Line]:
    """The lines of a sheet that are not empty, each with what is wrong with it."""
    lines, seen = [], set()
    for number, row in enumerate(typed, start=1):
        line = Line(number, {name: row.get(name, "").strip()[:40] for name in MEMBERS})
        if line.is_empty:
            continue
        _read(line, day, now)
        if line.safe and not line.wrong and (line.safe, line.came) in seen:
            line.wrong["safe"] = _("This safe number stands on another line with the same time.")
        seen.add((line.safe, line.came))
        lines.append(line)
    return lines


def _read(line: Line, day: date, now: datetime) -> None:
    came, left = _time(line, "time", day), _time(line, "left", day)
    if not line.typed["time"]:
        line.wrong["time"] = _("Enter the time.")
    if came and came > now:
        line.wrong["time"] = _("This time lies in the future.")
    if came and left and not line.wrong:
        line.left = left if left > came else left + timedelta(days=1)
        if left == came or line.left > now:
            line.wrong["left"] = _("Nobody can have left then.")
    line.came = came or line.came
    if line.typed["safe"]:
        line.safe = safe_numbers.typed(line.typed["safe"])
        if line.safe is None:
            line.wrong["safe"] = _("A safe number has four digits and two syllables, such as 12가34나.")
    if line.typed["people"]:
        line.people = int(line.typed["people"]) if _WHOLE.fullmatch(line.typed["people"]) else 0
        if not 1 <= line.people <= MOST_PEOPLE:
            line.wrong["people"] = _("Enter how many came, 1 to 200.")


def _time(line: Line, name: str, day: date) -> datetime | None:
    if not line.typed[name]:
        return None
    found = read_time(line.typed[name])
    if found is None:
        line.wrong[name] = _("Enter a time such as 12:30.")
        return None
    return datetime.combine(day, time.fromisoformat(found), SEOUL)


def enter(
    venue: Venue, lines: list[Line], *, day: date, key: UUID, by: User, now: datetime, address: str | None = None
) -> Entered:
    """Store the lines that are right; who entered them stands on record. The same lines under the same key are stored
    once, however often they are sent. Raises OtherLines, NotAllStored, VaultUnavailable."""
    back = [line for line in lines if line.wrong]
    good = [line for line in lines if not line.wrong]
    if not good:
        return Entered([], back)
    scanner = scanners.for_paper(venue, by=by, now=now)
    digest = _digest(scanner, good, day)
    sheet = _claim(scanner, good, digest, day=day, key=key, by=by, now=now, address=address)
    numbered = [line for line in good if line.safe]
    answers = _upload(scanner, [_hand(line, "in") for line in numbered], sheet.first, now=now)
    for line, answer in zip(numbered, answers, strict=True):
        if answer not in ("stored", "known"):
            line.wrong["safe"] = WHY.get(answer or "", NOT_NOW)
    stored = [line for line in good if not line.wrong]
    rest = [item for line in stored for item in _rest(line)]
    if None in _upload(scanner, rest, sheet.first + len(numbered), now=now):
        raise NotAllStored
    PaperList.objects.filter(pk=sheet.pk).update(
        scans=len(numbered) + len(rest), lines=len(stored), people=sum(line.people for line in stored)
    )
    return Entered(stored, sorted([*back, *(line for line in good if line.wrong)], key=lambda line: line.number))


def _digest(scanner: Scanner, lines: list[Line], day: date) -> bytes:
    """What tells these lines from others. The safe numbers are in it under the key of the day: with it gone, trying
    them all tells nothing. Raises VaultUnavailable."""
    facts = secrets.blind_index("paper list", f"{scanner.pk} {day} " + " / ".join(line.facts for line in lines))
    told = " ".join(line.safe for line in lines if line.safe)
    if not told:
        return facts
    try:
        return hmac.digest(vault.day_key(day), b"paper list " + facts + told.encode(), "sha256")
    except vault.DayGone:  # then no line with a number is stored
        return facts


@transaction.atomic
def _claim(
    scanner: Scanner,
    lines: list[Line],
    digest: bytes,
    *,
    day: date,
    key: UUID,
    by: User,
    now: datetime,
    address: str | None,
) -> PaperList:
    """Numbers for the scans of a sheet, the same for the same lines under the same key. Raises OtherLines."""
    Scanner.objects.select_for_update().get(pk=scanner.pk)
    sheet = PaperList.objects.filter(key=key).first()
    if sheet is not None:
        if sheet.scanner_id != scanner.pk or bytes(sheet.digest) != digest:
            raise OtherLines
        return sheet
    last = PaperList.objects.filter(scanner=scanner).order_by("-first").first()
    people = sum(line.people for line in lines)
    sheet = PaperList(
        key=key,
        scanner=scanner,
        digest=digest,
        day=day,
        first=last.first + last.scans if last else 1,
        scans=sum(bool(line.safe) + len(_rest(line)) for line in lines),
        lines=len(lines),
        people=people,
        entered_at=now,
        entered_by=by,
    )
    try:
        with transaction.atomic():
            sheet.save()
    except IntegrityError:  # the key is of another venue's sheet, sent at this moment
        raise OtherLines from None
    audit.record(
        Tag.PAPER_LIST_ENTERED,
        by=by,
        target=scanner.venue,
        address=address,
        day=day.isoformat(),
        lines=len(lines),
        people=people,
    )
    return sheet


def _hand(line: Line, direction: str) -> dict[str, Any]:
    return _item(line, direction, method="hand", safe_number=line.safe)


def _rest(line: Line) -> list[dict[str, Any]]:
    """The scans of a line beside the coming of its safe number: those who came along, and who left."""
    along = line.people - bool(line.safe)
    found = [_item(line, "in", method="group", people=along)] if along else []
    if line.left and line.safe:
        found.append(_hand(line, "out"))
    if line.left and along:
        found.append(_item(line, "out", method="group", people=along))
    return found


def _item(line: Line, direction: str, **members: Any) -> dict[str, Any]:
    at = line.came if direction == "in" or line.left is None else line.left
    return {"at": int(at.timestamp() * 1000), "direction": direction, "admitted": True} | members


def _upload(scanner: Scanner, items: list[dict[str, Any]], first: int, *, now: datetime) -> list[str | None]:
    """The answer to each, a refusal as its reason, None where there is none yet."""
    if not items:
        return []
    batch = scans.parse({"scans": [{"seq": first + place} | item for place, item in enumerate(items)]})
    told = {
        answer["seq"]: str(answer.get("reason", answer["answer"]))
        for answer in ingest.upload(scanner, batch, now=now)["answers"]
    }
    return [told.get(scan.seq) for scan in batch]
