"""Traffic leaves a failing provider within seconds and comes back slowly; a text goes on at once to the next one."""

import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from phonenumber_field.phonenumber import PhoneNumber

from registry.models import Event, Message, Provider, Tag, Tally
from registry.sms import health, outbox, tallies
from registry.sms.gateways import Away, Taken, calling
from registry.sms.health import Try
from tests.registry.clerks import make_clerk

pytestmark = pytest.mark.django_db
Status = Message.Status


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def quick(monkeypatch):
    """Calls end after 0.4 s instead of 3."""
    monkeypatch.setattr(calling, "SECONDS", 0.4)


def enqueue(now, number):
    with transaction.atomic():
        phone = PhoneNumber.from_string(f"+82100000{number:04d}")
        return outbox.enqueue(phone, f"text {number}", purpose="code", useful_for=timedelta(minutes=30), now=now)


def prefer(providers, name):
    """Nearly everything goes there while it is well."""
    Provider.objects.exclude(name=name).update(weight=1)
    Provider.objects.filter(name=name).update(weight=1000)


@pytest.mark.parametrize(("mode", "number"), [("hang", 9401), ("fail", 9402), ("refuse", 9403), ("error", 9404)])
def test_a_text_goes_on_at_once_to_another_provider(providers, simulator, now, quick, mode, number):
    prefer(providers, "twilio")
    simulator.behave(mode, provider="twilio", seconds=20, receipts="none")
    message = enqueue(now, number)
    started = time.monotonic()
    assert outbox.send([message.pk], now)
    assert time.monotonic() - started < 4
    message.refresh_from_db()
    assert (message.status, message.error) == (Status.SENT, "")
    assert [m["text"] for m in simulator.messages(f"+8210{number:08d}")] == [f"text {number}"]


def test_new_codes_avoid_a_provider_that_hangs_and_it_is_probed(providers, simulator, now, quick):
    prefer(providers, "http")
    simulator.behave("hang", provider="http", seconds=60)
    for number in range(2210, 2222):
        enqueue(now, number)
    outbox.sweep(now)
    assert set(Message.objects.values_list("status", flat=True)) == {Status.SENT}
    ill = Provider.objects.get(name="http")
    assert health.of(ill, timezone.now()) < health.ILL
    assert ill.health_why == "ReadTimeout"
    started = time.monotonic()
    for number in range(2222, 2232):
        enqueue(now, number)
    later = timezone.now()
    outbox.sweep(later)
    assert time.monotonic() - started < 4  # one probe at most, and not ten in a row
    assert Message.objects.filter(status=Status.SENT).count() == 22


def test_health_comes_back_by_success_and_by_time(providers, now):
    provider = providers["http"]
    for seconds in range(3):
        health.learn(Try(provider, Away("HTTP 500"), 0.1), now + timedelta(seconds=seconds))
    now += timedelta(seconds=2)
    low = health.of(provider, now)
    assert low < 0.05
    assert health.share(provider, now) == provider.weight * health.FLOOR
    assert health.of(provider, now + timedelta(minutes=1)) == pytest.approx(low + 0.2, abs=0.001)
    assert health.of(provider, now + health.RECOVERY) == 1.0
    for step in range(1, 21):
        health.learn(Try(provider, Taken("x"), 0.1), now + timedelta(seconds=step))
    assert health.of(provider, now + timedelta(seconds=20)) == 1.0


def test_a_slow_provider_loses_weight_too(providers, now):
    provider = providers["http"]
    health.learn(Try(provider, Taken("x"), 2.5), now)
    assert provider.health == pytest.approx(0.7)
    assert provider.health_why == "slow: 2.5 s"


def test_a_clock_that_was_set_back_stops_nothing(providers, simulator, now):
    ahead = now + timedelta(hours=1)
    message = enqueue(ahead, 2270)
    health.learn(Try(providers["http"], Away("x"), 0.1), ahead)
    health.learn(Try(providers["http"], Away("x"), 0.1), now)
    assert providers["http"].health < 0.1
    outbox.sweep(now)
    message.refresh_from_db()
    assert message.status == Status.SENT


def test_all_is_well_costs_no_write(providers, now, django_assert_num_queries):
    with django_assert_num_queries(0):
        health.learn(Try(providers["http"], Taken("x"), 0.1), now)


