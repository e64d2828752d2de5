"""SMS before a phone check is due and before a pass ends: few, by day, once, and none that is not needed."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from registry import policy, vault
from registry.models import Citizen, Device, Message, Outage, PassRecord, PolicyVersion, Reminder
from registry.reverification import outages, reminders
from registry.validity import SEOUL
from tests.factories import CitizenFactory, PassRecordFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 10)
MORNING = datetime(2026, 3, 9, 21, 5, tzinfo=UTC)  # 06:05 on the 10th in Seoul
EVENING = datetime(2026, 3, 10, 10, 59, tzinfo=UTC)  # 19:59


@pytest.fixture(autouse=True)
def fresh():
    outages.forget()
    policy.forget()
    yield
    outages.forget()
    policy.forget()


@pytest.fixture(autouse=True)
def rules():
    """The rules of January 2022 in force on these days."""
    given = PolicyVersion.objects.get(effective_on="2022-01-03").rules
    PolicyVersion.objects.create(title="시험", effective_on="2026-01-01", rules=given, published_at=timezone.now())


def day(n: int) -> date:
    return TODAY + timedelta(days=n)


def holder(*, due: int = 20, **fields) -> Citizen:
    """Somebody who carries a pass on a phone."""
    citizen = CitizenFactory(verified_at=MORNING - timedelta(days=10), due_on=day(due), **fields)
    Device.objects.create(
        citizen=citizen, public_key=b"k", token_hash=str(citizen.pk).encode(), created_at=MORNING, seen_at=MORNING
    )
    return citizen


def planned() -> set[tuple]:
    return set(Reminder.objects.values_list("citizen_id", "kind", "on", "days_before"))


def texts() -> list[str]:
    return [message.text for message in Message.objects.filter(purpose="reminder").order_by("created_at")]


def plan_endings(now=MORNING):
    for days in reminders.BEFORE_END:
        assert reminders.plan_endings(now, days) is None


def test_it_reminds_before_the_due_date_and_before_the_grace_ends_and_not_in_between():
    people = {n: holder(due=n) for n in range(-9, 6)}
    assert reminders.plan_checks(MORNING) == 3
    assert planned() == {
        (people[2].pk, "phone_check", day(2), 2),
        (people[1].pk, "phone_check", day(1), 2),  # yesterday's, where a pause left it out
        (people[-6].pk, "phone_check", day(1), 1),
    }
    assert reminders.plan_checks(MORNING) == 0


def test_it_goes_through_a_crowd_in_chunks(monkeypatch):
    monkeypatch.setattr(reminders, "CHUNK", 2)
    people = {holder(due=2).pk for _ in range(5)}
    assert reminders.plan_checks(MORNING) == 5
    assert {pk for pk, *_about in planned()} == people


def test_it_reminds_nobody_without_a_phone_that_carries_the_pass():
    CitizenFactory(verified_at=MORNING, due_on=day(2))
    parent = holder(due=20)
    CitizenFactory(verified_at=MORNING, due_on=day(2), guardian=parent, relation="child")
    Device.objects.filter(citizen=holder(due=2)).update(ended_at=MORNING)
    assert reminders.plan_checks(MORNING) == 0


def test_it_spreads_them_over_the_day():
    for _ in range(40):
        holder(due=2)
    reminders.plan_checks(MORNING)
    moments = [each.astimezone(SEOUL) for each in Reminder.objects.values_list("send_at", flat=True)]
    assert all(moment.date() == TODAY and 9 <= moment.hour < 20 for moment in moments)
    assert len({moment.hour for moment in moments}) >= 6
    assert reminders.plan_checks(EVENING + timedelta(minutes=5)) == 0, "no more in the evening"


def test_it_sends_each_once_in_the_language_of_the_person():
    holder(due=2)
    holder(due=2, language="en")
    reminders.plan_checks(MORNING)
    assert reminders.sweep(MORNING) == 0, "nothing at night"
    assert reminders.sweep(EVENING) == 2
    assert reminders.sweep(EVENING) == 0
    korean, english = sorted(texts(), reverse=True)
    assert "3월 12일" in korean and "12 Mar" in english
    assert not Reminder.objects.filter(done_at=None).exists()


def test_it_leaves_out_who_renewed_meanwhile_and_what_is_of_yesterday():
    renewed, late = holder(due=2), holder(due=2)
    reminders.plan_checks(MORNING)
    Citizen.objects.filter(pk=renewed.pk).update(due_on=day(28))
    Reminder.objects.filter(citizen=late).update(send_at=EVENING - timedelta(days=1))
    assert reminders.sweep(EVENING) == 0
    assert not Reminder.objects.filter(done_at=None).exists() and texts() == []


def test_in_an_outage_nobody_is_asked_to_check_the_phone():
    holder(due=2)
    holder(due=1)
    reminders.plan_checks(MORNING)
    Outage.objects.create(opened_at=MORNING, began_at=MORNING, cause="x")
    outages.forget()
    assert reminders.sweep(EVENING) == 0
    assert Reminder.objects.filter(done_at=None).count() == 2
    holder(due=2)
    assert reminders.plan_checks(MORNING) == 0


def test_it_tells_before_the_records_come_to_their_end_and_only_then():
    second = {n: holder() for n in (1, 2, 7, 14)}
    for n, citizen in second.items():
        PassRecordFactory(citizen=citizen, day=day(n) - timedelta(days=180))
    boosted = holder()
    PassRecordFactory(citizen=boosted, day=day(7) - timedelta(days=180))
    PassRecordFactory(citizen=boosted, day=day(-30), dose=3)
    tested = holder()
    PassRecordFactory(citizen=tested, pcr=True, result_at=MORNING - timedelta(days=1))
    unchecked = CitizenFactory()
    PassRecordFactory(citizen=unchecked, day=day(7) - timedelta(days=180))
    recovered = holder()
    kind = PassRecord.Kind.RECOVERY
    PassRecordFactory(citizen=recovered, kind=kind, vaccine_id=None, dose=None, day=day(14) - timedelta(days=180))
    plan_endings()
    plan_endings()
    ends = {(second[n].pk, "pass_ends", day(n), n) for n in (1, 7, 14)}
    assert planned() == ends | {(recovered.pk, "pass_ends", day(14), 14)}
    assert reminders.sweep(EVENING) == 4
    assert any("3월 24일" in text for text in texts())


def test_it_tells_whom_a_coming_policy_ends_the_pass():
    citizen = holder()
    PassRecordFactory(citizen=citizen, day=day(-170))  # by the rules of today until day 10
    version = PolicyVersion.objects.get(title="시험")
    rules = version.rules | {"primary_until": 90}
    PolicyVersion.objects.create(title="90일", effective_on=day(8), rules=rules, published_at=timezone.now())
    policy.forget()
    plan_endings()
    assert planned() == {(citizen.pk, "pass_ends", day(7), 7)}


def test_it_does_not_tell_who_got_a_booster_meanwhile():
    citizen = holder()
    PassRecordFactory(citizen=citizen, day=day(7) - timedelta(days=180))
    plan_endings()
    PassRecordFactory(citizen=citizen, day=TODAY, dose=3)
    assert reminders.sweep(EVENING) == 0 and texts() == []


def test_it_goes_on_where_time_ran_out(monkeypatch):
    people = [holder() for _ in range(7)]
    for citizen in people:
        PassRecordFactory(citizen=citizen, day=day(7) - timedelta(days=180))
    monkeypatch.setattr(reminders, "CHUNK", 3)
    monkeypatch.setattr(reminders, "SECONDS", -1)
    after, calls = reminders.endings.FIRST, 0
    while after:
        after, calls = reminders.plan_endings(MORNING, 7, after), calls + 1
    assert calls == 4 and Reminder.objects.count() == 7


def test_it_plans_by_seoul_days():
    assert vault.today(MORNING) == TODAY
    assert reminders.hours(EVENING + timedelta(minutes=2)) is None
    opens, closes = reminders.hours(MORNING)
    assert (opens.hour, closes.hour) == (9, 20)
