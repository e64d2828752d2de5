"""A user name that was tried too often is locked for a while (django-axes); what the person then reads."""

from axes.helpers import get_cool_off
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
