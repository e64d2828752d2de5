"""The log's own tasks: one line each, harmless when run twice, what is behind them catches up after any pause."""

from celery import shared_task
from django.utils import timezone

from checkins import partitions, retention


@shared_task
def make_partitions() -> None:
    partitions.make_ahead(timezone.localdate())


@shared_task
def expire_log() -> None:
    retention.expire(today=timezone.localdate())
