"""The worker comes back as soon as its broker does, however long that was away."""

import pytest
from celery import Celery
from kombu.utils import functional
from kombu.utils.imports import symbol_by_name

from config.celery import app
from config.local import embedded
from config.worker import Consumer


class Enough(Exception):
    """Of waiting."""


def test_it_asks_for_the_broker_every_second_and_does_not_give_up(monkeypatch):
    slept = []

    def sleep(seconds):
        slept.append(seconds)
        if len(slept) == 300:
            raise Enough

    monkeypatch.setattr(functional, "sleep", sleep)
    consumer = Consumer.__new__(Consumer)
    consumer.app = Celery(broker=f"redis://127.0.0.1:{embedded.free_port()}/0", set_as_current=False)
    retries = {name: app.conf[name] for name in ("broker_connection_retry_on_startup", "broker_connection_max_retries")}
    consumer.app.conf.update(retries)
    with pytest.raises(Enough):
        consumer.connection_for_read()
    assert sum(slept) <= 300


def test_it_is_the_worker_that_celery_takes():
    assert symbol_by_name(app.conf.worker_consumer) is Consumer
