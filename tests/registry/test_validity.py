"""What records mean on a day: the worked examples of the rules, and properties that hold for all records."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.seeding import read
from registry.validity import SEOUL, Basis, InvalidRules, Record, Rules, Span, spans, standing, turns

RULES_JSON = read("policies.json")[1]["rules"]  # 2022-01-03
RULES = Rules.from_json(RULES_JSON)
BEFORE = Rules.from_json(read("policies.json")[0]["rules"])  # no end to validity
ADULT = date(1990, 1, 1)


def dose(day: str, number: int = 2, doses: int = 2) -> Record:
    return Record("vaccination", date.fromisoformat(day), dose=number, primary_doses=doses)


def pcr(at: str) -> Record:
    result_at = datetime.fromisoformat(at).replace(tzinfo=SEOUL)
    return Record("pcr_negative", result_at.date(), result_at=result_at)


def on(day: str, *records: Record, born: date = ADULT, rules: Rules = RULES):
    return standing(spans(records, born, rules), date.fromisoformat(day))


@pytest.mark.parametrize(
    ("records", "day", "basis", "until"),
    [
        # second dose: day 15 to day 180
        ([dose("2021-07-10")], "2022-01-03", "PRIMARY", "2022-01-06"),
        ([dose("2021-07-10")], "2022-01-06", "PRIMARY", "2022-01-06"),
        ([dose("2021-07-10")], "2022-01-07", None, None),
        ([dose("2021-07-07")], "2022-01-03", "PRIMARY", "2022-01-03"),
        ([dose("2021-07-06")], "2022-01-03", None, None),
        ([dose("2021-12-19")], "2022-01-02", None, None),
        ([dose("2021-12-19")], "2022-01-03", "PRIMARY", "2022-06-17"),
        # a first of two doses is none; Janssen's first is the whole course, its second a booster
        ([dose("2021-12-01", number=1)], "2022-01-03", None, None),
        ([dose("2021-12-19", number=1, doses=1)], "2022-01-03", "PRIMARY", "2022-06-17"),
        ([dose("2022-01-03", number=2, doses=1)], "2022-01-03", "BOOSTER", None),
        # third dose: at once and without end, also where the second has run out
        ([dose("2021-07-06"), dose("2022-01-03", number=3)], "2022-01-03", "BOOSTER", None),
        ([dose("2021-07-01"), dose("2022-01-03", number=3)], "2022-01-02", None, None),
        # a second dose that runs on into a booster has no end
        ([dose("2021-07-10"), dose("2022-01-05", number=3)], "2022-01-04", "PRIMARY", None),
        # PCR: to the midnight that ends the day of result + 48 h
        ([pcr("2022-01-01T10:00")], "2022-01-03", "PCR_NEGATIVE", "2022-01-03"),
        ([pcr("2022-01-01T10:00")], "2022-01-04", None, None),
        ([pcr("2022-01-01T00:00")], "2022-01-03", "PCR_NEGATIVE", "2022-01-03"),
        ([pcr("2022-01-01T23:59")], "2022-01-03", "PCR_NEGATIVE", "2022-01-03"),
        # recovered: 180 days from release
        ([Record("recovery", date(2021, 7, 7))], "2022-01-03", "RECOVERY", "2022-01-03"),
        ([Record("recovery", date(2021, 7, 6))], "2022-01-03", None, None),
        # exemption: no end, for immunodeficiency 180 days
        ([Record("exemption", date(2021, 1, 1))], "2022-01-03", "EXEMPTION", None),
        ([Record("exemption", date(2021, 7, 7), immunodeficiency=True)], "2022-01-03", "EXEMPTION", "2022-01-03"),
        ([Record("exemption", date(2021, 7, 6), immunodeficiency=True)], "2022-01-03", None, None),
    ],
)
def test_it_reads_the_worked_examples(records, day, basis, until):
    found = on(day, *records)
    assert (found.basis, found.until and found.until.isoformat()) == (basis, until)


def test_it_exempts_those_born_on_or_after_the_policys_date():
    assert on("2022-01-03", born=date(2003, 1, 1)).basis is Basis.AGE
    assert not on("2022-01-03", born=date(2002, 12, 31)).valid


def test_it_tells_what_ended_last_and_what_starts_next_where_nothing_holds():
    course = [dose("2021-01-01", number=1), dose("2021-07-01")]
    before, after = on("2021-07-15", *course), on("2022-01-03", *course, pcr("2021-12-01T10:00"))
    assert (before.ended, before.starts) == (None, Span(Basis.PRIMARY, date(2021, 7, 16), date(2021, 12, 28)))
    assert (after.ended, after.starts) == (before.starts, None)
    never, valid = on("2022-01-03"), on("2021-12-28", *course)
    assert (never.ended, never.starts, valid.ended, valid.starts) == (None, None, None, None)


def test_it_had_no_end_of_validity_before_2022():
    assert on("2021-12-31", dose("2021-03-01"), rules=BEFORE).until is None


@pytest.mark.parametrize(
    "change",
    [
        {"primary_until": "180"},
        {"primary_from": None},
        {"pcr_hours": True},
        {"recovery_until": -1},
        {"exempt_born_from": "yesterday"},
        {"surprise": 1},
    ],
)
def test_it_names_what_is_wrong_with_rules(change):
    with pytest.raises(InvalidRules, match=next(iter(change))):
        Rules.from_json(RULES_JSON | change)


days = st.dates(date(2021, 1, 1), date(2023, 1, 1))
records = st.one_of(
    st.builds(Record, st.just("vaccination"), days, dose=st.integers(1, 4), primary_doses=st.integers(1, 3)),
    st.builds(lambda day: Record("recovery", day), days),
    st.builds(lambda day, weak: Record("exemption", day, immunodeficiency=weak), days, st.booleans()),
    st.datetimes(datetime(2021, 1, 1), datetime(2023, 1, 1)).map(lambda at: pcr(at.isoformat())),
)


@given(st.lists(records, max_size=5), days)
def test_it_holds_through_until_and_not_a_day_longer(found, day):
    all_spans = spans(found, ADULT, RULES)
    state = standing(all_spans, day)
    if state.until is not None:
        assert state.until >= day
        assert standing(all_spans, state.until).valid
        assert not standing(all_spans, state.until + timedelta(days=1)).valid
    elif state.valid:
        assert standing(all_spans, date(2100, 1, 1)).valid
    else:
        assert not any(one.covers(day) for one in all_spans)


@given(st.lists(records, max_size=4), records, days)
def test_it_never_takes_a_pass_away_for_one_more_record(found, more, day):
    before, after = (standing(spans(rows, ADULT, RULES), day) for rows in (found, [*found, more]))
    assert after.valid >= before.valid
    if before.valid and after.until is not None:
        assert before.until is not None
        assert after.until >= before.until


@given(st.lists(records, max_size=4), days, st.randoms())
def test_it_does_not_depend_on_the_order_of_records(found, day, random):
    shuffled = random.sample(found, len(found))
    one, other = (standing(spans(rows, ADULT, RULES), day) for rows in (found, shuffled))
    assert one == other


@given(st.lists(records, max_size=4), days)
def test_it_stays_the_same_from_one_turn_to_the_next(found, day):
    all_spans = spans(found, ADULT, RULES)
    if day not in turns(all_spans):
        assert standing(all_spans, day) == standing(all_spans, day - timedelta(days=1))


def test_it_covers_both_ends():
    span = Span(Basis.PRIMARY, date(2022, 1, 1), date(2022, 1, 3))
    assert [span.covers(date(2022, 1, d)) for d in (1, 2, 3, 4)] == [True, True, True, False]
