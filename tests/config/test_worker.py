"""The worker comes back as soon as its broker does, however long that was away."""

import pytest
from celery import Celery
from kombu.exceptions import OperationalError
from kombu.utils import functional
from kombu.utils.imports import symbol_by_name

from config.celery import app
from config.local import embedded
from config.worker import Consumer


def test_it_asks_for_the_broker_every_second(monkeypatch):
    slept = []
    monkeypatch.setattr(functional, "sleep", slept.append)
    consumer = Consumer.__new__(Consumer)
    consumer.app = Celery(broker=f"redis://127.0.0.1:{embedded.free_port()}/0", set_as_current=False)
    consumer.app.conf.update(broker_connection_retry_on_startup=True, broker_connection_max_retries=8)
    with pytest.raises(OperationalError):
        consumer.connection_for_read()
    assert len(slept) >= 7 and sum(slept) <= 8


def test_it_is_the_worker_that_celery_takes():
    assert symbol_by_name(app.conf.worker_consumer) is Consumer
