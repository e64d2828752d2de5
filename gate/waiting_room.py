"""The waiting room in front of what is too much for everybody at once.

Who may go in now goes in; who may not gets a ticket and asks again. Redis holds the line (gate/shared.py), every
process looks at it once a second and answers the rest from its copy. Redis emptied, the first process that
knows the line puts it back; where no process does, the tickets do: each is counted anew when its browser asks, and
within a minute all have asked. Redis away, each process goes on with its copy: it lets in its share of the rate, counts
its own tickets for those of all, and gives account when Redis is back.
"""

import logging
import secrets
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from gate import line as lines
from gate.clock import SECOND, Clock
from gate.line import Ahead, Line
from gate.rules import Rules
from gate.shared import Away, Seen, Shared
from gate.ticket import Admission, Signer, Ticket, browser_mark, new_browser, new_nonce
from gate.tokens import Tokens

log = logging.getLogger(__name__)

BROWSER, TICKET, ADMISSION = "gate_browser", "gate_ticket", "gate_admission"
COOKIE_SECONDS = 12 * 3600
LOOK_EVERY = 1.0  # seconds
RULES_EVERY = 4.0  # without Redis
AWAY_FOR = 2.0  # seconds until Redis is tried again
MOST_REMEMBERED = 50_000  # admissions that a process gives while Redis is away
Cookies = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands: people before them and they themselves, seconds to go, seconds until the next question."""

    position: int
    wait_s: int
    pace_s: int
    colour: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`admitted` or a `place`; neither where the browser has no ticket. `cookies` are to be set: value and seconds."""

    admitted: bool
    place: Place | None
    cookies: Mapping[str, tuple[str, int]]


NOBODY = Answer(False, None, {})


