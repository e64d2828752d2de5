"""Whether a phone's strips still say what we would sign now: a small question, so that a record that was corrected, a
test that came in or a pass that was revoked is on the phone within minutes, and not with the next strips a day later.

Asked by wallets that are being looked at, with the mark of today's strip (marks.py). We say when to ask again: soon
where somebody waits for something, and the later the more ask. Strips are fetched only where there is news.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from gate.clock import SECOND
from gate.process import lookout
from gate.questions import Questions
from registry import issuing, marks, vault
from registry.models import Device, Review

SOON, USUAL = 60, 1800  # seconds until the next question of somebody who waits for something, and of everybody else
LONGEST = 6 * 3600
SHARE = 0.1  # of the questions a second that the gate may be asked: one of these costs about a dozen of those

POSSIBLY_SAME = Review.Kind.POSSIBLY_SAME.value

# Written out: it is asked whenever somebody opens a pass.
BESIDE = """
    SELECT EXISTS (SELECT FROM registry_revocation WHERE citizen_id = %(citizen)s AND since > %(seen)s),
        EXISTS (SELECT FROM registry_review WHERE citizen_id = %(citizen)s AND kind = %(kind)s AND closed_at IS NULL),
        EXISTS (SELECT FROM registry_request WHERE citizen_id = %(citizen)s AND closed_at IS NULL)"""

_moments = Questions(longest=LONGEST)


@dataclass(frozen=True, slots=True)
class Told:
    """`again`: in how many seconds the phone may ask again."""

    news: bool
    again: int


def since(device: Device, mark: str, *, now: datetime) -> Told:
    """Whether anything changed since the device got the strip of today with this `mark`. Three queries.

    An app is told of the pass alone, nor does it learn by the pace what its holder and a clerk have with each other."""
    void, review, asked = _beside(device)
    asks_us = (review or asked) and device.partner_id is None
    said, valid = issuing.would_say(device.citizen, vault.today(now))
    (today,) = marks.of(device, [said], review=review)
    return Told(void or mark != today, _again(waits=asks_us or not valid, now=now))


def _beside(device: Device) -> tuple[bool, bool, bool]:
    """Whether strips of this device are void at doors, whether a clerk is to say whose records are its holder's, and
    whether the holder waits for an answer of ours."""
    with connection.cursor() as cursor:
        cursor.execute(BESIDE, {"citizen": device.citizen_id, "seen": device.seen_at, "kind": POSSIBLY_SAME})
        void, review, asked = cursor.fetchone()
    return void, review, asked


def _again(*, waits: bool, now: datetime) -> int:
    """No sooner than this process, of all, may be asked."""
    free = _moments.take(lookout().questions * SHARE, int(now.timestamp() * SECOND))
    return round(max(SOON if waits else USUAL, free))
