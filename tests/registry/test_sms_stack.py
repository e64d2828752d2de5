"""Codes on the running stack while parts of it are away: they arrive when these are back, and once."""

import time

import httpx
import pytest
from django.utils import timezone

from registry.models import Message
from tests.stack import until


@pytest.fixture(scope="module")
def calls():
    with httpx.Client(timeout=10) as client:
        yield client


@pytest.fixture
def service(live_stack, calls):
    return Service(live_stack, calls)


class Service:
    """Codes asked for over HTTP, and what becomes of them."""

    def __init__(self, stack, calls):
        self.stack, self.calls = stack, calls

    def ask(self, number):
        answer = self.calls.post(f"{self.stack.web}/api/v1/verifications", json={"phone": number})
        assert answer.status_code == 202, answer.text
        return answer.json()["verification"]

    def wait_for(self, check, delivery):
        until(lambda: self.calls.get(f"{self.stack.web}/api/v1/verifications/{check}").json()["delivery"] == delivery)

    def arrived(self, number):
        return len(self.calls.get(f"{self.stack.simulator}/messages.json", params={"to": number}).json()["messages"])


def test_a_code_arrives_within_moments_and_its_text_is_erased_with_the_receipt(service):
    started = time.monotonic()
    service.wait_for(service.ask("01000003001"), "sent")
    assert time.monotonic() - started < 3
    assert service.arrived("01000003001") == 1
    until(lambda: Message.objects.get().status == Message.Status.DELIVERED)
    message = Message.objects.get()
    assert message.text is None and message.delivered_at


def test_a_code_arrives_once_after_the_worker_was_killed_between_commit_and_send(service):
    service.stack.kill("worker")
    check = service.ask("01000003002")
    assert service.arrived("01000003002") == 0
    service.stack.start("worker")
    service.wait_for(check, "sent")
    assert service.arrived("01000003002") == Message.objects.get().tries == 1
    assert not Message.objects.due(timezone.now() + Message.LONGEST_WAIT).exists()  # no sweep sends it again


def test_a_code_is_said_to_be_delayed_while_the_provider_is_gone_and_arrives_when_it_is_back(service):
    service.stack.stop("simulator")
    check = service.ask("01000003003")
    service.wait_for(check, "delayed")
    service.stack.start("simulator")
    service.wait_for(check, "sent")
    assert service.arrived("01000003003") == 1


def test_a_code_is_asked_for_without_redis_and_sent_when_it_is_back(service):
    service.stack.broker.stop()
    try:
        started = time.monotonic()
        check = service.ask("01000003004")
        assert time.monotonic() - started < 2
    finally:
        service.stack.broker.restart()
    service.wait_for(check, "sent")
    assert service.arrived("01000003004") == 1
