"""One process's lookout over the line: what it last saw of it, and what is still to be told to the others.

Redis holds the line (gate/shared.py), every process looks at it once a second and answers the rest from its copy. Redis
emptied, the first process that knows the line puts it back; where no process does, the tickets do: each is counted anew
when its browser asks, and within a minute all whose turn is near have asked. Redis away, each process goes on with its
copy: it lets in its share of the rate, counts its own tickets for those of all, and gives account when Redis is back.
"""

import logging
import secrets
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from gate import line as lines
from gate.clock import SECOND, Clock
from gate.line import Ahead, Line
from gate.rules import Rules
from gate.shared import Away, Seen, Shared
from gate.ticket import Admission, Ticket
from gate.tokens import Tokens

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0  # seconds
RULES_EVERY = 4.0  # without Redis
AWAY_FOR = 2.0  # seconds until Redis is tried again
MOST_REMEMBERED = 50_000  # admissions that a process gives while Redis is away


class Lookout:
    """Threads may share it."""

    def __init__(
        self,
        shared: Shared,
        *,
        rules: Rules | None = None,
        clock: Clock | None = None,
        steady: Callable[[], float] = time.monotonic,
        admitted: Collection[str] = (),
        shares: bool = True,
        rules_without_shared: Callable[[], Rules | None] = lambda: None,
    ) -> None:
        """`admitted`: classes in which those are who were let in; their refusals say that too many were. `shares`:
        whether the crowd comes to this process, so that it is one of those that share rate, questions and quotas."""
        self.rules = rules or Rules()
        self.clock = clock or Clock()
        self.held = False
        self.refused: Counter[str] = Counter()  # by class, since the last look
        self.refused_this_hour: Mapping[str, int] = {}
        self.line: Line | None = None
        self.ahead = Ahead({}, 0)
        self.processes = 1
        self._shared, self._steady = shared, steady
        self._admitted, self._rules_without_shared = admitted, rules_without_shared
        self._process = secrets.token_hex(6) if shares else ""
        self._lock, self._looking = threading.Lock(), threading.Lock()
        self._next_look = self._next_rules = self._away_until = 0.0
        self._counts: dict[int, float] = {}  # as last seen
        self._fresh: deque[int] = deque()  # buckets of tickets of ours that are in no count yet
        self._unsent: Counter[int] = Counter()  # tickets of ours in _counts that Redis does not know, by bucket
        self._claimed, self._unsent_claims = 0.0, 0
        self._tokens = Tokens()
        self._given: OrderedDict[bytes, int] = OrderedDict()  # admissions of ours while Redis was away
        self._opened = self.clock.now()

    # --- what the line is like

    @property
    def is_alone(self) -> bool:
        """Redis did not answer a moment ago."""
        return self._steady() < self._away_until

    @property
    def rate(self) -> float:
        """People a second who are let in now: as the rules say, or fewer while those who are in find no place."""
        return self.rules.rate * (self.line.ease if self.line else 1.0)

    @property
    def epoch(self) -> bytes:
        """Names the line that counts a ticket of now."""
        return bytes.fromhex(self.line.epoch) if self.line else bytes(8)

    @property
    def speed(self) -> float:
        """People a second by which the line is likely to get shorter."""
        return max(self.rate, self.line.speed if self.line else 0)

    @property
    def called(self) -> float:
        """People who were called and may still come."""
        return lines.outstanding(self.line, self._claimed) if self.line else 0

    @property
    def unseen(self) -> float:
        """People who came since the last look: here and, likely, elsewhere."""
        return len(self._fresh) * self.processes

    def count(self, ticket: Ticket) -> None:
        """Somebody stands in the line with this ticket. Takes no lock: the crowd's threads would queue for it."""
        self._fresh.append(lines.bucket_of(ticket.arrived))

    # --- admissions: shared, or this process's share while Redis is away

    def let_pass(self, now: int) -> bool:
        """Whether a newcomer may pass: nobody waits, and an admission is left."""
        if self.held:
            return False
        if not self.is_alone:
            try:
                passed = self._shared.let_pass(self.rate, now)
            except Away as error:
                self._lost(error)
            else:
                self.held = self.held or not passed
                return passed
        with self._lock:
            passed = self._tokens.take(self._share, now)
            self.held = self.held or not passed
        return passed

    def close_up(self, now: int) -> None:
        """Somebody from an earlier line is here: let no newcomer pass before they have been counted."""
        if self.held:
            return
        self.held = True
        if not self.is_alone:
            try:
                self._shared.hold(now)
            except Away as error:
                self._lost(error)

    def exchange(self, ticket: Ticket, now: int, *, lasts: int) -> int:
        """The end of the ticket's admission, which lasts so many µs; 0 where it must wait on."""
        ends, rate = now + lasts, self.rate
        reserve = self.line.reserve(ticket.arrived, rate) if self.line else 0
        if not self.is_alone:
            try:
                keep = max(ticket.ends - now, lasts) // SECOND + 60
                return self._shared.exchange(ticket.nonce, now, rate=rate, ends=ends, keep=keep, reserve=reserve)
            except Away as error:
                self._lost(error)
        with self._lock:
            if ticket.nonce in self._given:
                return self._given[ticket.nonce]
            if not self._tokens.take(self._share, now, reserve / self.processes):
                return 0
            self._unsent_claims += 1
            self._given[ticket.nonce] = ends
            while len(self._given) > MOST_REMEMBERED:
                self._given.popitem(last=False)
        return ends

    def use(self, admission: Admission, now: int, most: int) -> bool:
        """Whether one more begin goes with it, of `most`. Not counted while Redis is away."""
        if self.is_alone:
            return True
        try:
            return self._shared.use(admission.nonce, (admission.ends - now) // SECOND + 60, most)
        except Away as error:
            self._lost(error)
            return True

    def spend(self, caller: str, rate: float, now: int) -> int | None:
        """Count one request of a caller, of `rate` a second: µs until one more fits, 0 where it does now; None while
        Redis is away."""
        if self.is_alone:
            return None
        try:
            return self._shared.spend(caller, rate, now)
        except Away as error:
            self._lost(error)
            return None

    @property
    def questions(self) -> float:
        """How many a second this process may be asked."""
        return self.rules.polls / self.processes

    @property
    def _share(self) -> float:
        return self.rate / self.processes

    # --- the once-a-second look

    def tend(self) -> None:
        """Look at the line if a second has gone by; one thread does, the others go on with what was seen."""
        if self._steady() < self._next_look or not self._looking.acquire(blocking=self.line is None):
            return
        try:
            if self._steady() < self._next_look:
                return
            self._next_look = self._steady() + LOOK_EVERY
            self._look()
        finally:
            self._looking.release()

    def apply(self, rules: Rules) -> None:
        """Go by these rules, and tell all processes. For a change by a clerk."""
        self.rules = rules
        try:
            self._shared.publish(rules)
        except Away as error:
            self._lost(error)

    def _look(self) -> None:
        if not self.is_alone:
            try:
                self._look_at_shared()
                return
            except (Away, ValueError, TypeError, KeyError) as error:  # or another version left what we cannot read
                self._lost(error)
        if self._steady() >= self._next_rules:
            self._next_rules = self._steady() + RULES_EVERY
            rules = self._rules_without_shared()
            if rules and rules.version > self.rules.version:
                self.rules = rules
        self._move_alone()

    def _look_at_shared(self) -> None:
        with self._lock:
            fresh, unsent = self._take_fresh(), self._unsent
            claims, refused = self._unsent_claims, self.refused
            self._unsent, self._unsent_claims, self.refused = Counter(), 0, Counter()
        now, counts = self.clock.now(), unsent + Counter(fresh)
        try:
            seen = self._sync(now, counts, claims, refused)
            if self._must_open(seen, now):
                self._open(now)
                told = seen.raw_line is not None
                seen = self._sync(now, {}, 0, {}) if told else self._sync(now, counts, claims, refused)
        except Away:
            with self._lock:
                self._unsent += unsent
                self._fresh.extendleft(reversed(fresh))
                self._unsent_claims += claims
                self.refused += refused
            raise
        self._take_over(seen, now)

    def _take_fresh(self) -> list[int]:
        return [self._fresh.popleft() for _ in range(len(self._fresh))]

    def _sync(self, now: int, counts: Mapping[int, float], claims: float, refused: Mapping[str, int]) -> Seen:
        return self._shared.sync(self._process, now, rate=self.rate, counts=counts, claims=claims, refused=refused)

    def _must_open(self, seen: Seen, now: int) -> bool:
        """There is no line, or one that somebody began who knew nothing, while we know one with people in it."""
        line = seen.line
        if line is None:
            return True
        known = self.line and self.line.epoch != line.epoch and self.ahead.waiting > 0
        return bool(known and line.is_new and now - line.opened < 10 * SECOND)

    def _open(self, now: int) -> None:
        """Put back the line as we know it, or begin one."""
        new = Line(epoch=secrets.token_hex(8), opened=now, cursor=0, at=now)
        known = self.line is not None
        line = self.line or new
        self._shared.open(line, now, known=known, counts=self._counts, claimed=self._claimed, held=self.held)
        log.warning("the line was %s", "put back" if known else "begun")

    def _take_over(self, seen: Seen, now: int) -> None:
        line = seen.line
        if line is None:  # emptied between two calls: the next look finds it out again
            return
        self.clock.reach(line.at)
        counts, held = dict(seen.counts), seen.held
        if self.line and self.line.epoch == line.epoch and self.line.cursor > line.cursor:
            line = replace(line, cursor=self.line.cursor)  # moved by us while Redis was away
        if now - line.at >= 0.9 * LOOK_EVERY * SECOND:
            line = lines.eased(line, sum(seen.refused.get(name, 0) for name in self._admitted), self.rules.rate, now)
            rate = self.rules.rate * line.ease
            moved, passed = lines.advance(line, counts, claimed=seen.claimed, spare=seen.spare, rate=rate, now=now)
            left = _without(counts, passed)
            closed = self._shared.move(seen, moved, passed, now, waiting=bool(left) or now < moved.resumes)
            if closed is not None:  # else another process was first; what it did is seen with the next look
                line, counts, held = moved, left, closed
        self._remember(line, counts, held=held)
        self._claimed, self.processes, self.refused_this_hour = seen.claimed, seen.processes, seen.refused
        with self._lock:
            self._tokens.put(seen.spare / seen.processes, now)
        self._agree_on_rules(seen.rules)

    def _agree_on_rules(self, theirs: Rules | None) -> None:
        """The newer ones hold; where Redis has none or older ones, it gets ours."""
        if theirs and theirs.version >= self.rules.version:
            self.rules = theirs
        else:
            self._shared.publish(self.rules)

    def _remember(self, line: Line, counts: dict[int, float], *, held: bool) -> None:
        self.ahead, self._counts = Ahead(counts, line.cursor), counts
        self.line, self.held = line, held

    def _move_alone(self) -> None:
        """The look without Redis: our own tickets and claims stand for those of all processes."""
        now, many = self.clock.now(), self.processes
        line = self.line or Line(epoch=bytes(8).hex(), opened=self._opened, cursor=0, at=now)
        with self._lock:
            self._tokens.fill(self._share, now)
            spare, claims = self._tokens.left * many, self._unsent_claims * many
            fresh = Counter(self._take_fresh())
            self._unsent += fresh
        counts = Counter(self._counts)
        for bucket, number in fresh.items():
            counts[bucket] += number * many
        line, passed = lines.advance(line, counts, claimed=self._claimed + claims, spare=spare, rate=self.rate, now=now)
        self._remember(line, _without(counts, passed), held=bool(sum(counts.values()) - sum(passed.values()) > 0.5))

    def _lost(self, error: Exception) -> None:
        """Redis did not answer: do without it for a while."""
        if not self.is_alone:
            log.warning("waiting room without Redis: %s", type(error).__name__)
        self._away_until = self._steady() + AWAY_FOR


def _without(counts: Mapping[int, float], passed: Mapping[int, float]) -> dict[int, float]:
    left = {bucket: count - passed.get(bucket, 0) for bucket, count in counts.items()}
    return {bucket: count for bucket, count in left.items() if count > 0.001}
