"""Counts of a span as a file: CSV that Excel opens as it is, or XLSX. Hours and numbers, nobody's name or pseudonym."""

import csv
import tempfile
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO, Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.workbook.workbook import Workbook

from checkins import counts
from checkins.pages import days
from registry.spreadsheets import BOM, harmless
from venues.hours import DAYS
from venues.models import Venue
from venues.portal.sign_in import SignedIn

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Row = list[str | int]


@login_required
@never_cache
@require_safe
def export(request: SignedIn, venue_id: int) -> HttpResponseBase:
    """The file; a span that is wrong shows the page with what is wrong with it. For owners and managers."""
    venue = get_object_or_404(Venue.objects.managed_by(request.user).select_related("category"), pk=venue_id)
    form = days.SpanForm(request.GET)
    if not form.is_valid():
        return days.page(request, venue, form, today=timezone.localdate(), status=400)
    first, last = form.cleaned_data["first"], form.cleaned_data["last"]
    rows = lines(venue, counts.hours(venue, first, last))
    name = f"munjigi-{venue.pk}-{first}-{last}"
    if request.GET.get("as") == "xlsx":
        return FileResponse(workbook(rows), as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)
    response = StreamingHttpResponse(as_csv(rows), content_type="text/csv; charset=utf-8")
    return _attached(response, f"{name}.csv")


def _attached(response: StreamingHttpResponse, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def lines(venue: Venue, hours: Iterable[counts.Hour]) -> Iterator[Row]:
    """The heading in the reader's language, then a row for every hour with anybody."""
    heading: Row = [
        _("Venue"), _("Date"), _("Weekday"), _("Hour"), _("Let in"), pgettext("people", "Left"), _("Turned away"),
        _("Asked again"),
    ]  # fmt: skip
    name, weekdays = ILLEGAL_CHARACTERS_RE.sub("", venue.name), [str(day) for day in DAYS]
    found: Iterator[Row] = (
        [
            *(name, hour.day.isoformat(), weekdays[hour.day.weekday()], f"{hour.hour:02d}:00"),
            *(hour.admitted, hour.left, hour.refused, hour.again),
        ]
        for hour in hours
    )
    return chain([heading], found)


def safe(cell: str | int) -> str | int:
    """A cell that no spreadsheet takes for a formula; numbers stay numbers."""
    return harmless(cell) if isinstance(cell, str) else cell


class _Echo:
    """What a csv.writer writes into, to get its line back."""

    def write(self, line: str) -> str:
        return line


def as_csv(rows: Iterable[Row]) -> Iterator[str]:
    """Lines of RFC 4180, some hundred at a time."""
    writer = csv.writer(_Echo())
    part = [BOM]
    for row in rows:
        part.append(writer.writerow([safe(cell) for cell in row]))
        if len(part) >= 500:
            yield "".join(part)
            part = []
    yield "".join(part)


def workbook(rows: Iterable[Row]) -> IO[bytes]:
    """The same as a workbook of one sheet, written row by row to a file that goes when it is closed."""
    book: Any = Workbook(write_only=True)
    sheet = book.create_sheet(_("Counts"))
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([safe(cell) for cell in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 -- closed by the response
    book.save(file)
    file.seek(0)
    return file