def test_shares_follow_weight_and_health(providers, now):
    message = enqueue(now, 2240)
    rows = list(providers.values())
    rows[0].health, rows[0].health_at = 0.4, now
    chosen = Counter(health.choose(rows, message, now).name for _ in range(600))
    assert chosen[rows[0].name] < 160 < min(chosen[row.name] for row in rows[1:])


def test_it_waits_between_rounds_while_every_provider_is_away(providers, simulator, now):
    simulator.behave("fail", status=503)
    message = enqueue(now, 2241)
    assert outbox.send([message.pk], now)
    message.refresh_from_db()
    assert (message.status, message.tries, message.tried) == (Status.QUEUED, 3, [])
    assert timedelta(seconds=0.9) < message.next_try_at - now < timedelta(seconds=4)
    assert message.delivery(now) == "delayed"


def test_it_fails_only_what_every_provider_refuses(providers, simulator, now):
    simulator.behave("refuse")
    message = enqueue(now, 2242)
    outbox.send([message.pk], now)
    message.refresh_from_db()
    assert (message.status, message.tries, len(message.refused_by)) == (Status.FAILED, 3, 3)


def test_after_a_worker_was_killed_in_a_call_the_same_provider_is_asked_with_the_same_key(providers, simulator, now):
    message = enqueue(now, 2243)
    outbox.claim(Message.objects.due(now), now=now, most=1)
    held = Message.objects.get(pk=message.pk)
    ((_, chosen),) = outbox._errands([held], list(providers.values()), now)
    Provider.objects.exclude(pk=chosen.pk).update(weight=1000)
    outbox._hand_over(held, chosen)  # … and the worker is gone before it wrote anything down
    assert outbox.sweep(now + outbox.CLAIM) == 1
    message.refresh_from_db()
    assert (message.status, message.provider) == (Status.SENT, chosen)
    texts = simulator.messages("+821000002243")
    assert {m["text"] for m in texts} == {"text 2243"}
    assert len(texts) == (1 if chosen.name == "http" else 2)  # the others know no key: twice the same code


def test_an_answer_after_the_time_out_makes_no_second_code(providers, simulator, now, quick):
    prefer(providers, "http")
    simulator.behave("lag", provider="http", seconds=1)
    message = enqueue(now, 2244)
    outbox.send([message.pk], now)
    message.refresh_from_db()
    assert message.status == Status.SENT
    texts = {m["text"] for m in simulator.messages("+821000002244")}
    assert texts == {"text 2244"}


def test_a_provider_that_sends_twice_makes_no_second_code(providers, simulator, now):
    simulator.behave("twice")
    message = enqueue(now, 2245)
    outbox.send([message.pk], now)
    assert [m["text"] for m in simulator.messages("+821000002245")] == ["text 2245"] * 2
    message.refresh_from_db()
    assert (message.status, message.tries) == (Status.SENT, 1)


def test_it_counts_by_minute_and_tells_percentiles(providers, simulator, now):
    for number in range(2250, 2256):
        enqueue(now, number)
    outbox.sweep(now)
    simulator.behave("fail", status=503)
    enqueue(now, 2256)
    outbox.sweep(now)
    figures = tallies.between(now - timedelta(minutes=1), now + timedelta(minutes=2))
    assert sum(each.counts["taken"] for each in figures.values()) == 6
    assert {reason for each in figures.values() for reason in each.reasons["away"]} == {
        "HTTP 503",
        "20500",
        "InternalError",
    }
    assert Tally.objects.count() < 20
    steps = Counter({"50": 90, "1000": 9, "later": 1})
    assert [tallies.percentile(steps, percent) for percent in (50, 95, 100)] == [50, 1000, 300_000]
    assert tallies.percentile(Counter(), 50) is None


def test_a_clerk_has_given_up_texts_sent_again_where_they_are_of_use(providers, simulator, now):
    simulator.behave("refuse")
    failed, old = enqueue(now, 2260), enqueue(now, 2261)
    outbox.sweep(now)
    Message.objects.filter(pk=old.pk).update(not_after=now)
    simulator.behave("ok")
    clerk = make_clerk()
    assert outbox.retry(Message.objects.all(), by=clerk, address=None, now=now) == 1
    assert outbox.retry(Message.objects.all(), by=clerk, address=None, now=now) == 0
    outbox.sweep(timezone.now())
    failed.refresh_from_db()
    assert (failed.status, len(simulator.messages("+821000002260"))) == (Status.SENT, 1)
    assert Event.objects.get(tag=Tag.MESSAGE_RETRIED).target == f"message:{failed.pk}"
