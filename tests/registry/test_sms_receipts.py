"""Receipts: signed, once, in any order; they only ever move a message forward."""

from datetime import timedelta
from hashlib import sha1

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone
from phonenumber_field.phonenumber import PhoneNumber

from registry.models import Message, Provider, Tally
from registry.sms import outbox
from registry.sms import receipts as told
from registry.sms.gateways import Receipt
from registry.sms.gateways.http import sign

pytestmark = pytest.mark.django_db
Status, KINDS = Message.Status, Provider.Kind.values


@pytest.fixture
def now():
    return timezone.now()


def enqueue(now, number, purpose="code"):
    with transaction.atomic():
        phone = PhoneNumber.from_string(f"+82100000{number:04d}")
        return outbox.enqueue(phone, f"text {number}", purpose=purpose, useful_for=timedelta(minutes=30), now=now)


def only(providers, kind):
    Provider.objects.exclude(name=kind).update(enabled=False)


def sent(providers, now, kind, number, **more):
    only(providers, kind)
    message = enqueue(now, number, **more)
    outbox.sweep(now)
    message.refresh_from_db()
    return message


@pytest.mark.parametrize("kind", KINDS)
def test_a_receipt_says_that_a_text_arrived_and_the_text_is_erased(providers, receipts, simulator, now, kind):
    simulator.behave("ok", receipt_seconds=0.05)
    message = sent(providers, now, kind, 2101)
    assert (message.status, message.text) == (Status.SENT, "text 2101")
    underway, arrived = receipts.wait(str(message.pk))
    assert underway.hand_on().status_code == 204
    assert Message.objects.get().status == Status.SENT
    assert arrived.hand_on().status_code == 204
    message.refresh_from_db()
    assert (message.status, message.text, message.delivery(now)) == (Status.DELIVERED, None, "sent")
    assert message.delivered_at
    assert Tally.objects.get(what="delivered").provider.name == kind


@pytest.mark.parametrize("kind", KINDS)
def test_a_receipt_again_or_out_of_order_changes_nothing(providers, receipts, simulator, now, kind):
    simulator.behave("ok", receipts="reversed", receipt_seconds=0.05, receipt_copies=2)
    message = sent(providers, now, kind, 2102)
    for receipt in reversed(receipts.wait(str(message.pk), 4)):
        assert receipt.hand_on().status_code == 204
    message.refresh_from_db()
    first = message.delivered_at
    receipts.wait(str(message.pk), 4)[-1].hand_on()
    message.refresh_from_db()
    assert (message.status, message.delivered_at) == (Status.DELIVERED, first)
    assert Tally.objects.get(what="delivered").count == 1
    told.take(providers[kind], Receipt("undelivered", message.provider_reference, str(message.pk), "late"), now)
    message.refresh_from_db()
    assert message.status == Status.DELIVERED


@pytest.mark.parametrize("kind", KINDS)
def test_a_forged_receipt_is_refused_whatever_is_wrong_with_it(providers, receipts, simulator, now, kind):
    simulator.behave("ok", receipt_seconds=0.05)
    message = sent(providers, now, kind, 2103)
    arrived = receipts.wait(str(message.pk))[1]
    name = next(name for name in arrived.headers if name.endswith(("Signature", "Secret")))
    wrong = [{"headers": {name: value}} for value in ("", "x", "é", arrived.headers[name][:-2] + "00")]
    if kind != "solapi":  # which signs nothing
        wrong.append({"body": arrived.body.replace(b"delivered", b"undelivered").replace(b"sent", b"failed") + b" "})
    if kind == "twilio":
        wrong.append({"path": arrived.path + "1"})
    wrong += [{"path": "/api/v1/receipts/nobody"}, {"path": "/api/v1/receipts/" + {"http": "twilio"}.get(kind, "http")}]
    for change in wrong:
        answer = arrived.hand_on(**change)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_from_provider"), change
    message.refresh_from_db()
    assert (message.status, message.delivered_at) == (Status.SENT, None)


def test_a_generic_receipt_that_was_kept_for_later_is_refused(providers, receipts, simulator, now):
    simulator.behave("ok", receipt_seconds=0.05)
    message = sent(providers, now, "http", 2104)
    arrived = receipts.wait(str(message.pk))[1]
    with time_machine.travel(now + timedelta(minutes=6)):
        assert arrived.hand_on().status_code == 403
    assert arrived.hand_on().status_code == 204


