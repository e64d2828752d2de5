"""From being seen at a door to having been there: by table."""

from datetime import UTC, datetime, timedelta

import pytest

from checkins.stays import stays

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def moment(minutes):
    return NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ([(0, False), (30, True)], [(0, 30, True)]),
        ([(30, True), (0, False)], [(0, 30, True)]),
        ([(0, False)], [(0, 60, False)]),
        ([(0, True)], [(-60, 0, False)]),
        ([(0, False), (50, False)], [(0, 110, False)]),
        ([(0, False), (90, False)], [(0, 60, False), (90, 150, False)]),
        ([(0, False), (90, False), (100, True)], [(0, 60, False), (90, 100, True)]),
        ([(0, False), (720, True)], [(0, 720, True)]),
        ([(0, False), (721, True)], [(0, 60, False), (661, 721, False)]),
        ([], []),
    ],
)
def test_it_says_from_when_until_when_and_whether_both_were_seen(seen, expected):
    found = stays([(moment(at), leaving) for at, leaving in seen], HOUR)
    assert [(stay.since, stay.until, stay.seen) for stay in found] == [
        (moment(since), moment(until), seen) for since, until, seen in expected
    ]


def test_it_counts_what_lies_within_a_window_and_meets_it_at_its_first_moment():
    [stay] = stays([(moment(0), False), (moment(30), True)], HOUR)
    assert stay.overlap(moment(10), moment(20)) == timedelta(minutes=10)
    assert stay.overlap(moment(-10), moment(5)) == timedelta(minutes=5)
    assert stay.overlap(moment(40), moment(50)) == timedelta(0)
    assert stay.meets(moment(30), moment(40)) and not stay.meets(moment(31), moment(40))
    assert not stay.meets(moment(-10), moment(0)), "who comes at the end of a window was not there within it"
