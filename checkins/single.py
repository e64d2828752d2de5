"""One code per request, for simple clients: the server is the door's clock and memory, decides, stores and answers.

Two statements on the usual way: who asks and what it showed last, then the row and its count together.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection
from psycopg.errors import CheckViolation

from checkins import ingest, partitions
from checkins.models import Method
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
ADMITTING = frozenset({Verdict.PASS, Verdict.ENTRY})
_LAST = "SELECT seen_at, t FROM checkins_entry WHERE day = %s AND subject = %s AND scanner = "
_NEWEST = "ORDER BY seen_at DESC LIMIT 1"
_WHO_AND_LAST = (
    "SELECT s.id, s.venue_id, v.category_id, s.seen_at, s.revoked_at, e.seen_at, e.t "  # noqa: S608 -- all literals
    "FROM venues_scanner s JOIN venues_venue v ON v.id = s.venue_id "
    f"LEFT JOIN LATERAL ({_LAST} s.id {_NEWEST}) e ON true WHERE s.token_hash = %s"
)
_COUNT_COLUMNS = "checkins_hourcount AS c (venue_id, day, hour, verdict, method, direction, admitted, count)"
_ONE_MORE = "ON CONFLICT ON CONSTRAINT one_count_per_hour DO UPDATE SET count = c.count + 1"
_COUNT = f"INSERT INTO {_COUNT_COLUMNS} VALUES (%s, %s, %s, %s, %s, %s, %s, 1) {_ONE_MORE}"  # noqa: S608
_LOG_AND_COUNT = (
    "WITH entry AS (INSERT INTO checkins_entry "  # noqa: S608
    "(day, subject, t, venue, scanner, seen_at, received_at, method, direction, flags) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 0) ON CONFLICT DO NOTHING RETURNING 1) "
    f"INSERT INTO {_COUNT_COLUMNS} "
    f"SELECT %s, %s::date, %s::smallint, %s, %s, %s, %s::boolean, 1 FROM entry {_ONE_MORE}"
)


@dataclass(slots=True)
class Seen:
    """Whom a code stands for in the log; `last`: when this scanner let the same in before, and that proof's second."""

    day: date
    subject: bytes
    last: tuple[datetime, int] | None


def scan(token: str, text: str, direction: str, *, now: datetime) -> dict[str, Any]:
    """Decide on a code by steps 1 to 11 and store what happened; the body of the answer.

    PASS and ENTRY are stored, the rest is counted; the very code that is in the log already is `known`, so sending it
    again changes nothing. Raises UnknownScanner, RevokedScanner, and VaultUnavailable for a paper pass.
    """
    try:
        code = passcode.decode_code(text)
    except Malformed:
        code = None
    scanner, seen = _ask(token, code, now)
    if code is None or seen is None:
        result, answer = Result(Verdict.MALFORMED), _count(scanner, Result(Verdict.MALFORMED), direction, now)
    else:
        result = _decide(scanner, code, seen, now)
        answer = _store(scanner, result, seen, direction, now)
    scanners.seen(scanner, now=now)
    body: dict[str, Any] = {"verdict": result.verdict, "colour": result.colour, "answer": answer}
    body |= {"alone": True} if result.alone else {}
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
            return scanner, Seen(code.strip.day, code.strip.cti, tuple(last) if last[0] else None)
    return scanner, _seen_of_paper(scanner, code.strip, vault.today(now))


def _seen_of_paper(scanner: Scanner, strip: Strip, day: date) -> Seen | None:
    """None where the keys of that month's paper passes are gone: nobody can tell whose it was."""
    keys = ingest.paper_keys(day, strip.day.replace(day=1))
    if keys is None:
        return None
    subject = ingest.paper_subject(strip, keys)
    with connection.cursor() as cursor:
        cursor.execute(f"{_LAST} %s {_NEWEST}", [day, subject, scanner.pk])
        return Seen(day, subject, cursor.fetchone())


def _decide(scanner: Scanner, code: Code, seen: Seen, now: datetime) -> Result:
    instant = now.timestamp()
    today = seoul_day(instant)
    return passcode.decide(
        code,
        now=instant,
        keys=signing.agency_keys(),
        days=manifest.day_rules(scanner.venue, max(min(code.strip.day, today), today - LONGEST), today),
        revoked=lambda day, cti: revocations.revoked(day, cti, now=now),
        last_shown=lambda _cti: seen.last[0].timestamp() if seen.last else None,
        outage=outages.current() is not None,
    )


def _store(scanner: Scanner, result: Result, seen: Seen, direction: str, now: datetime) -> str:
    """Log or count what was decided: the `answer`."""
    if result.verdict is Verdict.REPEAT and seen.last and seen.last[1] == result.t:
        return "known"
    if result.verdict not in ADMITTING:
        return _count(scanner, result, direction, now)
    partitions.have([seen.day])
    try:
        return _log(scanner, result, seen, direction, now)
    except IntegrityError as error:
        if not isinstance(error.__cause__, CheckViolation):
            raise
    partitions.forget()  # one that this process had seen is gone
    partitions.have([seen.day])
    return _log(scanner, result, seen, direction, now)


def _log(scanner: Scanner, result: Result, seen: Seen, direction: str, now: datetime) -> str:
    """Row and count in one statement, so in one transaction: both or, where the row is there, neither."""
    second = int(now.timestamp()) if result.t is None else result.t
    entry: list[Any] = [
        seen.day,
        seen.subject,
        second,
        scanner.venue_id,
        scanner.pk,
        now,
        now,
        _method(result),
        direction,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_LOG_AND_COUNT, [*entry, *_tally(scanner, result, direction, now)])
        return "stored" if cursor.rowcount else "known"


def _count(scanner: Scanner, result: Result, direction: str, now: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, _tally(scanner, result, direction, now))
    return "counted"


def _method(result: Result) -> str:
    return Method.PAPER.value if result.strip and result.strip.paper else Method.QR.value


def _tally(scanner: Scanner, result: Result, direction: str, now: datetime) -> list[Any]:
    local = now.astimezone(SEOUL)
    when = [scanner.venue_id, local.date(), local.hour]
    return [*when, result.verdict.value, _method(result), direction, result.verdict in ADMITTING]