@pytest.mark.parametrize("kind", KINDS)
def test_a_receipt_of_a_text_that_is_forgotten_is_taken_and_means_nothing(providers, receipts, simulator, now, kind):
    simulator.behave("ok", receipt_seconds=0.05)
    message = sent(providers, now, kind, 2105)
    key = str(message.pk)
    message.delete()
    for receipt in receipts.wait(key):
        assert receipt.hand_on().status_code == 204
    assert not Tally.objects.filter(what="delivered").exists()


@pytest.mark.parametrize("body", [b"[]", b"nonsense", b'[{"data": 7}, 8, {}]', b'{"status": "?"}', b"\xff"])
def test_a_signed_receipt_with_nonsense_in_it_is_no_error(providers, body):
    seconds = str(int(timezone.now().timestamp()))
    headers = {"Receipt-Signature": f"t={seconds},v1={sign('test-receipt-key', seconds, body)}"}
    headers["X-Solapi-Secret"] = sha1(b"test-webhook-secret").hexdigest()
    for kind in ("http", "solapi"):
        path = f"/api/v1/receipts/{kind}"
        assert Client().post(path, body, content_type="application/json", headers=headers).status_code == 204


def test_a_code_that_did_not_arrive_goes_by_another_provider_with_the_same_text(providers, receipts, simulator, now):
    simulator.behave("ok", receipts="undelivered", receipt_seconds=0.05)
    message = sent(providers, now, "twilio", 2106)
    Provider.objects.filter(name="solapi").update(enabled=True)
    for receipt in receipts.wait(str(message.pk)):
        receipt.hand_on()
    message.refresh_from_db()
    assert (message.status, message.error, message.delivery(now)) == (Status.QUEUED, "undelivered: 30003", "delayed")
    receipts.wait(str(message.pk))[1].hand_on()  # again: nothing more
    later = timezone.now()
    outbox.sweep(later)
    message.refresh_from_db()
    assert (message.status, message.provider.name, message.tries) == (Status.SENT, "solapi", 2)
    texts = {m["text"] for m in simulator.messages("+821000002106")}
    assert texts == {"text 2106"} and len(simulator.messages("+821000002106")) == 2
    for receipt in receipts.wait(str(message.pk), 4):
        receipt.hand_on()
    message.refresh_from_db()
    assert (message.status, message.delivery(later)) == (Status.UNDELIVERED, "undelivered")  # nobody is left


def test_what_is_no_code_is_not_sent_again(providers, receipts, simulator, now):
    simulator.behave("ok", receipts="undelivered", receipt_seconds=0.05)
    message = sent(providers, now, "twilio", 2107, purpose="reminder")
    Provider.objects.update(enabled=True)
    receipts.wait(str(message.pk))[1].hand_on()
    message.refresh_from_db()
    assert (message.status, message.error) == (Status.UNDELIVERED, "undelivered: 30003")


def test_a_receipt_that_is_quicker_than_the_answer_is_not_lost(providers, receipts, simulator, now):
    only(providers, "http")
    message = enqueue(now, 2108)
    outbox.claim(Message.objects.due(now), now=now, most=1)
    Message.objects.update(provider=providers["http"])
    held = Message.objects.get()
    told.take(providers["http"], Receipt("delivered", "r", str(message.pk)), now)
    outbox.record(held, providers["http"], outbox.Taken("r"), at=now)
    message.refresh_from_db()
    assert (message.status, message.text) == (Status.DELIVERED, None)

    message = enqueue(now, 2109)
    outbox.claim(Message.objects.due(now).filter(pk=message.pk), now=now, most=1)
    Message.objects.filter(pk=message.pk).update(provider=providers["http"])
    held = Message.objects.get(pk=message.pk)
    told.take(providers["http"], Receipt("undelivered", "r", str(message.pk), "absent"), now)
    outbox.record(held, providers["http"], outbox.Taken("r"), at=now)
    message.refresh_from_db()
    assert message.status == Status.UNDELIVERED


def test_a_text_that_arrived_after_all_is_not_sent_again(providers, receipts, simulator, now):
    message = sent(providers, now, "http", 2110)
    Provider.objects.update(enabled=True)
    told.take(providers["http"], Receipt("undelivered", "", str(message.pk), "absent"), now)
    told.take(providers["http"], Receipt("delivered", "", str(message.pk)), now)
    assert outbox.sweep(now + timedelta(seconds=1)) == 0
    message.refresh_from_db()
    assert (message.status, message.text, message.error) == (Status.DELIVERED, None, "")
