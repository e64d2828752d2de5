"""The entry log: rows by day under the pseudonyms of people who are there, what was refused, and the hours' counts."""

from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import accumulate
from random import Random

from checkins.models import DeadLetter, Entry, Refusal, Undone
from checkins.references import ALPHABET
from config.scale.copying import Lines, Part, line, parts, statement
from config.scale.plan import Plan
from registry.format.passcode import Verdict, permutation
from registry.validity import SEOUL

HOURS = (1, 1, 0, 0, 0, 1, 3, 6, 8, 7, 8, 16, 20, 12, 7, 6, 7, 10, 14, 12, 8, 5, 3, 2)  # people, lunch and evening
REFUSED = (Verdict.NO_PASS, Verdict.REVOKED, Verdict.EXPIRED, Verdict.STALE)
COUNTED = """
    INSERT INTO checkins_hourcount (venue_id, day, hour, verdict, method, direction, admitted, reason, count)
    SELECT venue, %s::date, extract(hour FROM seen_at AT TIME ZONE 'Asia/Seoul'), 'PASS', method, direction, true, '',
        count(*)
    FROM checkins_entry WHERE day = %s GROUP BY 1, 3, method, direction"""
COUNTED_REFUSED = """
    INSERT INTO checkins_hourcount (venue_id, day, hour, verdict, method, direction, admitted, reason, count)
    SELECT venue_id, (at AT TIME ZONE 'Asia/Seoul')::date, extract(hour FROM at AT TIME ZONE 'Asia/Seoul'), verdict,
        'qr', 'in', false, '', count(*)
    FROM checkins_refusal WHERE at >= %s AND at < %s GROUP BY 1, 2, 3, 4"""


def days(plan: Plan) -> dict[date, int]:
    """How many entries on which day: each a day's share, today as much of it as has passed."""
    each = plan.sizes.entries // plan.sizes.days
    counts = {plan.today - timedelta(days=back): each for back in range(plan.sizes.days)}
    today = sum(HOURS[: plan.now.astimezone(SEOUL).hour]) / sum(HOURS)
    return counts | {plan.today: round(each * today)}


def entries(plan: Plan) -> list[Part]:
    columns = "day subject venue scanner seq t seen_at received_at method direction flags"
    work: list[Part] = []
    for day, count in days(plan).items():
        work += parts(plan, Entry, columns, partial(_entries, day=day), count, part=50_000)
    return work


def _entries(plan: Plan, first: int, stop: int, *, day: date) -> Lines:
    chance = Random(f"{day} {first}")  # noqa: S311 -- made-up rows
    pseudonym = permutation(plan.day_keys[day])
    midnight = int(datetime.combine(day, time(), SEOUL).timestamp())
    until = min(midnight + 86_400, int(plan.now.timestamp())) - midnight
    hours, sizes = list(accumulate(HOURS)), plan.sizes
    shown = [f"\t{how}\t{direction}\t0" for how, direction in (("qr", "in"),) * 8 + (("qr", "out"), ("paper", "in"))]
    for number in range(first, stop):
        hour = chance.choices(range(24), cum_weights=hours)[0]
        second = (hour * 3600 + chance.randrange(3600)) % until
        venue = int(sizes.venues * chance.random() ** 3)  # a few see many
        subject = pseudonym(plan.person(number * 7 % sizes.people).bytes).hex()
        seen = datetime.fromtimestamp(midnight + second, UTC).isoformat()
        yield (
            f"{day}\t\\\\x{subject}\t{plan.first_venue + venue}\t{plan.first_scanner + venue}\t{number}"
            f"\t{midnight + second}\t{seen}\t{seen}{shown[number % 10]}"
        )


def refusals(plan: Plan) -> list[Part]:
    columns = "venue_id scanner_id seq at verdict reason reference"
    return parts(plan, Refusal, columns, _refusals, plan.sizes.refusals)


def _refusals(plan: Plan, first: int, stop: int) -> Lines:
    chance = Random(first)  # noqa: S311 -- made-up rows
    for number in range(first, stop):
        venue, at = _somewhere(plan, chance, number, plan.sizes.refusals)
        reference = "".join(chance.choices(ALPHABET, k=8))
        scanner = plan.first_scanner + venue
        yield line(plan.first_venue + venue, scanner, -1 - number, at, chance.choice(REFUSED).value, "", reference)


def _somewhere(plan: Plan, chance: Random, number: int, of: int) -> tuple[int, datetime]:
    """A venue, and a moment of the days of the log."""
    back = number / of * (plan.sizes.days - 1) * 86_400
    return int(plan.sizes.venues * chance.random() ** 3), plan.now - timedelta(seconds=back)


def undone(plan: Plan) -> list[Part]:
    columns = "scanner_id seq by_seq at verdict method direction admitted people taken received_at"
    return parts(plan, Undone, columns, _undone, plan.sizes.refusals // 10)


def _undone(plan: Plan, first: int, stop: int) -> Lines:
    chance = Random(first)  # noqa: S311 -- made-up rows
    for number in range(first, stop):
        venue, at = _somewhere(plan, chance, number, plan.sizes.refusals // 10)
        scanner, seq = plan.first_scanner + venue, 1_000_000_000 + number
        yield line(scanner, seq, seq + 1, at, "PASS", "qr", "in", True, 1, True, at)


def dead_letters(plan: Plan) -> list[Part]:
    columns = "scanner_id seq at reason received_at"
    return parts(plan, DeadLetter, columns, _dead_letters, plan.sizes.refusals // 10)


def _dead_letters(plan: Plan, first: int, stop: int) -> Lines:
    chance = Random(first)  # noqa: S311 -- made-up rows
    for number in range(first, stop):
        venue, at = _somewhere(plan, chance, number, plan.sizes.refusals // 10)
        yield line(plan.first_scanner + venue, 2_000_000_000 + number, at, "malformed", at)


def counts(plan: Plan) -> list[Part]:
    """What the rows of each day come to, as the doors would have counted them."""
    work = []
    for day in sorted(days(plan)):
        midnight = datetime.combine(day, time(), SEOUL)
        work += [
            statement(COUNTED, day, day),
            statement(COUNTED_REFUSED, midnight, midnight + timedelta(days=1)),
        ]
    return work
