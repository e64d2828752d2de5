"""The log's own tasks: one line each, harmless when run twice, what is behind them catches up after any pause."""

from celery import shared_task
from django.utils import timezone

from checkins import figures
from checkins.log import partitions, register, retention
from checkins.tracing import results


@shared_task
def make_partitions() -> None:
    partitions.make_ahead(timezone.localdate())


@shared_task
def count_entries() -> None:
    figures.count(timezone.now())


@shared_task
def expire_log() -> None:
    """Destroy what came back with a restore, then what is over; and tell the register outside of both databases."""
    register.replay()
    retention.expire(today=timezone.localdate())
    if path := register.kept_file():
        register.export(path)


@shared_task
def wipe_traces() -> int:
    """Destroy what traces found once its time is over. Comes again within the hour."""
    return results.wipe(timezone.now())
