"""The one table of periods: what a clerk may set within the law, what destroys by it, and what is told of it."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.utils import timezone

from checkins.log import retention
from checkins.models import DeadLetter, Refusal
from registry import history, jobs, periods, tasks
from registry.clerks import sign_ins
from registry.models import Disposal, Event, Job, Kept, PassRecord, Role, Tag
from registry.sms import outbox
from tests.checkins.conftest import at, day_key
from tests.factories import PassRecordFactory, ScannerFactory
from tests.registry.clerks import make_clerk, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def service():
    return make_clerk(Role.SERVICE, username="service")


def refusal(scanner, seq, at):
    row = {
        "venue": scanner.venue,
        "scanner": scanner,
        "seq": seq,
        "at": at,
        "verdict": "FOREIGN",
        "reference": f"A{seq}",
    }
    return Refusal.objects.create(**row)


def test_it_lets_a_clerk_set_a_period_within_the_law_and_writes_it_down(service, now):
    assert periods.days(Kept.MESSAGES) == 30
    periods.change(Kept.MESSAGES, 14, by=service, reason="짧게", now=now)
    assert periods.days(Kept.MESSAGES) == 14
    told = Event.objects.get(tag=Tag.PERIOD_CHANGED)
    assert (told.target, told.reason, told.detail) == ("period:messages", "짧게", {"before": 30, "after": 14})


@pytest.mark.parametrize(
    ("what", "days"),
    [(Kept.MESSAGES, 6), (Kept.MESSAGES, 91), (Kept.ACCESS_LOG, 730), (Kept.REFUSALS, 29), (Kept.CHECKS, 1)],
)
def test_it_refuses_what_the_law_does_not_allow_and_says_what_it_does(service, now, what, days):
    rule = periods.RULES[what]
    with pytest.raises(periods.OutsideTheLaw, match=f"{rule.least}.*{rule.most}"):
        periods.change(what, days, by=service, reason="", now=now)
    assert periods.days(what) == rule.days and not Event.objects.filter(tag=Tag.PERIOD_CHANGED).exists()


def test_it_does_not_move_what_guests_were_promised(service, now):
    for what in (Kept.ENTRIES, Kept.TAKEN_BACK):
        with pytest.raises(periods.Fixed, match="28"):
            periods.change(what, 27, by=service, reason="", now=now)
    assert timedelta(days=periods.RULES[Kept.ENTRIES].days) == retention.KEPT


def test_it_destroys_beside_the_log_by_the_period_of_each(fresh_log, service, now):
    scanner, today = ScannerFactory(), timezone.localdate()
    periods.change(Kept.REFUSALS, 3, by=service, reason="", now=now)
    for seq, days in ((1, 4), (2, 3)):
        seen = at(today - timedelta(days=days))
        refusal(scanner, seq, seen)
        DeadLetter.objects.create(scanner=scanner, seq=seq, at=seen, reason="MALFORMED", received_at=seen)
    retention.expire(today=today)
    assert [row.seq for row in Refusal.objects.all()] == [2]
    assert DeadLetter.objects.count() == 2
    assert [(row.what, row.count) for row in Disposal.objects.all()] == [("refusals", 1)]


def test_it_destroys_jobs_versions_notes_and_what_signing_in_left(service, now):
    ago = {what: now - timedelta(days=periods.days(what), seconds=1) for what in Kept}
    for finished in (ago[Kept.JOBS], now):
        Job.objects.create(kind="x", asked_by=service, asked_at=finished, finished_at=finished, state=Job.State.DONE)
    record = PassRecordFactory()
    record.save()
    newest = PassRecord.history.first()
    PassRecord.history.exclude(pk=newest.pk).update(history_date=ago[Kept.HISTORY])
    note = {"user": service, "content_type": ContentType.objects.first(), "action_flag": CHANGE, "object_repr": ""}
    LogEntry.objects.create(action_time=ago[Kept.HISTORY], **note)
    Session.objects.create(session_key="old", session_data="", expire_date=ago[Kept.SIGN_INS])
    Session.objects.create(session_key="new", session_data="", expire_date=now)
    assert (jobs.forget(now), history.forget(now), sign_ins.forget(now), outbox.forget(now)) == (1, 2, 1, 0)
    assert Job.objects.count() == Session.objects.count() == 1 and list(PassRecord.history.all()) == [newest]
    gone = dict(Disposal.objects.values_list("what", "count"))
    assert gone == {"jobs": 1, "history": 2, "sign_ins": 1}


def test_what_cannot_be_destroyed_holds_up_nothing_else(monkeypatch, now):
    def broken(now):
        raise ValueError

    monkeypatch.setattr(tasks, "FORGETTING", (broken, sign_ins.forget))
    past = now - timedelta(days=periods.days(Kept.SIGN_INS) + 1)
    Session.objects.create(session_key="old", session_data="", expire_date=past)
    with pytest.raises(ValueError):
        tasks.forget_checks()
    assert not Session.objects.exists()


def test_it_sums_what_was_destroyed_on_a_day(now):
    for count in (2, 0, 3):
        assert periods.destroyed(Kept.CHECKS, count, now) == count
    assert Disposal.objects.get().count == 5


def test_it_shows_every_period_to_every_desk_and_lets_the_service_desk_set_them(service, now):
    page = "/admin/registry/period/"
    client = sign_in(make_clerk(Role.AUDITOR, username="auditor"))
    shown = client.get(page).content.decode()
    assert all(str(kept.label) in shown for kept in Kept) and "messages/days/" not in shown
    assert client.get(f"{page}messages/days/").status_code == 403
    client = sign_in(service)
    assert "messages/days/" in client.get(page).content.decode()
    refused = client.post(f"{page}messages/days/", {"days": 400, "reason": "길게"})
    assert refused.status_code == 200 and "7" in refused.content.decode() and "90" in refused.content.decode()
    assert client.post(f"{page}messages/days/", {"days": 60, "reason": "길게"}).status_code == 302
    assert periods.days(Kept.MESSAGES) == 60
    for wrong in ("entries", "nothing"):
        assert client.get(f"{page}{wrong}/days/").status_code == 404


def test_it_prints_a_certificate_of_a_month_in_both_languages(fresh_log, service, now):
    today = timezone.localdate()
    day_key(today - timedelta(days=29))
    retention.expire(today=today)
    periods.destroyed(Kept.CHECKS, 12345, now)
    client = sign_in(service)
    sheet = client.get(f"/admin/registry/period/certificate/{today.year}/{today.month}/").content.decode()
    end = (today - timedelta(days=29)).isoformat()
    for told in (end, "12,345", "Certificate of destruction", "파기 확인서", service.get_username()):
        assert told in sheet
    ahead = (today.replace(day=1) + timedelta(days=31)).replace(day=1)
    for wrong in (f"{today.year}/13", f"{ahead.year}/{ahead.month}", "2019/12"):
        assert client.get(f"/admin/registry/period/certificate/{wrong}/").status_code == 404
