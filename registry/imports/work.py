"""The jobs of an import (registry/jobs.py): to check a file, to take it in, to undo it. Each step is a transaction."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry import audit, jobs
from registry.imports import files, judging, parts, refused, staging, taking_in, undoing
from registry.models import Import, Job, Tag

State = Import.State


def _page(job: Job) -> str:
    return reverse("admin:registry_import_change", args=[job.values["import"]])


def _held(job: Job, state: Import.State) -> Import | None:
    """The import of a job, held until the transaction ends, where it is still this job's turn."""
    return Import.objects.select_for_update(of=["self"]).filter(pk=job.values["import"], job=job, state=state).first()


@jobs.kind(files.CHECK, title=_("Check a file of pass records"), permission="registry.view_import", page=_page)
def check(job: Job, now: datetime) -> bool:
    """Part by part the rows by themselves, then all of them beside each other and the registry."""
    row = _held(job, State.CHECKING)
    if row is None:
        return False
    rows = parts.read(row, row.reached)  # which counts parts while a file is checked
    if rows is None:
        return _judge_all(row)
    staging.stage(row, rows, now=now)
    job.done = row.reached * parts.PART + len(rows)
    row.reached += 1
    row.save(update_fields=["reached"])
    return True


def _judge_all(row: Import) -> bool:
    staging.analyse()
    staging.refuse_repeated(row)
    counts = judging.judge(row, 0, row.last_number)
    _count(row, counts, refusals=refused.count(row))
    row.state, row.reached = State.CHECKED, 0
    row.save()
    return False


@jobs.kind(files.TAKE_IN, title=_("Take in pass records"), permission="registry.view_import", page=_page)
def take_in(job: Job, now: datetime) -> bool:
    row = _held(job, State.RUNNING)
    if row is None:
        return False
    if row.reached < row.last_number:
        counts = taking_in.take_in(row, now=now)
        refusals = Counter(row.refusals)
        refusals.update(counts.refusals)
        _count(row, counts, refusals=dict(refusals))
        job.done = min(row.fresh + row.known + row.refused, row.rows)
        row.save()
        return True
    row.state, row.done_at = State.DONE, now
    refused.keep_only(row)
    row.save()
    told: dict[str, Any] = {"fresh": row.fresh, "known": row.known, "people": row.people, "refused": row.refused}
    audit.record(Tag.IMPORT_DONE, by=row.by, target=row, **told)
    return False


@jobs.kind(files.UNDO, title=_("Undo an import"), permission="registry.view_import", page=_page)
def undo(job: Job, now: datetime) -> bool:
    row = _held(job, State.UNDOING)
    if row is None:
        return False
    last = undoing.undo(row, after=job.at.get("after", 0), now=now)
    job.done = row.undone + row.kept
    if last is None:
        row.state = State.UNDONE
        files.destroy(row)
    job.at["after"] = last
    row.save()
    return last is not None


def _count(row: Import, counts: judging.Counts, *, refusals: dict[str, int]) -> None:
    row.fresh += counts.fresh
    row.known += counts.known
    row.people += counts.people
    row.refusals, row.refused = refusals, sum(refusals.values())
