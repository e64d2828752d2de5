"""An outage of the phone check opens by itself and says why, is closed by a clerk, and nobody loses a pass by it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from registry import issuing, policy
from registry.models import Citizen, Event, Outage, OutageRule, Provider, Spreading, Tag
from registry.reverification import arrivals, outages, spreading
from tests.factories import CitizenFactory, UserFactory
from tests.registry.codes import asked

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 22, 3, 0, tzinfo=UTC)  # 12:00 in Seoul
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def fresh():
    outages.forget()
    yield
    outages.forget()


@pytest.fixture
def clerk():
    return UserFactory(clerk=True)


def test_it_opens_by_itself_when_codes_stop_arriving_and_says_why():
    provider = Provider.objects.first()
    asked(30, at=NOON - 10 * MINUTE, every=10, provider=provider)
    asked(40, at=NOON - 5 * MINUTE, every=7, took=None, provider=provider)
    outage = outages.watch(NOON)
    assert outage.is_open and outage.opened_by is None and outage.opened_at == NOON
    assert outage.began_at == NOON - 5 * MINUTE
    assert outage.measured["arrived"] == 0 and outage.measured["asked"] > 30 and outage.measured["share"] == 0
    assert provider.name in outage.cause and "0" in outage.cause
    event = Event.objects.get(tag=Tag.OUTAGE_OPENED)
    assert event.actor is None and event.detail["arrived"] == 0
    assert outages.current() == outage and outages.extends()
    assert outages.watch(NOON + MINUTE) is None, "it is open"
    with override("en"):
        assert "0 arrived (0%)" in arrivals.in_words(outage.measured)


def test_it_stays_closed_while_codes_arrive():
    asked(60, at=NOON - 5 * MINUTE, every=5)
    assert outages.watch(NOON) is None


def test_it_does_not_take_a_burst_of_a_moment_ago_for_a_failure():
    asked(100, at=NOON - timedelta(seconds=40), every=0.2, took=None)
    assert outages.watch(NOON) is None
    assert outages.watch(NOON + MINUTE) is not None


def test_it_cannot_tell_by_a_handful():
    asked(OutageRule().least - 1, at=NOON - 4 * MINUTE, took=None)
    assert outages.watch(NOON) is None


def test_it_counts_what_came_late_or_was_reported_lost_and_not_numbers_that_were_refused():
    asked(10, at=NOON - 4 * MINUTE, took=90)
    asked(10, at=NOON - 4 * MINUTE, status="undelivered")
    asked(100, at=NOON - 4 * MINUTE, status="failed", took=None)
    outage = outages.watch(NOON)
    assert (outage.measured["asked"], outage.measured["arrived"]) == (20, 0)


def test_it_opens_when_codes_are_sent_and_hardly_one_is_given_back():
    asked(5, at=NOON - 8 * MINUTE)
    asked(55, at=NOON - 8 * MINUTE, every=3, confirmed=False)
    outage = outages.watch(NOON)
    assert outage.measured["kind"] == "not_given_back"
    assert "5" in outage.cause


def test_one_caller_cannot_declare_an_outage_by_giving_no_code_back():
    asked(20, at=NOON - 8 * MINUTE, every=5)
    asked(300, at=NOON - 8 * MINUTE, every=0.5, confirmed=False, callers=1)
    assert outages.watch(NOON) is None


def test_one_caller_cannot_declare_an_outage_by_numbers_that_nobody_has():
    asked(30, at=NOON - 4 * MINUTE, status="undelivered", callers=1)
    asked(18, at=NOON - 4 * MINUTE)
    assert outages.watch(NOON) is None
    asked(30, at=NOON - 4 * MINUTE, status="undelivered")
    assert outages.watch(NOON).measured["asked"] > 48


def test_it_follows_the_rule_that_a_clerk_set(clerk):
    asked(60, at=NOON - 5 * MINUTE, every=5, took=None)
    outages.change_rule(OutageRule(enabled=False), by=clerk)
    assert outages.watch(NOON) is None
    outages.change_rule(OutageRule(least=1000), by=clerk)
    assert outages.watch(NOON) is None
    assert Event.objects.filter(tag=Tag.OUTAGE_RULE_CHANGED).count() == 2
    outages.change_rule(OutageRule(share=10, minutes=2, least=5), by=clerk)
    assert outages.watch(NOON).measured["minutes"] == 2


def test_one_is_open_at_a_time(clerk):
    outages.open_(cause="점검", by=clerk, now=NOON)
    with pytest.raises(outages.AlreadyOpen):
        outages.open_(cause="또", by=clerk, now=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Outage.objects.create(opened_at=NOON, began_at=NOON, cause="x")
    assert Event.objects.filter(tag=Tag.OUTAGE_OPENED).count() == 1


def test_a_clerk_says_when_it_began_within_reason(clerk):
    for began_at in (NOON + MINUTE, NOON - timedelta(days=8)):
        with pytest.raises(outages.BadBeginning):
            outages.open_(cause="점검", by=clerk, now=NOON, began_at=began_at)
    outage = outages.open_(cause="점검", by=clerk, now=NOON, began_at=NOON - timedelta(hours=3))
    assert outages.as_json() == {"since": int((NOON - timedelta(hours=3)).timestamp() * 1000)}
    assert outage.opened_by == clerk


def test_it_is_closed_once_and_does_not_open_again_for_what_was_before(clerk):
    asked(60, at=NOON - 5 * MINUTE, every=5, took=None)
    outage = outages.watch(NOON)
    outages.close(outage, by=clerk, note="통신사 복구", now=NOON + MINUTE)
    with pytest.raises(outages.NotOpen):
        outages.close(outage, by=clerk, note="x", now=NOON + MINUTE)
    event = Event.objects.get(tag=Tag.OUTAGE_CLOSED)
    assert (event.actor, event.reason) == (clerk, "통신사 복구")
    assert outages.watch(NOON + 2 * MINUTE) is None


def test_nobody_loses_the_pass_between_the_end_and_the_new_due_dates(clerk):
    today = NOON.date()
    citizen = CitizenFactory(verified_at=NOON - timedelta(days=37), due_on=today - timedelta(days=7))
    outage = outages.open_(cause="점검", by=clerk, now=NOON)
    version = policy.in_force_on(today)
    tomorrow = today + timedelta(days=1)
    assert issuing.usable_until(citizen, version, today=tomorrow) >= tomorrow
    outages.close(outage, by=clerk, note="복구", now=NOON + MINUTE)
    outages.forget()
    assert outages.current() is None and outages.as_json() is None
    assert outages.extends() and issuing.usable_until(citizen, version, today=tomorrow) >= tomorrow
    assert spreading.carry_on(NOON + MINUTE) == 1
    outages.forget()
    assert not outages.extends()
    citizen.refresh_from_db()
    assert tomorrow <= citizen.due_on <= today + timedelta(days=8)
    assert issuing.usable_until(citizen, version, today=tomorrow) == citizen.due_on + timedelta(days=7)


def test_it_moves_whose_date_or_grace_fell_into_the_outage_and_nobody_else(clerk):
    today = NOON.date()
    due = {n: today + timedelta(days=n) for n in (-8, -7, -1, 0, 1, 20)}
    people = {n: CitizenFactory(verified_at=NOON - timedelta(days=30), due_on=day) for n, day in due.items()}
    outage = outages.open_(cause="점검", by=clerk, now=NOON)
    outages.close(outage, by=clerk, note="복구", now=NOON + timedelta(hours=5))
    assert spreading.carry_on(NOON + timedelta(hours=5)) == 3
    moved = {n for n, citizen in people.items() if Citizen.objects.get(pk=citizen.pk).due_on != due[n]}
    assert moved == {-7, -1, 0}
    row = Spreading.objects.get(outage=outage)
    assert (row.total, row.moved, row.plan) == (3, 3, []) and row.done_at
