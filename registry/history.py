"""Earlier versions of records, rules and venues, and what the desk noted of its changes: kept for a time, then gone."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import Model

from registry import periods
from registry.models import Kept, PolicyVersion

FORGOTTEN_AT_ONCE = 20_000


@transaction.atomic
def forget(now: datetime) -> int:
    """Delete versions and notes whose period is over; how many. Those of policies stay: they say what was the law."""
    since = periods.since(Kept.HISTORY, now)
    count = 0
    for model in _versions():
        old = model.objects.filter(history_date__lt=since).values("pk")[:FORGOTTEN_AT_ONCE]
        count += model.objects.filter(pk__in=old).delete()[0]
    old = LogEntry.objects.filter(action_time__lt=since).values("pk")[:FORGOTTEN_AT_ONCE]
    count += LogEntry.objects.filter(pk__in=old).delete()[0]
    return periods.destroyed(Kept.HISTORY, count, now)


def _versions() -> Iterator[Any]:
    """The models that hold earlier versions."""
    for model in apps.get_models():
        kept: type[Model] | None = getattr(getattr(model, "history", None), "model", None)
        if kept is not None and model is not PolicyVersion:
            yield kept
