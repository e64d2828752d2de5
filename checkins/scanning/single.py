"""One code per request, for simple clients: the server is the door's clock and memory, decides, stores and answers.

Two statements on the usual way: who asks and what it showed last, then the row and its count together.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from checkins.models import Direction, Flag, Method
from checkins.references import by_chance, shown
from checkins.scanning import judging, storing_one
from checkins.scanning.storing_one import ADMITTING, One, Tally
from registry import signing, vault
from registry.format import passcode
from registry.format.passcode import Code, Malformed, Result, Strip, Verdict, seoul_day
from registry.reverification import outages
from registry.secrets import token_hash
from registry.validity import SEOUL
from venues import manifest, revocations, scanners
from venues.models import Scanner, Venue
from venues.scanners import RevokedScanner, UnknownScanner

LONGEST = timedelta(days=31)  # that a strip is good: a paper one; whatever else a strip claims costs no more
_LAST = "SELECT seen_at, t, direction FROM checkins_entry WHERE day = %s AND subject = %s AND scanner = "
_NEWEST = "ORDER BY seen_at DESC LIMIT 1"
_WHO_AND_LAST = (
    "SELECT s.id, s.venue_id, v.category_id, s.seen_at, s.revoked_at, e.seen_at, e.t, e.direction "  # noqa: S608 -- all literals
    "FROM venues_scanner s JOIN venues_venue v ON v.id = s.venue_id "
    f"LEFT JOIN LATERAL ({_LAST} s.id {_NEWEST}) e ON true WHERE s.token_hash = %s"
)
_REFUSE = (
    "WITH refusal AS (INSERT INTO checkins_refusal (venue_id, scanner_id, at, verdict, reason, reference) "  # noqa: S608
    f"VALUES (%s, %s, %s, %s, '', %s)) {storing_one.COUNT}"
)


@dataclass(slots=True)
class Seen:
    """Whom a code stands for in the log; `last`: when this scanner saw the same before, that row's second, and whether
    coming or going."""

    day: date
    subject: bytes
    last: tuple[datetime, int, str] | None

    def last_shown(self, direction: str) -> float | None:
        """Who left has not been shown here on the way in."""
        return self.last[0].timestamp() if self.last and self.last[2] == direction else None


@dataclass(slots=True)
class Showing:
    """A code shown to a scanner, and what was decided; `admitted` may be more than the verdict says."""

    scanner: Scanner
    direction: str
    now: datetime
    result: Result
    alone: bool = False  # asked for

    @property
    def leaves(self) -> bool:
        return self.direction == Direction.OUT and self.result.verdict is not Verdict.MALFORMED

    @property
    def sits_alone(self) -> bool:
        return self.alone and self.result.alone and not self.leaves

    @property
    def admitted(self) -> bool:
        return self.leaves or self.sits_alone or self.result.verdict in ADMITTING

    @property
    def logged(self) -> bool:
        """Admitted with a code that passed steps 1 to 6; nobody is kept in for another."""
        return self.admitted and self.result.verdict.step > 6

    @property
    def method(self) -> str:
        return Method.PAPER.value if self.result.strip and self.result.strip.paper else Method.QR.value

    @property
    def tally(self) -> Tally:
        local, verdict = self.now.astimezone(SEOUL), self.result.verdict.value
        venue = self.scanner.venue_id
        return Tally(venue, local.date(), local.hour, verdict, self.method, self.direction, self.admitted)


def scan(token: str, text: str, direction: str, *, alone: bool = False, now: datetime) -> dict[str, Any]:
    """Decide on a code by steps 1 to 11 and store what happened; the body of the answer.

    PASS and ENTRY are stored, as is NO_PASS where the category lets such a guest sit alone and that is asked for; the
    rest is counted, with the reference of the refusal. Going out nobody is refused. The very code that is in the log
    already is `known`, so sending it again changes nothing. Raises UnknownScanner, RevokedScanner, and VaultUnavailable
    for a paper pass.
    """
    try:
        code = passcode.decode_code(text)
    except Malformed:
        code = None
    scanner, seen = _ask(token, code, now)
    result = Result(Verdict.MALFORMED) if code is None or seen is None else _decide(scanner, code, seen, direction, now)
    showing = Showing(scanner, direction, now, result, alone)
    answer = _store(showing, seen)
    scanners.seen(scanner, now=now)
    return _body(showing) | answer


def _body(showing: Showing) -> dict[str, Any]:
    result = showing.result
    colour = "blue" if showing.leaves else result.colour
    body: dict[str, Any] = {"verdict": result.verdict, "colour": colour}
    body |= {"left": True} if showing.leaves else {}
    body |= {"alone": True} if result.alone and not showing.leaves else {}
    body |= {"identity": True} if result.identity else {}
    return body | ({} if result.ago is None else {"ago": result.ago})


def _ask(token: str, code: Code | None, now: datetime) -> tuple[Scanner, Seen | None]:
    """The scanner of a token, and what it saw of the code's pseudonym. Raises UnknownScanner, RevokedScanner.

    A paper pass is in the log by today's pseudonym, which takes the vault and a look of its own: VaultUnavailable. The
    vault is asked for what the agency signed alone.
    """
    key = (code.strip.day, code.strip.cti) if code else (None, None)
    with connection.cursor() as cursor:
        cursor.execute(_WHO_AND_LAST, [*key, token_hash(token)])
        found = cursor.fetchone()
        if found is None:
            raise UnknownScanner
        pk, venue, category, seen_at, revoked_at, *last = found
        if revoked_at is not None:
            raise RevokedScanner
        scanner = Scanner(pk=pk, venue=Venue(pk=venue, category_id=category), seen_at=seen_at)
        if code is None:
            return scanner, None
        if not code.strip.paper or passcode.check(code, keys=signing.agency_keys(), now=now.timestamp()):
            return scanner, Seen(code.strip.day, code.strip.cti, (last[0], last[1], last[2]) if last[0] else None)
    return scanner, _seen_of_paper(scanner, code.strip, vault.today(now))


def _seen_of_paper(scanner: Scanner, strip: Strip, day: date) -> Seen | None:
    """None where the keys of that month's paper passes are gone: nobody can tell whose it was."""
    keys = judging.paper_keys(day, strip.day.replace(day=1))
    if keys is None:
        return None
    subject = judging.paper_subject(strip, keys)
    with connection.cursor() as cursor:
        cursor.execute(f"{_LAST} %s {_NEWEST}", [day, subject, scanner.pk])
        return Seen(day, subject, cursor.fetchone())


