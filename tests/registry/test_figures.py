"""What the desk's charts are drawn from: due dates, ending passes and phone checks, by region and day or hour."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from registry import figures
from registry.models import Figure, Spreading, Verification
from registry.reverification import endings
from registry.validity import SEOUL
from tests.factories import CitizenFactory, PassRecordFactory

pytestmark = pytest.mark.django_db
What = Figure.What
NOW = timezone.now()
TODAY = timezone.localdate(NOW)


def numbers(what, *, region="", days=figures.DAYS):
    found = figures.of([what], TODAY - timedelta(days=1), TODAY + timedelta(days=days), region=region)[what].numbers
    return {(day - TODAY).days: number for (day, _hour), number in found.items() if number}


def test_it_counts_who_is_due_on_each_day_by_region_and_not_whom_another_carries():
    def due(days, **more):
        return CitizenFactory(verified_at=NOW, due_on=TODAY + timedelta(days=days), **more)

    guardian = due(3, region="11680")
    due(3, region="11110")
    due(5, region="26110")
    due(5, region="")
    due(3, region="11680", guardian=guardian, relation="child", name="홍아이")
    due(figures.DAYS, region="11680")
    figures.count_due(NOW)
    assert numbers(What.DUE) == {3: 2, 5: 2}
    assert numbers(What.DUE, region="11680") == {3: 1}
    assert numbers(What.DUE, region="11") == {3: 2}
    assert numbers(What.DUE, region="99") == {}


def test_it_counts_the_passes_that_end_with_their_records_as_reminders_find_them():
    def record(ends_in, until=180, **more):
        return PassRecordFactory(day=TODAY + timedelta(days=ends_in - until), citizen__region="11680", **more)

    plain, boosted, revoked, recovered = (
        record(4),
        record(4),
        record(4),
        record(6, kind="recovery", vaccine_id=None, dose=None),
    )
    PassRecordFactory(citizen=boosted.citizen, day=TODAY - timedelta(days=10), dose=3)
    type(revoked).objects.filter(pk=revoked.pk).update(revoked_at=NOW)
    PassRecordFactory(citizen=recovered.citizen, day=TODAY - timedelta(days=170))
    record(4, pcr=True)
    figures.count_endings(NOW)
    assert numbers(What.PASS_ENDS, region="11680") == numbers(What.PASS_ENDS)
    people = [each.citizen_id for each in (plain, boosted, revoked, recovered)]
    told = {ends: endings.ending(people, TODAY + timedelta(days=ends)) for ends in range(figures.DAYS)}
    assert numbers(What.PASS_ENDS) == {ends: len(them) for ends, them in told.items() if them} == {4: 1, 10: 1}


def test_it_counts_phone_checks_by_the_hour_and_leaves_hours_alone_that_change_no_more():
    noon = datetime.combine(TODAY, datetime.min.time(), SEOUL) + timedelta(hours=12, minutes=30)

    def check(at, confirmed):
        Verification.objects.create(
            phone="+821000000001", phone_index=b"1", address_index=b"1", started_at=at,
            confirmed_at=at if confirmed else None,
        )  # fmt: skip

    def read():
        found = figures.of([What.CHECKS_BEGUN, What.CHECKS_DONE], TODAY, TODAY)
        return [{hour: n for (_day, hour), n in found[what].numbers.items() if n} for what in found]

    check(noon, True)
    check(noon, False)
    check(noon - timedelta(hours=3), True)
    figures.count_checks(noon)
    assert read() == [{12: 2, 9: 1}, {12: 1, 9: 1}]
    Verification.objects.filter(started_at__lt=noon).delete()
    check(noon, True)
    figures.count_checks(noon + timedelta(minutes=1))
    assert read() == [{12: 3, 9: 1}, {12: 2, 9: 1}]


def test_it_says_when_it_was_counted_and_nothing_where_it_was_not():
    assert figures.of([What.DUE], TODAY, TODAY)[What.DUE] == figures.Series()
    figures.count_due(NOW)
    assert figures.of([What.DUE], TODAY, TODAY)[What.DUE] == figures.Series({(TODAY, 0): 0}, NOW)


def test_a_forecast_is_of_what_was_counted_until_it_is_old_or_dates_were_moved():
    def due(now):
        return figures.due(TODAY, TODAY + timedelta(days=5), now=now)

    figures.count_due(NOW)
    CitizenFactory(verified_at=NOW, due_on=TODAY + timedelta(days=3))
    assert not any(due(NOW + timedelta(minutes=1)).values())
    assert due(NOW + figures.FRESH * 2) == {TODAY + timedelta(days=3): 1}
    day, later = TODAY + timedelta(days=9), NOW + timedelta(seconds=30)
    Spreading.objects.create(due_from=day, due_to=day, onto_from=day, onto_to=day, started_at=NOW, done_at=later)
    assert due(NOW + timedelta(minutes=1)) == {TODAY + timedelta(days=3): 1}


def test_it_keeps_no_figures_of_long_ago():
    old = TODAY - figures.KEPT - timedelta(days=1)
    figures.keep(What.DUE, {}, [(old, 0), (TODAY, 0)], now=NOW)
    assert figures.forget(NOW) == 1
    assert Figure.objects.get().day == TODAY