class Room:
    """One process's side of the waiting room. Threads may share it."""

    def __init__(
        self,
        shared: Shared,
        key: bytes,
        *,
        rules: Rules | None = None,
        clock: Clock | None = None,
        steady: Callable[[], float] = time.monotonic,
        admitted: Collection[str] = (),
        rules_without_shared: Callable[[], Rules | None] = lambda: None,
    ) -> None:
        """`admitted`: classes in which those are who were let in; their refusals say that too many were."""
        self.rules = rules or Rules()
        self.clock = clock or Clock()
        self.held = False
        self.refused: Counter[str] = Counter()  # by class, since the last look
        self.refused_this_hour: Mapping[str, int] = {}
        self.line: Line | None = None
        self.ahead = Ahead({}, 0)
        self._shared, self._signer, self._steady = shared, Signer(key), steady
        self._admitted, self._rules_without_shared = admitted, rules_without_shared
        self._process = secrets.token_hex(6)
        self._lock, self._looking = threading.Lock(), threading.Lock()
        self._next_look = self._next_rules = self._away_until = 0.0
        self._counts: dict[int, float] = {}  # as last seen
        self._unsent: Counter[int] = Counter()  # tickets of ours that Redis does not know, by bucket
        self._fresh: Counter[int] = Counter()  # of them, those not in _counts
        self._claimed, self._unsent_claims, self._processes = 0.0, 0, 1
        self._tokens = Tokens()
        self._given: OrderedDict[bytes, int] = OrderedDict()  # admissions of ours while Redis was away
        self._opened = self.clock.now()

    # --- what browsers ask

    def enter(self, cookies: Cookies, *, room: bool = True) -> Answer:
        """Somebody wants to begin: admitted now, or a place in the line with its ticket. `room` False holds newcomers
        as if it were crowded, because there is no place inside."""
        now, browser = self.clock.now(), cookies.get(BROWSER)
        admission = self._signer.read_admission(cookies.get(ADMISSION), browser, now)
        if admission and self._use(admission, now):
            return Answer(True, None, {})
        ticket = self._signer.read_ticket(cookies.get(TICKET), browser, now)
        if ticket and not (admission and admission.nonce == ticket.nonce):
            answer = self._place_of(ticket, now)
            if answer is not NOBODY:
                return answer
        if room and self._let_pass(now):
            return self._admit(new_nonce(), browser, now + self._lasts, now)
        return self._give_ticket(browser, now)

    def arrive(self, cookies: Cookies) -> Answer:
        """Somebody comes to the waiting page: a newcomer gets a ticket only where people wait."""
        answer = self.ask(cookies)
        if answer is not NOBODY:
            return answer
        return self._give_ticket(cookies.get(BROWSER), self.clock.now()) if self.held else Answer(True, None, {})

    def ask(self, cookies: Cookies) -> Answer:
        """Somebody who waits asks whether they may come: NOBODY where they have neither ticket nor admission."""
        now, browser = self.clock.now(), cookies.get(BROWSER)
        ticket = self._signer.read_ticket(cookies.get(TICKET), browser, now)
        if ticket:
            return self._place_of(ticket, now)
        if self._signer.read_admission(cookies.get(ADMISSION), browser, now):
            return Answer(True, None, {})
        return NOBODY

    def has_let_in(self, cookies: Cookies) -> bool:
        """Whether this browser was let in, not longer ago than an admission lasts."""
        return self._signer.read_admission(cookies.get(ADMISSION), cookies.get(BROWSER), self.clock.now()) is not None

    def now_coming(self) -> Place:
        """The place of somebody who would come now."""
        return self._place(self.ahead.waiting + 1 if self.ahead.waiting >= 1 else 0)

    @property
    def rate(self) -> float:
        """People a second who are let in now: as the rules say, or fewer while those who are in find no place."""
        return self.rules.rate * (self.line.ease if self.line else 1.0)

    # --- tickets and admissions

    def _give_ticket(self, browser: str | None, now: int) -> Answer:
        browser = browser if browser and len(browser) == 22 else new_browser()
        epoch = bytes.fromhex(self.line.epoch) if self.line else bytes(8)
        ticket = Ticket(now, epoch, new_nonce(), browser_mark(browser))
        others = self._fresh.total() * self._processes  # who came since the last look, here and, likely, elsewhere
        self._count(ticket)
        return self._with_ticket(ticket, browser, self._place(self.ahead.of(now) + others + 1))

    def _with_ticket(self, ticket: Ticket, browser: str | None, place: Place) -> Answer:
        cookies = {TICKET: (self._signer.ticket(ticket), COOKIE_SECONDS)}
        if browser:
            cookies[BROWSER] = (browser, COOKIE_SECONDS)
        return Answer(False, place, cookies)

    def _place_of(self, ticket: Ticket, now: int) -> Answer:
        """Admitted where the cursor has passed the ticket and an admission is left; the place otherwise."""
        self.clock.reach(ticket.arrived)
        line, recounted = self.line, False
        if line and line.epoch != ticket.epoch.hex():
            ticket, recounted = replace(ticket, epoch=bytes.fromhex(line.epoch)), True
            self._count(ticket)
            self._close_up(now)
        if line and ticket.arrived <= line.cursor and now >= line.resumes:
            ends = self._exchange(ticket, now)
            if ends > now:
                return self._admit(ticket.nonce, None, ends, now, ticket.browser)
            if ends:
                return NOBODY  # its admission is over: whoever comes again is a newcomer
        place = self._place(self.ahead.of(ticket.arrived) + 1)
        return self._with_ticket(ticket, None, place) if recounted else Answer(False, place, {})

    def _admit(self, nonce: bytes, browser: str | None, ends: int, now: int, mark: bytes | None = None) -> Answer:
        cookies = {}
        if mark is None:
            browser = browser if browser and len(browser) == 22 else new_browser()
            mark, cookies[BROWSER] = browser_mark(browser), (browser, COOKIE_SECONDS)
        seconds = max(1, (ends - now) // SECOND)
        cookies[ADMISSION] = (self._signer.admission(Admission(ends, nonce, mark)), seconds)
        return Answer(True, None, cookies)

    @property
    def _lasts(self) -> int:
        return self.rules.minutes * 60 * SECOND

    def _place(self, position: float) -> Place:
        """Who was called waits for one of the next admissions; everybody else for that and for their call."""
        line, speed = self.line, max(self.rate, self.line.speed if self.line else 0)
        waiting = max(position, self.ahead.waiting if self.held else 0)
        called = lines.outstanding(line, self._claimed) if line else 0
        wait = max(0.0, position - 1) / speed + (lines.LEAD / 2 if position else 0)
        beat = lines.pace(waiting + called, self.rules.polls, wait)
        return Place(round(position), round(wait), beat, lines.colour(waiting, max(0, waiting - 1) / speed))

    def _count(self, ticket: Ticket) -> None:
        with self._lock:
            self._unsent[lines.bucket_of(ticket.arrived)] += 1
            self._fresh[lines.bucket_of(ticket.arrived)] += 1

    # --- admissions: shared, or this process's share while Redis is away

    @property
    def is_alone(self) -> bool:
        return self._steady() < self._away_until

    def _let_pass(self, now: int) -> bool:
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

    def _close_up(self, now: int) -> None:
        """Somebody from an earlier line is here: let no newcomer pass before they have been counted."""
        if self.held:
            return
        self.held = True
        if not self.is_alone:
            try:
                self._shared.hold(now)
            except Away as error:
                self._lost(error)

    def _exchange(self, ticket: Ticket, now: int) -> int:
        """The end of the ticket's admission, 0 where it must wait on."""
        ends, rate = now + self._lasts, self.rate
        reserve = self.line.reserve(ticket.arrived, rate) if self.line else 0
        if not self.is_alone:
            try:
                keep = max(ticket.ends - now, self._lasts) // SECOND + 60
                return self._shared.exchange(ticket.nonce, now, rate=rate, ends=ends, keep=keep, reserve=reserve)
            except Away as error:
                self._lost(error)
        with self._lock:
            if ticket.nonce in self._given:
                return self._given[ticket.nonce]
            if not self._tokens.take(self._share, now, reserve / self._processes):
                return 0
            self._unsent_claims += 1
            self._given[ticket.nonce] = ends
            while len(self._given) > MOST_REMEMBERED:
                self._given.popitem(last=False)
        return ends

    def _use(self, admission: Admission, now: int) -> bool:
        """Whether one more begin goes with it. Not counted while Redis is away."""
        if self.is_alone:
            return True
        try:
            return self._shared.use(admission.nonce, (admission.ends - now) // SECOND + 60)
        except Away as error:
            self._lost(error)
            return True

    @property
    def _share(self) -> float:
        return self.rate / self._processes

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
            counts, claims, refused = self._unsent, self._unsent_claims, self.refused
            self._unsent, self._unsent_claims, self.refused = Counter(), 0, Counter()
            fresh, self._fresh = self._fresh, Counter()
        now = self.clock.now()
        try:
            seen = self._sync(now, counts, claims, refused)
            if self._must_open(seen, now):
                self._open(now)
                told = seen.raw_line is not None
                seen = self._sync(now, {}, 0, {}) if told else self._sync(now, counts, claims, refused)
        except Away:
            with self._lock:
                self._unsent += counts
                self._fresh += fresh
                self._unsent_claims += claims
                self.refused += refused
            raise
        self._take_over(seen, now)

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
        self._claimed, self._processes, self.refused_this_hour = seen.claimed, seen.processes, seen.refused
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
        now, many = self.clock.now(), self._processes
        line = self.line or Line(epoch=bytes(8).hex(), opened=self._opened, cursor=0, at=now)
        with self._lock:
            self._tokens.fill(self._share, now)
            spare, claims = self._tokens.left * many, self._unsent_claims * many
            fresh, self._fresh = self._fresh, Counter()
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
