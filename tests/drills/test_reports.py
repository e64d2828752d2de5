"""What a drill prints: the table, the promises, the load it stands by, the chart."""

from xml.etree import ElementTree

from drills.chart import nice, svg
from drills.report import Chart, Line, Load, Promise, Report, percentile, table


def _report(*promises: Promise) -> Report:
    chart = Chart("A title", "seconds", "people", [Line("one", [(0, 1.0), (1, 2.0)])], [(0, 1, "down")])
    return Report("drill", ["when", "people"], [["0–5", 12]], list(promises), chart)


def test_it_aligns_numbers_to_the_right_and_counts_korean_letters_twice():
    assert table(["when", "n"], [["가나", 1234], ["a", 5]]) == "when      n\n가나  1,234\na         5"


def test_it_holds_only_when_every_promise_does():
    held, broken = Promise("one", True, "1 of 1"), Promise("two", False, "0 of 1")

    assert _report(held).held
    assert not _report(held, broken).held
    assert not _report().held
    assert "BROKEN  two: 0 of 1" in _report(held, broken).text()


def test_a_load_below_its_multiple_breaks_the_drill():
    assert Load(given=2000, capacity=100, stated=20).promise.held
    assert not Load(given=1999, capacity=100, stated=20).promise.held
    assert not Load(given=1999, capacity=0, stated=20).promise.held


def test_percentiles_are_by_nearest_rank():
    values = list(range(1, 101))

    assert (percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1.0)) == (50, 99, 100)
    assert percentile([], 0.99) == 0


def test_the_chart_is_whole_and_says_what_it_shows():
    drawn = ElementTree.fromstring(svg(_report(Promise("one", True, "")).chart))

    assert drawn.get("aria-label") == "A title. people: one."
    assert "prefers-color-scheme: dark" in "".join(drawn.itertext())
    assert len(drawn.findall("{http://www.w3.org/2000/svg}polyline")) == 1


def test_an_axis_ends_at_a_round_number():
    assert [nice(value) for value in (0.9, 1.0, 3, 21, 260)] == [1, 1, 5, 25, 500]
