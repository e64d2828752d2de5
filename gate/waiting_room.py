"""The waiting room in front of what is too much for everybody at once: what browsers ask of it, and what they are told.

Who may go in now goes in; who may not gets a ticket and asks again. Where the line stands is the lookout's to know
(gate/lookout.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gate import line as lines
from gate.clock import SECOND
from gate.lookout import Lookout
from gate.questions import Questions, pace
from gate.ticket import Admission, Signer, Ticket, browser_mark, new_browser, new_nonce

BROWSER, TICKET, ADMISSION = "gate_browser", "gate_ticket", "gate_admission"
COOKIE_SECONDS = 12 * 3600
MOST_BEGINS = 10  # with one admission: the codes that go astray, the number mistyped
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

    def __init__(self, lookout: Lookout, key: bytes) -> None:
        self.lookout = lookout
        self._signer, self._questions = Signer(key), Questions()

    # --- what browsers ask

    def enter(self, cookies: Cookies, *, room: bool = True, begins: int = MOST_BEGINS) -> Answer:
        """Somebody wants to begin: admitted now, or a place in the line with its ticket. `room` False holds newcomers
        as if it were crowded, because there is no place inside. `begins`: how many go with an admission."""
        now, browser = self._now, cookies.get(BROWSER)
        admission = self._signer.read_admission(cookies.get(ADMISSION), browser, now)
        if admission and self.lookout.use(admission, now, begins):
            return Answer(True, None, {})
        ticket = self._signer.read_ticket(cookies.get(TICKET), browser, now)
        if ticket and not (admission and admission.nonce == ticket.nonce):
            answer = self._place_of(ticket, now)
            if answer is not NOBODY:
                return answer
        if room and self.lookout.let_pass(now):
            return self._admit(new_nonce(), browser, now + self._lasts, now)
        return self._give_ticket(browser, now)

    def arrive(self, cookies: Cookies) -> Answer:
        """Somebody comes to the waiting page: a newcomer gets a ticket only where people wait."""
        answer = self.ask(cookies)
        if answer is not NOBODY:
            return answer
        if self.lookout.held:
            return self._give_ticket(cookies.get(BROWSER), self._now)
        return Answer(True, None, {})

    def ask(self, cookies: Cookies) -> Answer:
        """Somebody who waits asks whether they may come: NOBODY where they have neither ticket nor admission."""
        now, browser = self._now, cookies.get(BROWSER)
        ticket = self._signer.read_ticket(cookies.get(TICKET), browser, now)
        if ticket:
            return self._place_of(ticket, now)
        if self._signer.read_admission(cookies.get(ADMISSION), browser, now):
            return Answer(True, None, {})
        return NOBODY

    def has_let_in(self, cookies: Cookies) -> bool:
        """Whether this browser was let in, not longer ago than an admission lasts."""
        return self._signer.read_admission(cookies.get(ADMISSION), cookies.get(BROWSER), self._now) is not None

    def now_coming(self) -> Place:
        """The place of somebody who would come now."""
        waiting = self.lookout.ahead.waiting
        return self._place(waiting + 1 if waiting >= 1 else 0)

    # --- tickets and admissions

    def _give_ticket(self, browser: str | None, now: int) -> Answer:
        browser = browser if browser and len(browser) == 22 else new_browser()
        ticket = Ticket(now, self.lookout.epoch, new_nonce(), browser_mark(browser))
        others = self.lookout.unseen
        self.lookout.count(ticket)
        return self._with_ticket(
            ticket, browser, self._place(self.lookout.ahead.of(now) + others + 1, free=self._next_question(now))
        )

    def _with_ticket(self, ticket: Ticket, browser: str | None, place: Place) -> Answer:
        cookies = {TICKET: (self._signer.ticket(ticket), COOKIE_SECONDS)}
        if browser:
            cookies[BROWSER] = (browser, COOKIE_SECONDS)
        return Answer(False, place, cookies)

    def _place_of(self, ticket: Ticket, now: int) -> Answer:
        """Admitted where the cursor has passed the ticket and an admission is left; the place otherwise."""
        self.lookout.clock.reach(ticket.arrived)
        line, recounted = self.lookout.line, False
        if line and line.epoch != ticket.epoch.hex():
            ticket, recounted = replace(ticket, epoch=self.lookout.epoch), True
            self.lookout.count(ticket)
            self.lookout.close_up(now)
        if line and ticket.arrived <= line.cursor and now >= line.resumes:
            ends = self.lookout.exchange(ticket, now, lasts=self._lasts)
            if ends > now:
                return self._admit(ticket.nonce, None, ends, now, ticket.browser)
            if ends:
                return NOBODY  # its admission is over: whoever comes again is a newcomer
        place = self._place(self.lookout.ahead.of(ticket.arrived) + 1, free=self._next_question(now))
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
        return self.lookout.rules.minutes * 60 * SECOND

    def _place(self, position: float, *, free: float = 0.0) -> Place:
        """Who was called waits for one of the next admissions; everybody else for that and for their call. `free`: the
        seconds until a question may come."""
        at = self.lookout
        waiting = max(position, at.ahead.waiting if at.held else 0)
        wait = max(0.0, position - 1) / at.speed + (lines.LEAD / 2 if position else 0)
        beat = pace(wait, free=free, crowd=(waiting + at.called) / at.rules.polls)
        return Place(round(position), round(wait), beat, lines.colour(waiting, max(0, waiting - 1) / at.speed))

    def _next_question(self, now: int) -> float:
        """Seconds until a question of this process's share may come."""
        return self._questions.take(self.lookout.questions, now)

    @property
    def _now(self) -> int:
        return self.lookout.clock.now()
