"""Safe numbers typed at a door: whose they are becomes the day's pseudonym at once, so that a trace finds the visit.

The number itself is written down nowhere here. Whether one exists is told to a scanner only by what became of the scan,
where a scanner, or all of a venue, have told too many that nobody has, none is answered until a day has passed since:
nothing is lost by it, the scans wait on the device. Taking such a scan back takes none of its evidence away.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q

from checkins.models import DeadLetter
from checkins.scanning.scans import Scan
from registry import vault
from registry.format.passcode import seoul_day
from registry.phone import safe_numbers
from venues.models import Scanner

UNKNOWN, ENDED, TOO_OLD = "unknown_safe_number", "ended_safe_number", "too_old"
LATER = "later"  # is not a reason: no answer now
WRONG = frozenset({UNKNOWN, ENDED})
WRONG_A_DAY = 100  # of one scanner; of all numbers that have the right shape, about one in ten is somebody's
WRONG_OF_VENUE = 200  # however many scanners it has paired


def subjects(scanner: Scanner, scans: Iterable[Scan], *, now: datetime) -> dict[int, bytes | str]:
    """The day's pseudonym of the person whose safe number each scan tells, by sequence number; a reason where there is
    none; LATER where this scanner or its venue has told too many wrong ones. Raises VaultUnavailable."""
    left = _guesses_left(scanner, now)
    typed = {scan.seq: safe_numbers.typed(scan.safe_number or "") for scan in scans}
    held = safe_numbers.held({text for text in typed.values() if text})
    found: dict[int, bytes | str] = {}
    for scan in scans:
        who = _who(held.get(typed[scan.seq] or ""), scan) if left > 0 else LATER
        left -= who in WRONG
        found[scan.seq] = _subject(who, scan) if isinstance(who, UUID) else who
    return found


def _guesses_left(scanner: Scanner, now: datetime) -> int:
    """How many wrong ones will still be answered, counted over a day, for the scanner and for its venue."""
    told = DeadLetter.objects.filter(scanner__venue=scanner.venue_id, reason__in=WRONG)
    of_scanner = Count("pk", filter=Q(scanner=scanner))
    wrong = told.filter(received_at__gt=now - timedelta(days=1)).aggregate(all=Count("pk"), own=of_scanner)
    return min(WRONG_A_DAY - wrong["own"], WRONG_OF_VENUE - wrong["all"])


def _who(held: safe_numbers.Held | None, scan: Scan) -> UUID | str:
    """Who had the number when it was told at the door, or why that cannot be said."""
    if held is None:
        return UNKNOWN
    if held.ended_at and held.ended_at <= datetime.fromtimestamp(scan.second, UTC):
        return ENDED
    return held.citizen or UNKNOWN


def _subject(citizen: UUID, scan: Scan) -> bytes | str:
    try:
        return vault.pseudonym(seoul_day(scan.second), citizen)
    except vault.DayGone:
        return TOO_OLD
