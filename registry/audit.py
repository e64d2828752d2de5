"""Telling what happened: one call beside each deed, in its transaction."""

from typing import Any

from django.db.models import Model
from django.utils import timezone

from registry.models import Event, Tag, User


def record(
    tag: Tag, *, by: User | None, target: Model, reason: str = "", address: str | None = None, **detail: Any
) -> None:
    """Write a row of evidence. `by` None is the citizen or the system itself; `detail` must hold no personal data."""
    Event.objects.create(
        at=timezone.now(),
        tag=tag,
        actor=by,
        address=address,
        target=f"{target._meta.model_name}:{target.pk}",
        reason=reason,
        detail=detail,
    )
