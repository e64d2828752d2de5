"""The arithmetic of the line, on the pure parts alone: a town of people is played second by second."""

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.clock import SECOND
from gate.line import GONE_AFTER, LAG, WIDTH, Ahead, Line, advance, bucket_of, colour, outstanding
from gate.questions import LONGEST_PACE, Questions, pace
from gate.tokens import Tokens

START = 1_800_000_000 * SECOND


@dataclass
class Town:
    """People who come, ask at the pace they are told, and are let in by tokens; some leave without a word."""

    rate: float
    stays: float = 1.0
    line: Line = field(default_factory=lambda: Line("00" * 8, 0, START, START))
    counts: dict = field(default_factory=dict)
    tokens: Tokens = field(default_factory=Tokens)
    waiting: list = field(default_factory=list)  # [arrived, next question]
    admitted: list = field(default_factory=list)  # (at, arrived)
    now: int = START

    def arrive(self, times) -> None:
        for at in times:
            self.counts[bucket_of(at)] = self.counts.get(bucket_of(at), 0) + 1
            if random.random() < self.stays:
                self.waiting.append([at, at + random.uniform(2.5, 3.5) * SECOND])

    def second(self) -> None:
        self.now += SECOND
        self.tokens.fill(self.rate, self.now)
        claimed = len(self.admitted)
        self.line, passed = advance(
            self.line, self.counts, claimed=claimed, spare=self.tokens.left, rate=self.rate, now=self.now
        )
        for bucket, number in passed.items():
            self.counts[bucket] -= number
        self.counts = {bucket: n for bucket, n in self.counts.items() if n > 0.001}
        self._ask(Ahead(self.counts, self.line.cursor))

    def _ask(self, ahead) -> None:
        stay = []
        for person in sorted(self.waiting, key=lambda p: p[1]):
            arrived, asks = person
            reserve = self.line.reserve(arrived, self.rate)
            if asks <= self.now and arrived <= self.line.cursor and self.tokens.take(self.rate, self.now, reserve):
                self.admitted.append((self.now, arrived))
                continue
            if asks <= self.now:
                wait = ahead.of(arrived) / max(self.rate, self.line.speed) + 2
                crowd = (ahead.waiting + outstanding(self.line, len(self.admitted))) / 400
                person[1] = self.now + pace(wait, free=0, crowd=crowd) * random.uniform(0.8, 1.2) * SECOND
            stay.append(person)
        self.waiting = stay


def crowd(number: int, seconds: float) -> list[int]:
    return [START + int(random.random() * seconds * SECOND) for _ in range(number)]


@pytest.fixture(autouse=True)
def _same_every_time():
    random.seed(5)


@pytest.mark.parametrize("stays", [1.0, 0.5, 0.1])
def test_it_loses_no_capacity_to_people_who_left(stays):
    town = Town(rate=30, stays=stays)
    town.arrive(crowd(int(3000 / stays), 60))
    for _ in range(90):
        town.second()
    # The first seconds go to counting and to the first question, with few people to finding out how few come.
    begun = [at for at, _arrived in town.admitted if at > START + 15 * SECOND]
    assert len(begun) / 75 >= 0.9 * 30
    assert len(town.admitted) <= 92 * 30


def test_it_calls_in_the_order_of_arrival():
    town = Town(rate=30)
    town.arrive(crowd(1500, 30))
    while town.waiting:
        town.second()
        assert town.now < START + 90 * SECOND, f"{len(town.waiting)} are stuck"
    places = {arrived: n for n, arrived in enumerate(sorted(arrived for _at, arrived in town.admitted))}
    slips = [abs(n - places[arrived]) / 30 for n, (_at, arrived) in enumerate(town.admitted)]
    assert max(slips) <= 15, "nobody may be before or behind their turn by more than some seconds' worth of people"


def test_it_lets_everybody_in_at_once_when_nobody_waits():
    line, passed = advance(Line("00" * 8, 0, START, START), {}, claimed=0, spare=10, rate=30, now=START + 9 * SECOND)
    assert line.cursor == START + 9 * SECOND - LAG and not passed


