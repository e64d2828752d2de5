"""The line before the door, as arithmetic: how far it has been called, who stands where, how long it takes.

The order is the time of arrival. Those who wait are counted by the quarter of a second in which they came; the cursor
is a time: whoever arrived before it has been called and may come. How many come in is the tokens' business, at `rate` a
second (gate/tokens.py); the line's is that enough are called and that the called are the first. Times in µs. No Django.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from gate.clock import SECOND
from gate.questions import LONGEST_PACE

WIDTH = SECOND // 4  # of a bucket
LAG = 2 * SECOND  # counts of all processes have come together after it, so the cursor stays so far behind
LEAD = 4.0  # seconds of admissions that are called at once: they come with their next question
GONE_AFTER = 8 * SECOND  # who was called and did not come for so long holds up nobody any more
COMES_WITHIN = 5 * SECOND  # who is called and comes
MEMORY = 20 * SECOND
IDLE = 1.2  # seconds of admissions left over: too few come
MOST_REACH = 50.0
MUCH = 2.0  # times another rate
FASTEST = 2.0  # times the rate, for one who comes; nobody is promised more
PATIENT, RESERVED = 3 * SECOND, 0.3  # of the admissions of a second, for those called longer ago
SETTLING = int(LONGEST_PACE + 5) * SECOND  # after which everybody whose turn is near has asked again
PAUSE = 5 * SECOND
BORNE = 0.5  # times the rate may those let in find no place and come again; beyond, it is lowered
SLOWER, FASTER, SLOWEST = 0.85, 0.08, 0.3  # times, plus, at the least; of the rate
TAKES_EFFECT = 4 * SECOND  # from a lower rate to fewer requests

Counts = Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Line:
    """Where the line stands. `opened` is when it began, knowing of nobody: people of an earlier one may still come."""

    epoch: str  # 16 hex digits
    opened: int
    cursor: int
    at: int  # when the cursor was moved last
    called: float = 0.0  # people, in all
    gone: float = 0.0  # of them, those who are taken to have left
    reach: float = 1.0  # people called for one who comes
    speed: float = 0.0  # people called per second, smoothed
    resumes: int = 0  # nobody is called before
    recent: tuple[tuple[int, float, float, int], ...] = ()  # (at, called, claimed, cursor) of the last MEMORY
    rate: float = 0.0  # at which it was moved last
    ease: float = 1.0  # share of the rate that is let in
    eased: int = 0  # when that was looked at last
    sent_off: float = 0.0  # people who had been let in and found no place this hour, then

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Line":
        return cls(**content | {"recent": tuple(tuple(each) for each in content["recent"])})

    def reserve(self, arrived: int, rate: float) -> float:
        """Admissions that somebody who is called leaves to others: none where they were called a while ago and came too
        late for one, so that bad luck does not last."""
        earlier = [cursor for at, _called, _claimed, cursor in self.recent if at <= self.at - PATIENT]
        return 0.0 if earlier and arrived <= earlier[-1] else rate * RESERVED

    @property
    def is_new(self) -> bool:
        return self.opened > 0


def eased(line: Line, sent_off: float, rate: float, now: int) -> Line:
    """The line, letting in fewer where too many of those let in find no place, else again a little more.

    `sent_off`: how many did not find one, this hour. Looked at when the last change has taken effect. By factors
    downward and by steps upward, as senders share a link: so it settles a little below what is borne."""
    if now < line.eased + TAKES_EFFECT:
        return line
    newly = sent_off - line.sent_off if sent_off >= line.sent_off else sent_off
    seconds = min(now - line.eased, 2 * TAKES_EFFECT) / SECOND
    ease = min(1.0, line.ease + FASTER)
    if line.eased and newly > BORNE * rate * seconds:
        ease = max(SLOWEST, line.ease * SLOWER)
    return replace(line, ease=ease, eased=now, sent_off=sent_off)


def bucket_of(arrived: int) -> int:
    return arrived // WIDTH


def outstanding(line: Line, claimed: float) -> float:
    """People who were called, have not come, and may still come."""
    return max(0.0, line.called - claimed - line.gone)


def advance(
    line: Line, counts: Counts, *, claimed: float, spare: float, rate: float, now: int
) -> tuple[Line, dict[int, float]]:
    """Call the next ones; the line as it stands then, and how many were passed in which bucket.

    `counts`: people waiting, by bucket; `claimed`: people who came, in all; `spare`: admissions that nobody has taken;
    `rate`: admissions per second. Nobody is skipped: only buckets that are empty or wholly called are passed.
    """
    waiting = sum(counts.values())
    line = _settle(line, counts, now)
    if not line.rate / MUCH <= rate <= line.rate * MUCH:  # what was learnt at another rate says nothing of this one
        line = replace(line, reach=1.0, speed=rate)
    gone = max(line.gone, _at(line, now - GONE_AFTER)[0] - claimed)
    idle = waiting > 0 and spare > IDLE * rate
    reach = _reach(line, claimed, now) if idle else max(1.0, line.reach * 0.95)
    # Who will not come is in the way until they are gone.
    lead = rate * (LEAD + GONE_AFTER / SECOND * (reach - 1))
    wanted = lead - outstanding(replace(line, gone=gone), claimed)
    seconds = max(0.2, (now - line.at) / SECOND)
    flow = rate * reach * min(LEAD, seconds)
    wanted = 0.0 if now < line.resumes else min(max(wanted, flow if idle else 0), max(2 * flow, rate * LEAD))
    cursor, passed = _walk(line.cursor, counts, wanted, now - LAG)
    if sum(passed.values()) >= waiting - 1e-6 and not (line.is_new and now < line.opened + SETTLING):
        cursor = max(cursor, now - LAG)
    newly = sum(passed.values())
    called = line.called + newly
    before = min(line.speed or rate, FASTEST * rate * reach)  # of an earlier rate, perhaps
    speed = 0.9 * before + 0.1 * newly / seconds if waiting else rate
    recent = (*(each for each in line.recent if each[0] > now - MEMORY), (now, called, claimed, cursor))
    line = replace(
        line, cursor=cursor, at=now, called=called, gone=gone, reach=reach, speed=speed, rate=rate, recent=recent
    )
    return line, passed


def _settle(line: Line, counts: Counts, now: int) -> Line:
    """A line that knows of nobody and hears of people from before its time lets the first ones ask before it calls."""
    earliest = min(counts, default=None)
    if not line.is_new or line.resumes or earliest is None or (earliest + 1) * WIDTH > line.opened - LAG:
        return line
    return replace(line, resumes=now + PAUSE)


def _at(line: Line, moment: int) -> tuple[float, float]:
    """How many had been called and had come by then; nothing is remembered beyond MEMORY."""
    return max(((called, claimed) for at, called, claimed, _cursor in line.recent if at <= moment), default=(0.0, 0.0))


def _reach(line: Line, claimed: float, now: int) -> float:
    """People called for one who comes, as the last ten seconds say: to be asked only while admissions are left over, as
    else not all who would come may."""
    then = now - 2 * COMES_WITHIN
    called = _at(line, now - COMES_WITHIN)[0] - _at(line, then - COMES_WITHIN)[0]
    came = claimed - _at(line, then)[1]
    if called < 10 or not line.recent or line.recent[0][0] > now - COMES_WITHIN:
        return line.reach
    return 0.7 * line.reach + 0.3 * min(MOST_REACH, max(1.0, called / max(1.0, came)))


def _walk(cursor: int, counts: Counts, wanted: float, limit: int) -> tuple[int, dict[int, float]]:
    """From the cursor on through `wanted` people, never beyond `limit`. Who came behind the cursor is called anyway."""
    passed = {}
    for bucket in sorted(counts):
        count, begin, end = counts[bucket], bucket * WIDTH, (bucket + 1) * WIDTH
        if end <= cursor:
            passed[bucket] = count
            wanted -= count
            continue
        begin = max(begin, cursor)
        reachable = min(1.0, max(0.0, (limit - begin) / (end - begin)))
        share = min(reachable, max(0.0, wanted) / count) if count > 0 else reachable
        reached = end if share >= 1 else begin + int((end - begin) * share)
        if reached <= begin:  # not by a microsecond: nobody
            break
        passed[bucket] = count * share
        wanted -= count * share
        cursor = reached
        if share < 1:
            break
    return cursor, passed


class Ahead:
    """How many people stand before an arrival; made anew whenever the line has moved."""

    def __init__(self, counts: Counts, cursor: int) -> None:
        self._cursor = cursor
        self._buckets = sorted(counts)
        self._before = [0.0]
        for bucket in self._buckets:
            self._before.append(self._before[-1] + counts[bucket])
        self.waiting = self._before[-1]

    def of(self, arrived: int) -> float:
        bucket = bucket_of(arrived)
        place = bisect_right(self._buckets, bucket)
        if not place or self._buckets[place - 1] != bucket:
            return self._before[place]
        count = self._before[place] - self._before[place - 1]
        begin, end = max(bucket * WIDTH, self._cursor), (bucket + 1) * WIDTH
        return self._before[place - 1] + count * min(1.0, max(0.0, (arrived - begin) / max(1, end - begin)))


def colour(waiting: float, wait: float) -> str:
    """The four steps of congestion, by the wait in seconds of somebody who comes now."""
    if waiting < 1:
        return "green"
    for limit, name in ((60, "yellow"), (600, "orange")):
        if wait < limit:
            return name
    return "red"
