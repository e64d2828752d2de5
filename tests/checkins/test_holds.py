"""A day under a legal hold is kept past its 28 days, by two people, for a time; then it goes with the next night."""

from datetime import timedelta

import pytest
from django.utils import timezone

from checkins import holds
from checkins.log import partitions, retention
from checkins.models import LegalHold
from registry import approvals
from registry.errors import DomainError
from registry.models import Approval, DayKey, Event, Role, Tag
from tests.checkins.conftest import at, day_key, person
from tests.registry.clerks import make_clerk, sign_in
from tests.registry.crowds import while_held

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def old(door, today):
    """A day past its 28 days, with an entry and a key."""
    day = today - timedelta(days=29)
    day_key(day)
    assert door.upload(person(day).scan(1, at(day)), now=at(day, "13:00:00")) == {1: "stored"}
    return day


@pytest.fixture
def two():
    return tuple(make_clerk(Role.INVESTIGATOR, username=name) for name in ("first", "second"))


def place(day, by, now, **changed):
    asked = {"case_number": "2026-서울-017", "until": timezone.localdate(now) + timedelta(days=20), "reason": "추적 중"}
    return holds.place(day, day, by=by, now=now, **(asked | changed))


def granted(hold, by, now, deed=holds.PLACE):
    approvals.grant(Approval.objects.get(target=f"legalhold:{hold.pk}", deed=deed, state="asked"), by=by, now=now)
    hold.refresh_from_db()
    return hold


def test_it_keeps_a_held_day_with_its_key_and_destroys_it_once_two_have_released_it(old, today, now, two):
    hold = granted(place(old, two[0], now), two[1], now)
    assert retention.expire(today=today) == []
    assert old in partitions.attached() and DayKey.objects.filter(day=old).exists()
    with pytest.raises(retention.Held):
        retention.intend(old)
    holds.release(hold, reason="종결", by=two[1], now=now)
    assert retention.expire(today=today) == [], "one person alone releases nothing"
    granted(hold, two[0], now, holds.RELEASE)
    assert retention.expire(today=today) == [old]
    told = Event.objects.filter(target=f"legalhold:{hold.pk}").order_by("pk")
    assert [event.tag for event in told] == [Tag.HOLD_PLACED, Tag.HOLD_RELEASED]
    assert told[0].detail["case"] == "2026-서울-017" and told[0].reason == "추적 중"


def test_it_holds_nothing_before_a_second_person_has_granted_it(old, today, now, two):
    hold = place(old, two[0], now)
    with pytest.raises(approvals.OwnRequest):
        granted(hold, two[0], now)
    assert retention.expire(today=today) == [old]
    with pytest.raises(holds.Gone):
        granted(hold, two[1], now)
    assert LegalHold.objects.get().granted_at is None


def test_it_ends_by_itself_on_its_day_and_is_renewed_by_two_before(old, today, now, two):
    hold = granted(place(old, two[0], now), two[1], now)
    assert not LegalHold.objects.ending(today).exists()
    assert LegalHold.objects.ending(hold.until - timedelta(days=7)).exists()
    later = now + timedelta(days=15)
    holds.renew(hold, until=hold.until + timedelta(days=10), reason="계속", by=two[0], now=later)
    granted(hold, two[1], later, holds.RENEW)
    assert hold.until == today + timedelta(days=30)
    assert old not in retention.due(hold.until)
    assert old in retention.due(hold.until + timedelta(days=1))
    with pytest.raises(holds.NotInForce):
        holds.release(hold, reason="늦음", by=two[0], now=now + timedelta(days=31))


def test_it_refuses_what_cannot_be_held_and_says_why(old, today, now, two):
    with pytest.raises(holds.NotADay):
        place(today + timedelta(days=1), two[0], now)
    with pytest.raises(holds.TooLong, match=str(holds.latest_end(now))):
        place(old, two[0], now, until=holds.latest_end(now) + timedelta(days=1))
    with pytest.raises(holds.TooLong):
        place(old, two[0], now, until=today)
    retention.expire(today=today)
    with pytest.raises(holds.Gone, match=str(old)):
        place(old, two[0], now)


def test_it_shows_a_hold_to_those_who_may_know_the_case_and_to_nobody_else(old, now, two):
    hold = granted(place(old, two[0], now, until=timezone.localdate(now) + timedelta(days=5)), two[1], now)
    pages = [
        "/admin/",
        "/admin/registry/period/",
        "/admin/checkins/legalhold/",
        f"/admin/checkins/legalhold/{hold.pk}/change/",
    ]
    for role, sees in ((Role.INVESTIGATOR, True), (Role.AUDITOR, True), (Role.SERVICE, False), (Role.REGISTRAR, False)):
        client = sign_in(make_clerk(role, username=role.value))
        shown = [client.get(page) for page in pages]
        assert [answer.status_code for answer in shown] == ([200, 200, 200, 200] if sees else [200, 200, 403, 403])
        assert ("2026-서울-017" in shown[1].content.decode()) is sees
        assert ("checkins/legalhold" in shown[0].content.decode()) is sees


def test_it_is_asked_for_and_granted_at_the_desk(old, today, now, two):
    client = sign_in(two[0])
    asked = {"case_number": "2026-1", "first_day": old, "last_day": old, "until": today, "reason": "추적"}
    answer = client.post("/admin/checkins/legalhold/place/", asked)
    assert answer.status_code == 200 and str(holds.latest_end(now)) in answer.content.decode()
    answer = client.post("/admin/checkins/legalhold/place/", asked | {"until": holds.latest_end(now)})
    hold = LegalHold.objects.get()
    assert answer.headers["Location"] == f"/admin/checkins/legalhold/{hold.pk}/change/"
    client = sign_in(two[1])
    approval = Approval.objects.get()
    assert "2026-1" in client.get(f"/admin/registry/approval/{approval.pk}/change/").content.decode()
    client.post(f"/admin/registry/approval/{approval.pk}/grant/", {"words": ""})
    hold.refresh_from_db()
    assert hold.granted_by == two[1]
    answer = client.post(f"/admin/checkins/legalhold/{hold.pk}/release/", {"reason": "종결"})
    assert answer.status_code == 302 and Approval.objects.filter(deed=holds.RELEASE, requester=two[1]).exists()


def test_who_renews_what_is_released_at_the_same_moment_reads_so_and_nothing_is_recorded(old, now, two):
    hold = granted(place(old, two[0], now), two[1], now)
    holds.renew(hold, until=hold.until + timedelta(days=5), reason="계속", by=two[0], now=now)
    holds.release(hold, reason="종결", by=two[1], now=now)
    renewal, release = (Approval.objects.get(deed=deed, state="asked") for deed in (holds.RENEW, holds.RELEASE))
    _released, renewing = while_held(
        lambda: approvals.grant(release, by=two[0], now=now),
        lambda: told(renewal, two[1], now),  # it sees the hold in force, and waits for its row
    )
    assert renewing == holds.NotInForce.code
    assert LegalHold.objects.get().until == hold.until
    assert not Event.objects.filter(tag=Tag.HOLD_RENEWED).exists()


def told(approval, by, now) -> str:
    """What granting it is answered with, elsewhere."""
    try:
        approvals.grant(approval, by=by, now=now)
    except DomainError as error:
        return error.code
    return "granted"
