"""When phone, network, tablet or we fail: what to do, a list on paper to print, and the page that takes it in later.

Everybody at the door may do so: who keeps the list is who types it in, and stands on record for it.
"""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from checkins.log import retention
from checkins.scanning import by_hand
from checkins.scanning.by_hand import Line
from registry.callers import client_address
from registry.errors import DomainError
from registry.reverification import outages
from venues.models import PaperList, Venue
from venues.portal.sign_in import SignedIn

ON_PAPER = 24  # lines of a printed sheet
SHOWN = 20  # lines of a fresh form
MORE = 20
LATELY = 10


def _venue(request: SignedIn, venue_id: int) -> Venue:
    return get_object_or_404(Venue.objects.run_by(request.user), pk=venue_id)


@login_required
@never_cache
@require_safe
def guide(request: SignedIn, venue_id: int) -> HttpResponse:
    """What to do, made to be printed before it is needed."""
    return render(request, "owner/by_hand.html", {"venue": _venue(request, venue_id), "outage": outages.current()})


@login_required
@never_cache
@require_safe
def sheet(request: SignedIn, venue_id: int) -> HttpResponse:
    """The list to print, in both languages at once, for guests read it."""
    return render(request, "owner/paper.html", {"venue": _venue(request, venue_id), "lines": range(1, ON_PAPER + 1)})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def enter(request: SignedIn, venue_id: int) -> HttpResponse:
    """Take in a list: lines that are right are stored, the others come back with what is wrong."""
    venue = _venue(request, venue_id)
    today = timezone.localdate()
    if request.method != "POST":
        return _form(request, venue, [], day_text=today.isoformat())
    day_text = request.POST.get("day", "")
    day, wrong_day = by_hand.read_day(day_text, today=today)
    lines = by_hand.read_lines(_typed(request), day or today, now=timezone.now())
    key = _key(request)
    if request.POST.get("more"):
        return _form(request, venue, lines, day_text=day_text, key=key, shown=_rows(request) + MORE, quiet=True)
    if day is None or not lines:
        said = None if day is None else gettext("Nothing was typed yet.")
        return _form(request, venue, lines, day_text=day_text, key=key, wrong_day=wrong_day, error=said, status=400)
    try:
        entered = by_hand.enter(
            venue, lines, day=day, key=key, by=request.user, now=timezone.now(), address=client_address(request)
        )
    except DomainError as error:
        again = uuid.uuid4() if isinstance(error, by_hand.OtherLines) else key
        return _form(request, venue, lines, day_text=day_text, key=again, error=str(error), status=error.status)
    said = ngettext("%(n)s line is saved,", "%(n)s lines are saved,", len(entered.stored)) % {"n": len(entered.stored)}
    said += " " + ngettext("%(n)s person.", "%(n)s people.", entered.people) % {"n": entered.people}
    if not entered.back:
        messages.success(request, said)
        return redirect("owner:paper-enter", venue_id=venue.pk)
    return _form(request, venue, entered.back, day_text=day_text, saved=said if entered.stored else None, status=400)


def _key(request: SignedIn) -> uuid.UUID:
    """The key that came with the form; one that is none is as good as a new form's."""
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid.uuid4()


def _rows(request: SignedIn) -> int:
    """How many lines the form had."""
    rows = request.POST.get("rows", "")
    return min(by_hand.LINES, int(rows)) if rows.isascii() and rows.isdigit() and len(rows) < 4 else SHOWN


def _typed(request: SignedIn) -> list[dict[str, str]]:
    return [{name: request.POST.get(f"{name}-{row}", "") for name in by_hand.MEMBERS} for row in range(_rows(request))]


def _form(
    request: SignedIn,
    venue: Venue,
    lines: list[Line],
    *,
    day_text: str,
    key: uuid.UUID | None = None,
    shown: int = SHOWN,
    quiet: bool = False,
    status: int = 200,
    **said: Any,
) -> HttpResponse:
    """The form with these lines on top and empty ones below; `quiet` says nothing yet of what is wrong."""
    if quiet:
        for line in lines:
            line.wrong.clear()
    shown = min(by_hand.LINES, max(shown, len(lines) + 5))
    rows = [*lines, *(Line(0, dict.fromkeys(by_hand.MEMBERS, "")) for _row in range(shown - len(lines)))]
    today = timezone.localdate()
    lately = PaperList.objects.filter(scanner__venue=venue).select_related("entered_by").order_by("-entered_at")
    context = {
        "venue": venue,
        "rows": list(enumerate(rows)),
        "may_grow": shown < by_hand.LINES,
        "wrong": [(place, line) for place, line in enumerate(rows) if line.wrong],
        "day": day_text,
        "first_day": today - retention.KEPT,
        "today": today,
        "key": key or uuid.uuid4(),
        "lately": list(lately[:LATELY]),
        "language": translation.get_language(),
    }
    return render(request, "owner/paper_enter.html", context | said, status=status)