def _decide(scanner: Scanner, code: Code, seen: Seen, direction: str, now: datetime) -> Result:
    instant = now.timestamp()
    today = seoul_day(instant)
    return passcode.decide(
        code,
        now=instant,
        keys=signing.agency_keys(),
        days=manifest.day_rules(scanner.venue, max(min(code.strip.day, today), today - LONGEST), today),
        revoked=lambda day, cti: revocations.revoked(day, cti, now=now),
        last_shown=lambda _cti: seen.last_shown(direction),
        outage=outages.current() is not None,
    )


def _store(showing: Showing, seen: Seen | None) -> dict[str, Any]:
    """Log or count what was decided: the `answer`, with a `reference` where somebody was not let in."""
    result = showing.result
    if result.verdict is Verdict.REPEAT and seen and seen.last and (showing.leaves or seen.last[1] == result.t):
        return {"answer": "known"}
    if seen is None or not showing.logged:
        return _count(showing)
    return {"answer": storing_one.store(_row(showing, seen), showing.tally)}


def _row(showing: Showing, seen: Seen) -> One:
    t, now = showing.result.t, showing.now
    second = int(now.timestamp()) if t is None or showing.leaves else t
    flags = int(Flag.ALONE) if showing.sits_alone else 0
    scanner = showing.scanner
    return One(
        *(seen.day, seen.subject, second, scanner.venue_id, scanner.pk),
        *(now, now, showing.method, showing.direction, flags),
    )


def _count(showing: Showing) -> dict[str, Any]:
    if showing.admitted:
        storing_one.count(showing.tally)
        return {"answer": "counted"}
    scanner, reference = showing.scanner, by_chance()
    refusal: list[Any] = [scanner.venue_id, scanner.pk, showing.now, showing.result.verdict.value, reference]
    with connection.cursor() as cursor:
        cursor.execute(_REFUSE, [*refusal, *showing.tally])
    return {"answer": "counted", "reference": shown(reference)}
