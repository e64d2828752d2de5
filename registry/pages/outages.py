"""Outages of the phone check, for everybody: when they were, and a statement that a venue can print and show.

What was found and who opened or closed them stays at the desk.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from registry import policy, vault
from registry.errors import DomainError
from registry.models import Outage

SHOWN = 100
CACHED_S = 30  # a page that many look at in an outage


@require_safe
@cache_control(max_age=CACHED_S)
def every(request: HttpRequest) -> HttpResponse:
    """The newest first."""
    rows = [(outage, lasted(outage)) for outage in Outage.objects.all()[:SHOWN]]
    return render(request, "outages/list.html", {"rows": rows})


@require_safe
@cache_control(max_age=CACHED_S)
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """One, as a sheet of paper."""
    outage = get_object_or_404(Outage, pk=pk)
    context = {
        "outage": outage, "lasted": lasted(outage), "extension": _extension(outage), "now": timezone.now(),
        "reference": reference(outage), "address": settings.SITE_URL + reverse("outage", args=[outage.pk]),
        "by_itself": outage.opened_by_id is None,
    }  # fmt: skip
    return render(request, "outages/statement.html", context)


def reference(outage: Outage) -> str:
    """By which the agency finds it again: the Seoul day on which it was declared, and its number."""
    return f"{vault.today(outage.opened_at):%Y%m%d}-{outage.pk}"


def lasted(outage: Outage) -> str:
    """How long, in words and whole minutes; while it is open, so far."""
    span = (outage.closed_at or timezone.now()) - outage.began_at
    minutes = max(int(span / timedelta(minutes=1)), 1)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [
        (days, ngettext("{n} day", "{n} days", days)),
        (hours, ngettext("{n} hour", "{n} hours", hours)),
        (minutes, ngettext("{n} minute", "{n} minutes", minutes)),
    ]
    words = " ".join(text.format(n=n) for n, text in parts if n)
    return gettext("{time} so far").format(time=words) if outage.is_open else words


def _extension(outage: Outage) -> Any:
    """By how many days the policy of then let passes last longer; None where there was none."""
    try:
        return policy.in_force_on(vault.today(outage.opened_at)).outage_extension_days
    except DomainError:
        return None
