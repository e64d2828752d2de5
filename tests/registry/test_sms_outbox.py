"""The outbox: a message arrives once or is dropped, whatever dies in between, and is erased after."""

import queue
import socket
import threading
import time
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from celery import Celery
from django.db import connection, transaction
from django.utils import timezone
from phonenumber_field.phonenumber import PhoneNumber

from registry.models import Message, Provider
from registry.sms import hastening, outbox
from registry.sms.gateways import calling
from registry.sms.providers import gateway_to
from tests.registry.crowds import at_once

pytestmark = pytest.mark.django_db
Status = Message.Status


@pytest.fixture
def now():
    return timezone.now()


def enqueue(now, number=1, minutes=30, purpose="code"):
    with transaction.atomic():
        phone = PhoneNumber.from_string(f"+82100000{number:04d}")
        return outbox.enqueue(phone, f"text {number}", purpose=purpose, useful_for=timedelta(minutes=minutes), now=now)


def arrived(simulator, number):
    return len(simulator.messages(f"+82100000{number:04d}"))


def test_it_sends_what_is_due_and_erases_the_text_of_a_code_when_another_would_help_more(simulator, now):
    message = enqueue(now, 11)
    assert outbox.sweep(now) == 1
    message.refresh_from_db()
    assert (message.status, message.text, message.tries) == (Status.SENT, "text 11", 1)
    assert message.provider_reference == simulator.messages("+821000000011")[0]["id"]
    assert now <= message.taken_at <= now + timedelta(seconds=2)
    assert outbox.sweep(message.taken_at + Message.RECEIPT_WITHIN) == 0
    message.refresh_from_db()
    assert message.text is None


def test_it_erases_what_is_no_code_as_soon_as_it_is_taken(simulator, now):
    message = enqueue(now, 13, purpose="reminder")
    outbox.sweep(now)
    message.refresh_from_db()
    assert (message.status, message.text) == (Status.SENT, None)


def test_it_gives_a_provider_no_setting_that_is_not_for_providers(settings):
    settings.SMS_OTHER_URL, settings.SMS_OTHER_KEY = "http://127.0.0.1:9", "theirs"
    other = gateway_to(Provider(kind="http", settings="SMS_OTHER"))
    assert (other.address, other.key) == ("http://127.0.0.1:9", "theirs")
    for beginning in ("SECRET", "MASTER"):
        assert gateway_to(Provider(kind="http", settings=beginning)).key == ""


def test_it_keeps_the_text_unreadable_in_the_database(now):
    enqueue(now, 12)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, phone FROM registry_message")
        assert not any(b"text 12" in bytes(field) or b"0000012" in bytes(field) for field in cursor.fetchone())


@pytest.mark.django_db(transaction=True)
def test_it_sends_once_when_sweeps_run_at_the_same_time(simulator, now):
    messages = [enqueue(now, 20 + n) for n in range(10)]
    assert sum(at_once(lambda _n: outbox.sweep(now), 3)) == 10
    assert [arrived(simulator, 20 + n) for n in range(10)] == [1] * 10
    assert set(Message.objects.values_list("status", "tries")) == {(Status.SENT, 1)}
    assert len(messages) == 10


def test_it_sends_after_the_worker_was_killed_between_claim_and_call(simulator, now):
    message = enqueue(now, 31)
    assert outbox.claim(Message.objects.due(now), now=now, most=5) == [message.pk]  # … and the worker is gone
    assert outbox.sweep(now + timedelta(seconds=3)) == 0
    assert outbox.sweep(now + outbox.CLAIM) == 1
    assert arrived(simulator, 31) == 1


def test_it_arrives_once_after_the_worker_was_killed_between_call_and_record(simulator, now):
    message = enqueue(now, 32)
    outbox.claim(Message.objects.due(now), now=now, most=5)
    held = Message.objects.get()
    gateway_to(Provider.objects.get()).send(key=str(held.pk), to=held.phone, text=held.text)  # … and is gone
    outbox.sweep(now + outbox.CLAIM)
    message.refresh_from_db()
    assert (message.status, message.tries, arrived(simulator, 32)) == (Status.SENT, 2, 1)


def test_it_does_not_let_a_late_worker_undo_what_another_wrote(simulator, now):
    message = enqueue(now, 33)
    outbox.claim(Message.objects.due(now), now=now, most=1)
    late = Message.objects.get()
    outbox.sweep(now + outbox.CLAIM)
    outbox.record(late, None, outbox.Away("late"), at=now)
    message.refresh_from_db()
    assert message.status == Status.SENT


def test_it_tries_again_with_growing_pauses_and_arrives_when_the_provider_is_back(simulator, now):
    message = enqueue(now, 41)
    simulator.stop()
    moments = [now]
    for _ in range(3):
        assert outbox.sweep(moments[-1]) == 1
        message.refresh_from_db()
        assert (message.status, message.error) == (Status.QUEUED, "ConnectError")
        assert message.delivery(moments[-1]) == "delayed"
        moments.append(message.next_try_at)
    pauses = [(after - before).total_seconds() for before, after in zip(moments, moments[1:], strict=False)]
    assert 1 <= pauses[0] <= 2.5 and 4 <= pauses[2] <= 8.5
    simulator.start()
    outbox.sweep(moments[-1])
    message.refresh_from_db()
    assert (message.status, message.error, arrived(simulator, 41)) == (Status.SENT, "", 1)


