"""A user name that was tried too often is locked for a while (django-axes); what the person then reads."""

from datetime import datetime, timedelta

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.translation import ngettext


def locked_seconds(request: HttpRequest | None) -> int:
    """How long a locked user name stays locked."""
    pause = get_cool_off(request)
    return round(pause.total_seconds()) if pause else 0


def locked_message(request: HttpRequest | None) -> str:
    """What a person reads who has tried too often."""
    minutes = locked_seconds(request) // 60
    return ngettext(
        "Too many wrong tries for this user name. Please wait {minutes} minute, then try again.",
        "Too many wrong tries for this user name. Please wait {minutes} minutes, then try again.",
        minutes,
    ).format(minutes=minutes)


def is_locked(now: datetime) -> Exists:
    """For a set of users: whether the user name is locked at this moment."""
    since = now - timedelta(seconds=locked_seconds(None))
    return Exists(
        AccessAttempt.objects.filter(
            username=OuterRef("username"), failures_since_start__gte=settings.AXES_FAILURE_LIMIT, attempt_time__gt=since
        )
    )
