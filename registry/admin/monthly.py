"""The monthly review of the access log: last months with their state, a month's unusual access, and the sign-off."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from registry.admin.audit import log_of
from registry.admin.desk import clerk, evidence, posted
from registry.errors import DomainError
from registry.evidence import access_days, monthly
from registry.evidence.monthly import ClerkMonth
from registry.models import Event, MonthReview, Tag

SHOWN = 25  # months: what the log keeps, and the one that runs


class SignForm(forms.Form):
    words = forms.CharField(
        label=gettext_lazy("What you found"),
        max_length=4000,
        widget=UnfoldAdminTextareaWidget({"rows": 6}),
        help_text=gettext_lazy("Whom you asked and what they said; what follows from it. No names of citizens."),
    )


def open_count(request: HttpRequest) -> str:
    """The reminder in the sidebar and on the home page: last month waits for its review."""
    return "1" if _may_sign(request) and monthly.waits(timezone.localdate()) else ""


def months(request: HttpRequest) -> HttpResponse:
    """The months that the log keeps, the newest first."""
    _check_may_read(request)
    signed = {review.month: review for review in MonthReview.objects.select_related("signed_by")[: 2 * SHOWN]}
    first = Event.objects.order_by("at").values_list("at", flat=True).first()
    earliest = monthly.first_of(timezone.localtime(first).date()) if first else timezone.localdate()
    rows: list[dict[str, Any]] = []
    month = monthly.first_of(timezone.localdate())
    while len(rows) < SHOWN and month >= earliest:
        rows.append({"month": month, "review": signed.get(month), "runs": not rows, "page": page_of(month)})
        month = monthly.month_before(month)
    return _page(request, "months", _("Monthly review"), rows=rows)


def month_page(request: HttpRequest, year: int, month: int) -> HttpResponse:
    """One month: as it was signed, or as it is now, with the sign-off once it is over."""
    _check_may_read(request)
    try:
        day = date(year, month, 1)
    except ValueError:
        raise Http404 from None
    if day > timezone.localdate():
        raise Http404
    form = SignForm(posted(request))
    if request.method == "POST":
        answer = _sign(request, day, form)
        if answer:
            return answer
    review = MonthReview.objects.select_related("signed_by").filter(pk=day).first()
    over = timezone.now() >= monthly.bounds(day)[1]
    rows = [_row(row, day) for row in (monthly.told(review) if review else monthly.look_through(day))]
    title = _("Access in {month}").format(month=date_format(day, "YEAR_MONTH_FORMAT"))
    may_sign = over and review is None and _may_sign(request)
    return _page(
        request, "month", title, day=day, rows=rows, review=review, over=over, form=form if may_sign else None,
        back=reverse("admin:registry_monthreview_changelist"), many=monthly.MANY, times=monthly.TIMES,
        printed_at=timezone.now(), office=(access_days.OFFICE_FROM, access_days.OFFICE_UNTIL),
    )  # fmt: skip


def page_of(month: date) -> str:
    return reverse("admin:audit_month", args=[month.year, month.month])


def _check_may_read(request: HttpRequest) -> None:
    if not request.user.has_perm("registry.view_monthreview"):
        raise PermissionDenied


def _may_sign(request: HttpRequest) -> bool:
    """A month is of the whole country, and so is whoever answers for it."""
    return clerk(request).has_perm("registry.add_monthreview") and not clerk(request).region


def _sign(request: HttpRequest, month: date, form: SignForm) -> HttpResponse | None:
    if not _may_sign(request):
        raise PermissionDenied
    if not form.is_valid():
        return None
    try:
        monthly.sign(month, words=form.cleaned_data["words"], now=timezone.now(), **evidence(request))
    except DomainError as error:
        form.add_error(None, str(error))
        return None
    messages.success(request, _("The month is signed."))
    return HttpResponseRedirect(page_of(month))


def _row(row: ClerkMonth, month: date) -> dict[str, Any]:
    """A clerk's month with links to the rows of the log that are meant."""
    last = monthly.after(month).toordinal() - 1
    days = {"who": row.clerk, "at_from": month.isoformat(), "at_to": date.fromordinal(last).isoformat()}
    return {
        "clerk": row,
        "log": log_of(**days),
        "reveals": log_of(**days, tag=Tag.PERSON_REVEALED.value),
        "denied": log_of(**days, tag=Tag.DENIED.value),
    }


def _page(request: HttpRequest, name: str, title: str, **context: Any) -> HttpResponse:
    frame = admin.site.each_context(request) | {"title": title}
    return TemplateResponse(request, f"admin/registry/audit/{name}.html", frame | context)