@pytest.mark.parametrize(("answer", "status"), [(500, Status.QUEUED), (429, Status.QUEUED), (401, Status.QUEUED)])
def test_it_waits_where_the_answer_is_not_about_the_message(simulator, now, answer, status):
    message = enqueue(now, 42)
    simulator.behave("fail", status=answer)
    outbox.sweep(now)
    message.refresh_from_db()
    assert (message.status, message.error, message.text) == (status, f"HTTP {answer}", "text 42")


def test_it_fails_what_every_provider_refuses_and_erases_it_when_it_is_of_no_use(simulator, now):
    message = enqueue(now, 43, minutes=5)
    simulator.behave("fail", status=422)
    outbox.sweep(now)
    message.refresh_from_db()
    assert (message.status, message.error, message.text) == (Status.FAILED, "HTTP 422", "text 43")
    assert message.delivery(now) == "dropped"
    outbox.sweep(now + timedelta(minutes=5))
    message.refresh_from_db()
    assert (message.status, message.text) == (Status.FAILED, None)


def test_it_drops_what_came_too_late_instead_of_sending_it(simulator, now):
    message = enqueue(now, 44, minutes=5)
    assert outbox.sweep(now + timedelta(minutes=5)) == 0
    message.refresh_from_db()
    assert (message.status, message.text, arrived(simulator, 44)) == (Status.DROPPED, None, 0)


def test_it_waits_while_no_provider_is_enabled(simulator, now):
    message = enqueue(now, 45)
    Provider.objects.update(enabled=False)
    outbox.sweep(now)
    message.refresh_from_db()
    assert (message.status, message.error) == (Status.QUEUED, "no provider is enabled")


def test_it_goes_on_past_a_message_of_another_master_key(simulator, now, settings):
    with connection.cursor() as cursor:
        lost = enqueue(now, 46)
        cursor.execute("UPDATE registry_message SET text = %s WHERE id = %s", [b"x" * 40, lost.pk])
    enqueue(now, 47)
    outbox.sweep(now)
    assert arrived(simulator, 47) == 1
    assert Message.objects.filter(pk=lost.pk, status=Status.FAILED, error="unreadable").exists()


@pytest.fixture
def silent(simulator, settings):
    """A provider that takes calls and never answers, in place of the simulator."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        settings.SMS_HTTP_URL = f"http://127.0.0.1:{listener.getsockname()[1]}"
        yield listener


def test_it_gives_up_a_call_that_hangs_and_sends_later(simulator, silent, now, settings, monkeypatch):
    monkeypatch.setattr(calling, "SECONDS", 0.5)
    message = enqueue(now, 48)
    outbox.sweep(now)
    message.refresh_from_db()
    assert (message.status, message.error) == (Status.QUEUED, "ReadTimeout")
    settings.SMS_HTTP_URL = simulator.address
    assert outbox.send([message.pk], message.next_try_at)
    assert arrived(simulator, 48) == 1


@pytest.mark.django_db(transaction=True)
def test_it_holds_no_transaction_while_it_waits_for_a_provider(silent, now, monkeypatch):
    monkeypatch.setattr(calling, "SECONDS", 60.0)
    message = enqueue(now, 49)
    open_transactions = []

    def watch():
        call, _caller = silent.accept()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
                "AND (state = 'idle in transaction' OR wait_event_type = 'Lock')"
            )
            open_transactions.append(cursor.fetchone()[0])
        connection.close()
        call.close()  # which ends the waiting

    watcher = threading.Thread(target=watch)
    watcher.start()
    outbox.sweep(now)
    watcher.join()
    message.refresh_from_db()
    assert (message.status, open_transactions) == (Status.QUEUED, [0])


BLOCKED = 20  # seconds that the client of a broker which never answers waits, far more than one message takes


def publishes(app, monkeypatch):
    """A publisher of the test's own."""
    monkeypatch.setattr(hastening, "current_app", app)
    monkeypatch.setattr(hastening, "_waiting", queue.Queue(5))
    monkeypatch.setattr(hastening, "_thread", None)


@pytest.mark.parametrize("listens", [False, True], ids=["refusing", "never answering"])
@pytest.mark.django_db(transaction=True)
def test_it_takes_messages_at_once_while_the_broker_is_away(now, listens, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
        if not listens:
            listener.close()
        broker = Celery(broker=address, set_as_current=False)
        broker.conf.broker_transport_options = {"socket_timeout": BLOCKED}
        publishes(broker, monkeypatch)
        for n in range(20):
            started = time.monotonic()
            enqueue(now, 50 + n)
            assert time.monotonic() - started < BLOCKED
    assert Message.objects.filter(status=Status.QUEUED).count() == 20


def test_in_a_rush_it_tells_the_worker_of_several_messages_at_once(monkeypatch):
    told, pauses, over = queue.Queue(), queue.Queue(), queue.Queue()

    def send_task(_task, arguments, **_more):
        told.put(arguments[0])

    def sleep(seconds):
        pauses.put(seconds)
        over.get(timeout=60)

    publishes(SimpleNamespace(send_task=send_task), monkeypatch)
    monkeypatch.setattr(hastening, "time", SimpleNamespace(sleep=sleep, monotonic=lambda: 1000.0))
    for pause in (0.05, 0.25):  # for those that come with the first; until the next task
        messages = [uuid4() for _ in range(4)]
        hastening.hasten(messages[0])
        assert pauses.get(timeout=60) == pause
        for one in messages[1:]:
            hastening.hasten(one)
        over.put(None)
        assert told.get(timeout=60) == [str(one) for one in messages]
