"""Codes on the running stack while parts of it are away: they arrive when these are back, and once."""

import time

import httpx

from registry.models import Message

PATIENCE = 30  # seconds


def ask(stack, number):
    answer = httpx.post(f"{stack.web}/api/v1/verifications", json={"phone": number}, timeout=10)
    assert answer.status_code == 202, answer.text
    return answer.json()["verification"]


def wait_for(stack, check, delivery):
    end = time.monotonic() + PATIENCE
    while (status := httpx.get(f"{stack.web}/api/v1/verifications/{check}").json())["delivery"] != delivery:
        assert time.monotonic() < end, status
        time.sleep(0.2)


def arrived(stack, number):
    return len(httpx.get(f"{stack.simulator}/messages.json", params={"to": number}).json()["messages"])


def test_a_code_arrives_within_moments(live_stack):
    started = time.monotonic()
    wait_for(live_stack, ask(live_stack, "01000003001"), "sent")
    assert time.monotonic() - started < 3
    assert arrived(live_stack, "01000003001") == 1


def test_its_receipt_comes_back_and_the_text_is_erased(live_stack):
    wait_for(live_stack, ask(live_stack, "01000003005"), "sent")
    end = time.monotonic() + PATIENCE
    while (message := Message.objects.get()).status != Message.Status.DELIVERED:
        assert time.monotonic() < end, message.status
        time.sleep(0.1)
    assert message.text is None and message.delivered_at


def test_a_code_arrives_once_after_the_worker_was_killed_between_commit_and_send(live_stack):
    live_stack.kill("worker")
    check = ask(live_stack, "01000003002")
    assert arrived(live_stack, "01000003002") == 0
    live_stack.start("worker")
    wait_for(live_stack, check, "sent")
    time.sleep(4)  # a sweep more
    assert arrived(live_stack, "01000003002") == 1


def test_a_code_is_said_to_be_delayed_while_the_provider_is_gone_and_arrives_when_it_is_back(live_stack):
    live_stack.stop("simulator")
    check = ask(live_stack, "01000003003")
    wait_for(live_stack, check, "delayed")
    live_stack.start("simulator")
    wait_for(live_stack, check, "sent")
    assert arrived(live_stack, "01000003003") == 1


def test_a_code_is_asked_for_without_redis_and_sent_when_it_is_back(live_stack):
    live_stack.broker.stop()
    try:
        started = time.monotonic()
        check = ask(live_stack, "01000003004")
        assert time.monotonic() - started < 2
    finally:
        live_stack.broker.restart()
    wait_for(live_stack, check, "sent")
    assert arrived(live_stack, "01000003004") == 1
