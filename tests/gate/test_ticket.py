"""Tickets, admissions and the clock, as plain values."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.clock import SECOND, Clock
from gate.ticket import GOOD_FOR, Admission, Signer, Ticket, browser_mark, new_browser, new_nonce

NOW = 1_800_000_000 * SECOND
signer = Signer(b"k" * 32)
BROWSER = "b" * 22


def ticket(**fields) -> Ticket:
    return Ticket(**{"arrived": NOW, "epoch": b"e" * 8, "nonce": b"n" * 8, "browser": browser_mark(BROWSER)} | fields)


@given(st.integers(0, 2**62), st.binary(min_size=8, max_size=8), st.binary(min_size=8, max_size=8))
def test_it_reads_what_it_signed(arrived, epoch, nonce):
    made = ticket(arrived=arrived, epoch=epoch, nonce=nonce)
    assert signer.read_ticket(signer.ticket(made), BROWSER, arrived) == made
    granted = Admission(arrived + 1, nonce, made.browser)
    assert signer.read_admission(signer.admission(granted), BROWSER, arrived) == granted


@given(st.integers(0, 383))
def test_it_takes_no_ticket_with_a_bit_turned(bit):
    raw = bytearray(base64.urlsafe_b64decode(signer.ticket(ticket())))
    raw[bit // 8] ^= 1 << bit % 8
    assert signer.read_ticket(base64.urlsafe_b64encode(raw).decode(), BROWSER, NOW) is None


@given(st.text(max_size=80))
def test_it_takes_nothing_else_for_a_ticket(text):
    assert signer.read_ticket(text, BROWSER, NOW) is None
    assert signer.read_admission(text, BROWSER, NOW) is None


@pytest.mark.parametrize(
    ("text", "browser", "now"),
    [
        (signer.ticket(ticket()), new_browser(), NOW),
        (signer.ticket(ticket()), None, NOW),
        (None, BROWSER, NOW),
        (signer.ticket(ticket()), BROWSER, NOW + GOOD_FOR),
        (Signer(b"x" * 32).ticket(ticket()), BROWSER, NOW),
        (signer.admission(Admission(NOW + SECOND, new_nonce(), browser_mark(BROWSER))), BROWSER, NOW),
    ],
    ids=["another browser", "no browser", "no ticket", "too old", "another key", "an admission"],
)
def test_it_refuses_a_ticket_of(text, browser, now):
    assert signer.read_ticket(text, browser, now) is None


def test_it_refuses_an_admission_that_is_over_or_of_another_browser():
    text = signer.admission(Admission(NOW + SECOND, new_nonce(), browser_mark(BROWSER)))
    assert signer.read_admission(text, BROWSER, NOW)
    assert signer.read_admission(text, BROWSER, NOW + SECOND) is None
    assert signer.read_admission(text, new_browser(), NOW) is None


class Hands:
    """A wall clock and a steady one, in nanoseconds, set by the test."""

    wall = steady = 10**18

    def pass_by(self, seconds: float, *, set_by: float = 0) -> None:
        self.wall += int((seconds + set_by) * 10**9)
        self.steady += int(seconds * 10**9)


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(-5000, 5000)), max_size=20))
def test_its_clock_never_runs_backwards(steps):
    hands = Hands()
    clock = Clock(lambda: hands.wall, lambda: hands.steady)
    last = clock.now()
    for seconds, set_by in steps:
        hands.pass_by(seconds, set_by=set_by)
        assert clock.now() >= last + int(seconds * SECOND) - 1
        last = clock.now()


def test_its_clock_reaches_what_others_saw():
    hands = Hands()
    clock = Clock(lambda: hands.wall, lambda: hands.steady)
    clock.reach(clock.now() + 3600 * SECOND)
    before = clock.now()
    hands.pass_by(2)
    assert clock.now() == before + 2 * SECOND