def test_it_waits_for_the_earliest_where_it_knows_of_nobody():
    """A line begun anew hears of people from before: they are not overtaken by those who happen to ask first."""
    line = Line("00" * 8, opened=START, cursor=0, at=START)
    old = {bucket_of(START - 600 * SECOND): 100.0}
    line, passed = advance(line, old, claimed=0, spare=60, rate=30, now=START + SECOND)
    assert not passed and line.cursor < START - 600 * SECOND
    line, passed = advance(line, old, claimed=0, spare=60, rate=30, now=START + 7 * SECOND)
    assert passed
    line, _passed = advance(line, {}, claimed=0, spare=60, rate=30, now=START + 8 * SECOND)
    assert line.cursor < START - 500 * SECOND, "others from before may not have asked yet"
    line, _passed = advance(line, {}, claimed=0, spare=60, rate=30, now=START + 70 * SECOND)
    assert line.cursor == START + 70 * SECOND - LAG


buckets = st.dictionaries(st.integers(bucket_of(START) - 40, bucket_of(START) + 400), st.integers(1, 500), max_size=30)


@given(buckets, st.floats(0.5, 500), st.integers(0, 120), st.floats(0, 2000), st.floats(0, 1000))
def test_it_skips_nobody_and_never_runs_back(counts, rate, seconds, claimed, spare):
    before = Line("00" * 8, 0, START, START, called=claimed)
    now = START + seconds * SECOND
    line, passed = advance(before, counts, claimed=claimed, spare=spare, rate=rate, now=now)
    assert before.cursor <= line.cursor <= max(before.cursor, now - LAG)
    assert line.called == pytest.approx(before.called + sum(passed.values()))
    for bucket, count in counts.items():
        assert 0 <= passed.get(bucket, 0) <= count + 1e-9
        if (bucket + 1) * WIDTH <= line.cursor:
            assert passed.get(bucket, 0) == pytest.approx(count), "whoever stands before the cursor was called"
        if bucket * WIDTH >= line.cursor:
            assert bucket not in passed or passed[bucket] == 0
    assert Line.from_json(line.as_json()) == line


@given(buckets, st.lists(st.integers(START - 20 * SECOND, START + 120 * SECOND), min_size=2))
def test_it_places_people_in_order(counts, arrivals):
    ahead = Ahead(counts, START)
    places = [ahead.of(arrived) for arrived in sorted(arrivals)]
    assert places == sorted(places)
    assert min(places) >= 0 and max(places) <= ahead.waiting


def test_it_holds_up_nobody_for_people_who_do_not_come():
    line = Line("00" * 8, 0, START, START)
    counts = {bucket_of(START): 10_000.0}
    for second in range(1, 30):
        line, passed = advance(line, counts, claimed=0, spare=60, rate=30, now=START + second * SECOND)
        counts = {bucket: n - passed.get(bucket, 0) for bucket, n in counts.items() if n - passed.get(bucket, 0) > 0.01}
    assert line.called > 30 * 29 and line.gone > 0
    assert GONE_AFTER < 10 * SECOND


@pytest.mark.parametrize(
    ("wait", "free", "crowd", "told"),
    [
        (4, 0, 0.2, 3),  # never more often than every three seconds
        (600, 12, 5, 12),  # a moment of their own
        (20, 60, 200, 12),  # whoever is about to be called asks oftener
        (200, 60, 500, 60),  # once a minute, where not everybody may
        (1200, 60, 500, 300),  # and less often who has long to go
        (1200, 60, 90, 90),
    ],
)
def test_it_tells_how_soon_to_ask_again(wait, free, crowd, told):
    assert pace(wait, free=free, crowd=crowd) == told


def test_it_gives_as_many_moments_a_second_as_are_set():
    questions = Questions()
    assert [questions.take(2, START) for _ in range(4)] == [0, 0.5, 1, 1.5]
    assert questions.take(2, START + 10 * SECOND) == 0, "none is saved up"
    assert max(questions.take(2, START + 10 * SECOND) for _ in range(1000)) == LONGEST_PACE
    assert questions.take(2, START + 71 * SECOND) < 1, "nor is more than a minute given away"


@pytest.mark.parametrize(
    ("waiting", "wait", "name"), [(0, 0, "green"), (5, 3, "yellow"), (5, 60, "orange"), (9, 600, "red")]
)
def test_it_has_four_colours(waiting, wait, name):
    assert colour(waiting, wait) == name
