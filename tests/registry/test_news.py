"""A phone asks whether its strips still say what we would sign: told soon, of whatever changed, and of nothing else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gate.questions import Questions
from registry import issuing, news, policy, signing
from registry.citizens import records, requests
from registry.models import Device, PassRecord, Request, Review
from tests.factories import CitizenFactory, PassRecordFactory, UserFactory
from tests.registry.holders import Holder
from tests.registry.phones import day_keys

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_rules_of_the_test_before():
    """A process holds rules and keys for seconds."""
    yield
    policy.forget()
    signing.forget()


@pytest.fixture
def holder() -> Holder:
    citizen = CitizenFactory(verified=True)
    PassRecordFactory(citizen=citizen)
    holder = Holder(citizen)
    # Strips of some minutes ago: what is void in the very second in which it was signed is another test's.
    holder.device.seen_at -= timedelta(minutes=5)
    Device.objects.filter(pk=holder.device.pk).update(seen_at=holder.device.seen_at)
    return holder


def marks(holder: Holder) -> list[str]:
    return [day["mark"] for day in holder.issue.answer()["days"]]


def ask(holder: Holder, mark: str | None = None):
    answer = holder.get(f"/api/v1/pass/news/{mark or marks(holder)[0]}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def revoke_record(holder: Holder) -> None:
    row = PassRecord.objects.get(citizen=holder.citizen)
    records.revoke(row, by=UserFactory(), reason="잘못된 접수", now=timezone.now())


def publish_rules(_holder: Holder, **changes: object) -> None:
    row = policy.in_force_on(timezone.localdate())
    row.pk, row.number, row._state.adding = None, row.number + 1, True
    row.effective_on = timezone.localdate()
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()
    policy.forget()


def end_older_passes(holder: Holder) -> None:
    publish_rules(holder, floor_from=timezone.localdate())


def shorten_validity(holder: Holder) -> None:
    record = PassRecord.objects.get()
    record.day -= timedelta(days=1)
    record.save()


def withdraw_key(_holder: Holder) -> None:
    key = signing.signer_for(timezone.localdate()).kid
    signing.withdraw(key, by=None, reason="", now=timezone.now())


def void_strips(holder: Holder) -> None:
    issuing.revoke(holder.citizen, by=None, reason="ended by holder", now=timezone.now())


def open_review(holder: Holder) -> None:
    kind = Review.Kind.POSSIBLY_SAME
    Review.objects.create(citizen=holder.citizen, other=CitizenFactory(), kind=kind, opened_at=timezone.now())


def move_due_date(holder: Holder) -> None:
    type(holder.citizen).objects.filter(pk=holder.citizen.pk).update(due_on=holder.citizen.due_on + timedelta(days=2))


def test_it_has_no_news_for_strips_that_say_what_is_true(holder):
    assert ask(holder)["news"] is False


CHANGES = [
    revoke_record,
    shorten_validity,
    end_older_passes,
    withdraw_key,
    void_strips,
    open_review,
    move_due_date,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_it_tells_of_a_change_and_once_strips_were_fetched_no_more(holder, change):
    before = marks(holder)[0]
    change(holder)
    assert ask(holder, before)["news"] is True
    fetched = holder.post("/api/v1/pass/strips", {"day_keys": day_keys()})
    assert ask(holder, fetched.json()["days"][0]["mark"])["news"] is False


def test_it_has_no_news_of_rules_under_which_this_pass_stays_what_it_is(holder):
    mark = marks(holder)[0]
    publish_rules(holder, floor_from=None)
    assert ask(holder, mark)["news"] is False, "a crowd that fetches for nothing"


def test_it_tells_of_a_pass_that_is_valid_again_after_a_record_revoked_by_mistake(holder):
    revoke_record(holder)
    red = holder.post("/api/v1/pass/strips", {"day_keys": day_keys()}).json()["days"][0]
    PassRecordFactory(citizen=holder.citizen)
    assert red["pass"] == 0 and ask(holder, red["mark"])["news"] is True


def test_it_lets_whoever_waits_for_something_ask_again_soon_and_others_later(holder):
    assert ask(holder)["again_s"] == news.USUAL
    asked = requests.open_request(holder.citizen, Request.Kind.CORRECTION, "2차 접종 누락", now=timezone.now())
    assert ask(holder)["again_s"] == news.SOON
    asked.delete()
    revoke_record(holder)
    assert ask(holder)["again_s"] == news.SOON


def test_it_lets_nobody_ask_oftener_than_this_process_can_bear(holder, monkeypatch):
    monkeypatch.setattr(news, "SHARE", 0.000001)
    monkeypatch.setattr(news, "_moments", Questions(longest=news.LONGEST))  # others of this process ask as before
    paces = [ask(holder)["again_s"] for _ in range(3)]
    assert paces[0] == news.USUAL and news.USUAL < paces[1] < paces[2] <= news.LONGEST


def test_it_answers_no_stranger(holder):
    other = Holder(CitizenFactory(verified=True, phone="+821000007777"))
    other.device = holder.device
    assert other.get(f"/api/v1/pass/news/{marks(holder)[0]}").json()["code"] == "bad_signature"


def test_it_tells_a_phone_that_was_blocked_that_it_holds_no_pass(holder):
    Device.objects.update(ended_at=timezone.now())
    answer = holder.get(f"/api/v1/pass/news/{marks(holder)[0]}")
    assert (answer.status_code, answer.json()["code"]) == (401, "unknown_device")


def test_it_costs_few_queries(holder, django_assert_max_num_queries):
    mark = marks(holder)[0]
    ask(holder, mark)
    with django_assert_max_num_queries(4):
        ask(holder, mark)
