"""What must not be published, and how two policies differ in words. By table and by property."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.models import PolicyVersion
from registry.policymaking import checks, words
from registry.seeding import read
from registry.validity import SEOUL, Basis, Record, Rules, Tier, span

RULES = Rules.from_json(read("policies.json")[1]["rules"])
ALL = RULES.boosters[0]
TODAY = date(2026, 3, 10)


def fields(rules: Rules) -> list[str]:
    return [problem.field for problem in checks.of_rules(rules)]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({}, []),
        ({"primary_until": 15}, []),
        ({"primary_until": 14}, ["primary_until"]),
        ({"primary_until": 14, "ignored": frozenset({Basis.PRIMARY})}, []),
        ({"recovery_from": 11, "recovery_until": 10}, ["recovery_until"]),
        ({"exemption_from": 200}, ["immunodeficiency_until"]),
        ({"pcr_hours": 23}, []),
        ({"pcr_hours": 23, "pcr_end_of_day": False}, ["pcr_hours"]),
        ({"boosters": ()}, []),
        ({"boosters": (Tier(1, None, 10, 9),)}, ["tier1_until"]),
        ({"boosters": (Tier(2, None, 0, None),)}, ["tier1_first"]),
        ({"boosters": (Tier(1, 1, 0, 180), Tier(2, None, 0, None))}, []),
        ({"boosters": (Tier(2, None, 0, None), Tier(1, 1, 0, 180))}, []),
        ({"boosters": (Tier(1, 2, 0, 180), Tier(2, None, 0, None))}, ["tier2_first"]),
        ({"boosters": (Tier(1, 1, 0, 180), Tier(3, None, 0, None))}, ["tier2_first"]),
        ({"boosters": (Tier(1, None, 0, 180), Tier(2, None, 0, None))}, ["tier2_first"]),
        ({"boosters": (Tier(1, 3, 0, 180),)}, ["tier1_last"]),
        ({"boosters": (), "ignored": frozenset(Basis) - {Basis.AGE, Basis.BOOSTER}}, []),
        ({"boosters": (), "exempt_born_from": None, "ignored": frozenset(Basis) - {Basis.AGE, Basis.BOOSTER}}, [""]),
    ],
)
def test_it_refuses_windows_that_never_hold_and_doses_with_two_rules_or_none(change, where):
    assert fields(replace(RULES, **change)) == where


tiers = st.lists(
    st.builds(Tier, st.integers(1, 5), st.none() | st.integers(1, 6), st.integers(0, 3), st.none() | st.integers(0, 4)),
    min_size=1,
    max_size=4,
)


@given(tiers)
def test_it_accepts_rows_exactly_where_every_further_dose_has_one_rule_that_can_hold(given_tiers):
    sound = not fields(replace(RULES, boosters=tuple(given_tiers)))
    one_each = all(sum(tier.has(dose) for tier in given_tiers) == 1 for dose in range(1, 30))
    can_hold = all(tier.until is None or tier.since <= tier.until for tier in given_tiers)
    none_empty = all(tier.last is None or tier.first <= tier.last for tier in given_tiers)
    assert sound == (one_each and can_hold and none_empty)


@given(tiers)
def test_rules_are_the_same_after_they_were_written_and_read(given_tiers):
    rules = replace(RULES, boosters=tuple(given_tiers), ignored=frozenset({Basis.RECOVERY}), pcr_end_of_day=False)
    assert Rules.from_json(rules.as_json()) == rules


def test_rules_of_before_there_were_rows_for_doses_read_as_one_row_for_all():
    assert RULES.boosters == (Tier(1, None, 0, None),)
    assert Rules.from_json(RULES.as_json()) == RULES


def test_each_further_dose_counts_by_its_own_row():
    rules = replace(RULES, boosters=(Tier(1, 1, 0, 90), Tier(2, None, 7, None)))
    third, fourth = (Record("vaccination", TODAY, dose=dose) for dose in (3, 4))
    assert span(third, rules).until == date(2026, 6, 8)
    assert (span(fourth, rules).since, span(fourth, rules).until) == (date(2026, 3, 17), None)


def test_what_does_not_count_gives_no_pass_and_a_test_may_end_with_its_last_full_day():
    test = Record("pcr_negative", TODAY, result_at=datetime(2026, 3, 10, 10, tzinfo=SEOUL))
    assert span(test, RULES).until == date(2026, 3, 12)
    assert span(test, replace(RULES, pcr_end_of_day=False)).until == date(2026, 3, 11)
    assert span(test, replace(RULES, ignored=frozenset({Basis.PCR_NEGATIVE}))) is None


def version(number: int, day: date, *, floor: date | None = None) -> PolicyVersion:
    return PolicyVersion(number=number, title="x", effective_on=day, floor_from=floor)


def on(day: int) -> date:
    return date(2026, 4, day)


@pytest.mark.parametrize(
    ("draft", "others", "where"),
    [
        (version(9, on(1)), [], []),
        (version(9, TODAY), [], []),
        (version(9, date(2026, 3, 9)), [], ["effective_on"]),
        (version(9, on(1)), [version(3, on(1))], ["effective_on"]),
        (version(9, on(2), floor=on(1)), [], ["floor_from"]),
        # Passes of an older draft that comes into force later would be refused, whichever of the two has the floor.
        (version(9, on(1), floor=on(5)), [version(3, on(10))], ["floor_from"]),
        (version(9, on(1), floor=on(5)), [version(3, on(10)), version(4, on(20))], ["floor_from", "floor_from"]),
        (version(3, on(10)), [version(9, on(1), floor=on(5))], ["effective_on"]),
        (version(3, on(1)), [version(9, on(5), floor=on(5))], []),
        (version(9, on(1), floor=on(5)), [version(10, on(10))], []),
        (version(9, on(10), floor=on(10)), [version(3, on(1))], []),
    ],
)
def test_it_refuses_days_that_clash_and_a_floor_that_shuts_out_passes_in_force(draft, others, where):
    assert [problem.field for problem in checks.of_days(draft, others, today=TODAY)] == where


def test_it_tells_in_words_exactly_what_differs():
    after = replace(RULES, primary_until=90, boosters=(Tier(1, 1, 0, 90), Tier(2, None, 0, None)))
    found = words.compare(words.rules(RULES), words.rules(after))
    assert [(change.before != "", change.after != "") for change in found] == [
        (True, True),
        (False, True),
        (False, True),
        (True, False),
    ]
    assert "180" in found[0].before and "90" in found[0].after


@given(st.integers(0, 400), st.integers(0, 400), st.booleans())
def test_rules_differ_in_words_exactly_where_they_differ(one, other, counts):
    ignored = frozenset() if counts else frozenset({Basis.RECOVERY})
    first, second = (replace(RULES, recovery_until=days, ignored=ignored) for days in (one, other))
    assert bool(words.compare(words.rules(first), words.rules(second))) == (counts and one != other)
