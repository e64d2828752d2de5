"""Whether a phone's strips still say what we would sign now: a small question, so that a record that was corrected, a
test that came in or a pass that was revoked is on the phone within minutes, and not with the next strips a day later.

Asked by wallets that are being looked at, with the mark of today's strip (marks.py). We say when to ask again: soon
where somebody waits for something, and the later the more ask. Strips are fetched only where there is news.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from gate.clock import SECOND
from gate.process import lookout
from gate.questions import Questions
from registry import issuing, marks, vault
from registry.models import Citizen, Device, Request, Revocation

SOON, USUAL = 60, 1800  # seconds until the next question of somebody who waits for something, and of everybody else
LONGEST = 6 * 3600
SHARE = 0.1  # of the questions a second that the gate may be asked: one of these costs about ten of those

_moments = Questions(longest=LONGEST)


@dataclass(frozen=True, slots=True)
class Told:
    """`again`: in how many seconds the phone may ask again."""

    news: bool
    again: int


def since(device: Device, mark: str, *, now: datetime) -> Told:
    """Whether anything changed since the device got the strip of today with this `mark`. Three queries."""
    void, asked = _beside(device)
    review = issuing.under_review(device.citizen)
    said, valid = issuing.would_say(device.citizen, vault.today(now))
    (today,) = marks.of(device, [said], review=review)
    return Told(void or mark != today, _again(waits=review or asked or not valid, now=now))


def _beside(device: Device) -> tuple[bool, bool]:
    """Whether strips of this device are void at doors, and whether its holder waits for an answer of ours."""
    void = Revocation.objects.filter(citizen=OuterRef("pk"), since__gt=device.seen_at)
    asked = Request.objects.open().filter(citizen=OuterRef("pk"))
    found: tuple[bool, bool] = Citizen.objects.values_list(Exists(void), Exists(asked)).get(pk=device.citizen_id)
    return found


def _again(*, waits: bool, now: datetime) -> int:
    """No sooner than this process, of all, may be asked."""
    rate = lookout().rules.polls * SHARE / max(lookout().processes, 1)
    free = _moments.take(rate, int(now.timestamp() * SECOND))
    return round(max(SOON if waits else USUAL, free))
