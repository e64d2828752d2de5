"""Counts beyond today: 28 days by day and weekday, the months before, and the form that exports them."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from checkins import charts, counts, why
from venues.hours import DAYS
from venues.models import Venue
from venues.portal.sign_in import SignedIn

LONGEST = 366  # days in an export


class SpanForm(forms.Form):
    """`first` and `last` are both inclusive."""

    told_above = True

    first = forms.DateField(
        label=_("From"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Enter the first day.")},
    )
    last = forms.DateField(
        label=pgettext_lazy("span", "To"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Enter the last day.")},
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get("first"), values.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day must not lie before the first."))
        elif first and last and (last - first).days >= LONGEST:
            self.add_error("last", _("At most 366 days at once. Export the rest as another file."))
        return values


@login_required
@never_cache
@require_safe
def counts_page(request: SignedIn, venue_id: int) -> HttpResponse:
    """28 days and the months before, for owners and managers; others get 404."""
    venue = get_object_or_404(Venue.objects.managed_by(request.user).select_related("category"), pk=venue_id)
    today = timezone.localdate()
    first = today - timedelta(days=counts.DAYS - 1)
    form = SpanForm(initial={"first": first, "last": today})
    return page(request, venue, form, today=today)


def page(request: SignedIn, venue: Venue, form: SpanForm, *, today: date, status: int = 200) -> HttpResponse:
    """The page with a form as it is, also where what was typed into it is wrong."""
    first = today - timedelta(days=counts.DAYS - 1)
    days = counts.by_day(venue, first, today)
    weekdays = counts.by_weekday(days[:-1])
    months = counts.by_month(venue, today)
    turned_away = sum((day.turned_away for day in days), start=Counter())
    context = {
        "venue": venue,
        "form": form,
        "days": days[::-1],
        "total": sum(day.admitted for day in days),
        "anybody": any(day.anybody for day in days),
        "refusals": why.turned_away(turned_away),
        "days_chart": charts.draw(
            [(day.admitted, day.refused) for day in days],
            [date_format(day, "n/j") for day in (first, first + timedelta(days=counts.DAYS // 2), today)],
        ),
        "weekdays": [(DAYS[weekday], mean) for weekday, mean in weekdays],
        "weekdays_chart": charts.draw([(mean, 0) for _weekday, mean in weekdays], [str(day)[:3] for day in DAYS]),
        "months": months,
        "months_chart": charts.draw(
            [(month.admitted, month.refused) for _first, month in reversed(months)],
            [date_format(months[place][0], "Y-m") for place in (-1, 0)] if len(months) > 1 else [],
        ),
    }
    return render(request, "owner/days.html", context, status=status)
