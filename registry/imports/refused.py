"""The rows of a file that were refused: counted, the first ones shown, all to download with a reason each."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext

from registry.imports import parts, reasons
from registry.models import Import, ImportPart
from registry.spreadsheets import harmless


def count(row: Import) -> dict[str, int]:
    """Rows by reason, the most frequent first, among those that wait."""
    by_reason = row.waiting.exclude(refusal="").values_list("refusal").annotate(rows=Count("number"))
    return dict(by_reason.order_by("-rows", "refusal"))


def first(row: Import, most: int) -> list[dict[str, Any]]:
    """Row number, field and reason of the first ones, in words. Nothing that stands in the row."""
    found = row.waiting.exclude(refusal="").order_by("number").values_list("number", "refusal", "detail")[:most]
    return [
        {"number": number, "where": reasons.where(reason, detail), "why": reasons.in_words(reason, detail)}
        for number, reason, detail in found
    ]


def keep_only(row: Import) -> None:
    """Of a file that was taken in, keep the refused rows alone, each with its reason; nothing waits any more."""
    refusals = {n: (reason, detail) for n, reason, detail in _refusals(row)}
    if not refusals:
        parts.destroy(row)
    for part, rows in parts.every(row):
        kept: Any = [(n, [*refusals[n], *cells]) for n, cells in rows if n in refusals]
        if kept:
            ImportPart.objects.filter(pk=part.pk).update(content=parts.packed(kept))
        else:
            part.delete()
    row.waiting.all().delete()


def _refusals(row: Import) -> Any:
    return row.waiting.exclude(refusal="").values_list("number", "refusal", "detail").iterator(chunk_size=5000)


def as_csv(row: Import) -> bytes:
    """CSV in UTF-8 with a mark, as spreadsheets want it: the file's own columns, behind them why each was refused.

    With the reasons taken out it can be mended and sent again.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*map(harmless, row.header), gettext("Row"), gettext("Column"), gettext("Why it was refused")])
    width = len(row.header)
    for number, reason, detail, cells in _refused_rows(row):
        told = [str(number), reasons.where(reason, detail), reasons.in_words(reason, detail)]
        writer.writerow([*map(harmless, [*cells, *[""] * (width - len(cells))][:width]), *told])
    return out.getvalue().encode("utf-8-sig")


def _refused_rows(row: Import) -> Iterator[tuple[int, str, Any, list[str]]]:
    """Number, reason, details and cells: as `keep_only` wrote them, or those among all rows that wait."""
    done = row.state == Import.State.DONE
    refusals = {} if done else {n: (reason, detail) for n, reason, detail in _refusals(row)}
    for _part, rows in parts.every(row):
        for number, cells in rows:
            if done:
                kept: Any = cells
                yield number, kept[0], kept[1], kept[2:]
            elif number in refusals:
                yield number, *refusals[number], cells
