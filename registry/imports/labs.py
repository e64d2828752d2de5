"""Records that a laboratory or hospital pushes: up to 500 at once, judged and written as those of a file are.

What a lab delivers on a day is one import, counted on as batches come, which a clerk sees and can undo like any other.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from registry import audit, vault
from registry.errors import DomainError
from registry.imports import reasons, staging, taking_in
from registry.imports.columns import Field
from registry.models import Import, Partner, Tag
from registry.partners import use

MOST = 500  # records of a batch
_LOCKS = 0x6D6C6162  # "mlab": first key of the advisory locks
_FIELDS = [field for field in Field if field != Field.ISSUER]  # the issuer is the lab


class OneAtATime(DomainError):
    """The bulkhead: however many a lab sends at once, it takes one place."""

    code = "one_at_a_time"
    status = 503
    message = _("Your last batch is still being worked on. Send one after the other.")
    retry_after = 2


class QuotaUsed(use.QuotaUsed):
    message = _("Your {quota} records of today are used up. The rest can come tomorrow, or ask the agency for more.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one record: stored, known (it was there already) or refused for a reason."""

    certificate_number: str
    answer: str
    reason: str = ""
    field: str = ""
    detail: str = ""


@transaction.atomic
def deliver(
    lab: Partner, records: list[Mapping[str, str]], *, now: datetime, address: str | None = None
) -> list[Answer]:
    """Take up to MOST records in; an answer for each, in their order. Sent again, what was stored is known.

    Raises OneAtATime, QuotaUsed (then nothing of the batch was taken).
    """
    _alone(lab)
    row = _today(lab, now)
    if row.rows + len(records) > lab.daily_quota:
        raise QuotaUsed(quota=lab.daily_quota, retry_after=use.seconds_to_midnight(now))
    first = row.last_number + 1
    cells = [[record.get(field.value, "") for field in _FIELDS] for record in records]
    staging.stage(row, list(enumerate(cells, first)), now=now)
    staging.refuse_repeated(row)
    row.rows += len(records)
    row.last_number += len(records)
    counts = taking_in.take_in(row, now=now)
    answers = _answers(row, records, first)
    refused = [answer.reason for answer in answers if answer.reason]
    row.fresh, row.known, row.people = row.fresh + counts.fresh, row.known + counts.known, row.people + counts.people
    row.refused += len(refused)
    for reason in refused:
        row.refusals[reason] = row.refusals.get(reason, 0) + 1
    row.done_at = now
    row.save()
    row.waiting.all().delete()
    told: dict[str, Any] = {"fresh": counts.fresh, "known": counts.known, "refused": len(refused)}
    audit.record(Tag.LAB_DELIVERED, by=None, target=row, address=address, lab=lab.pk, **told)
    return answers


def _alone(lab: Partner) -> None:
    """Until the transaction ends. Raises OneAtATime."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCKS, lab.pk])
        if not cursor.fetchone()[0]:
            raise OneAtATime


def _today(lab: Partner, now: datetime) -> Import:
    """The import of the day, held until the transaction ends; a new one where a clerk has undone that of today."""
    day = vault.today(now)
    facts: dict[str, Any] = {
        "region": "", "file_name": f"API {day.isoformat()}", "size": 0, "header": [field.value for field in _FIELDS],
        "columns": {field.value: place for place, field in enumerate(_FIELDS)}, "issuer": lab.name,
        "default_region": lab.region, "rows": 0, "last_number": 0, "began_at": now, "at": now,
    }  # fmt: skip
    row, _made = Import.objects.select_for_update(of=["self"]).get_or_create(
        lab=lab, day=day, state=Import.State.DONE, defaults=facts
    )
    return row


def _answers(row: Import, records: list[Mapping[str, str]], first: int) -> list[Answer]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT r.number, r.refusal, r.detail, coalesce(j.known, false)
            FROM registry_importrow r LEFT JOIN import_judged j ON j.number = r.number
            WHERE r.imported_in_id = %s ORDER BY r.number""",
            [row.pk],
        )
        found = cursor.fetchall()
    return [_answer(records[number - first], *verdict, first=first) for number, *verdict in found]


def _answer(record: Mapping[str, str], reason: str, detail: Any, known: bool, *, first: int) -> Answer:
    number = record.get(Field.CERTIFICATE_NUMBER, "")
    if not reason:
        return Answer(number, "known" if known else "stored")
    detail = json.loads(detail) if isinstance(detail, str) else dict(detail or {})
    if "row" in detail:  # counted within the batch, from 1
        detail["row"] = detail["row"] - first + 1
    return Answer(number, "refused", reason, reasons.field_of(reason, detail), reasons.in_words(reason, detail))
