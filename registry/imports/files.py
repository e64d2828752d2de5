"""What clerks do with a file of pass records: bring it, say which column is which, begin, go on, undo, discard.

bring(upload, …) -> Import        columns          the file is read once, whole, and kept encrypted
choose(row, …)                    checking         a job checks every row beside the registry; nothing is written
begin(row, …)                     running          a job takes the rows in
undo(row, …)                      undoing          a job revokes what the import made
discard(row, …)                   discarded        the file is destroyed, nothing was written
forget(now)                       discarded, or in_part: what nobody came back to
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from registry import audit, jobs, periods
from registry.errors import DomainError
from registry.imports import columns, parts, reading
from registry.imports.columns import ALWAYS, Field
from registry.models import Import, ImportColumns, ImportRow, Kept, Tag, User

State = Import.State
FORGOTTEN_AT_ONCE = 100
CHECK, TAKE_IN, UNDO = "check_import", "take_in_import", "undo_import"


class NotNow(DomainError):
    code = "not_now"
    message = _("This import has gone on meanwhile. Please look at where it is now.")


class ColumnsMissing(DomainError):
    code = "columns_missing"
    status = 422
    message = _("Name, birth date and certificate number are needed: choose the column of each.")


class NoDay(DomainError):
    code = "no_day"
    status = 422
    message = _("Choose the column of the date, or for PCR tests that of the time of the result.")


class NoKinds(DomainError):
    code = "no_kinds"
    status = 422
    message = _("Choose the column of the kind, or say what kind of record the whole file has.")


class ColumnTwice(DomainError):
    code = "column_twice"
    status = 422
    message = _("One column was chosen for two things. Each has a column of its own.")


def bring(
    upload: UploadedFile, *, issuer: str, region: str, by: User, now: datetime, address: str | None = None
) -> Import:
    """Read a file and keep it until its columns are chosen; only once all of it is read is anything written.

    Raises reading.CannotRead.
    """
    if (upload.size or 0) > reading.LARGEST:
        raise reading.TooLarge
    table = reading.read(upload.read(reading.LARGEST + 1))
    packed = parts.in_parts(table.rows)
    row = Import(
        by=by,
        region=by.region,
        at=now,
        file_name=(upload.name or "")[-120:],
        size=upload.size or 0,
        issuer=issuer,
        header=table.header,
        default_region=region,
        rows=len(table.rows),
        last_number=table.rows[-1][0],
    )
    _keep(row, packed, address=address)
    return row


@transaction.atomic
def _keep(row: Import, packed: list[bytes], *, address: str | None) -> None:
    known = ImportColumns.objects.filter(issuer=row.issuer).first()
    row.default_kind = known.default_kind if known else ""
    row.columns = columns.guess(row.header, known.headings if known else None)
    row.save(force_insert=True)
    parts.keep(row, packed)
    audit.record(Tag.FILE_BROUGHT, by=row.by, target=row, address=address, rows=row.rows)


@transaction.atomic
def choose(row: Import, chosen: Mapping[Field, int], *, kind: str, by: User, now: datetime) -> None:
    """Say which column is which; it is remembered for the issuer, and the file is checked in the background.

    May be said again as long as nothing was taken in. Raises NotNow, ColumnsMissing, NoDay, NoKinds, ColumnTwice.
    """
    _check_columns(chosen, kind)
    row = _locked(row, State.COLUMNS, State.CHECKED)
    ImportRow.objects.filter(imported_in=row).delete()
    row.columns = {field.value: place for field, place in chosen.items()}
    row.default_kind, row.state, row.reached = kind, State.CHECKING, 0
    row.fresh = row.known = row.people = row.refused = 0
    row.refusals = {}
    _hand_over(row, CHECK, by=by, now=now)
    ImportColumns.objects.update_or_create(
        issuer=row.issuer,
        defaults={
            "headings": {field.value: row.header[place] for field, place in chosen.items()},
            "default_kind": kind,
            "at": now,
        },
    )


def _check_columns(chosen: Mapping[Field, int], kind: str) -> None:
    if not chosen.keys() >= set(ALWAYS):
        raise ColumnsMissing
    if not chosen.keys() & {Field.DAY, Field.RESULT_AT}:
        raise NoDay
    if Field.KIND not in chosen and not kind:
        raise NoKinds
    if len(set(chosen.values())) < len(chosen):
        raise ColumnTwice


@transaction.atomic
def begin(row: Import, *, by: User, now: datetime, address: str | None = None) -> None:
    """Take the rows in, in the background. Raises NotNow."""
    row = _locked(row, State.CHECKED)
    row.state, row.began_at, row.reached = State.RUNNING, now, 0
    row.fresh = row.known = row.people = 0  # counted anew, as the registry goes on meanwhile
    _hand_over(row, TAKE_IN, by=by, now=now)
    audit.record(Tag.IMPORT_BEGUN, by=by, target=row, address=address, rows=row.rows)


@transaction.atomic
def go_on(row: Import, *, by: User, now: datetime, address: str | None = None) -> None:
    """Take up again what was stopped or has failed, where it left off. Raises NotNow."""
    row = _locked(row, State.CHECKING, State.RUNNING, State.UNDOING)
    if not row.is_stuck:
        raise NotNow
    work = {State.CHECKING: CHECK, State.RUNNING: TAKE_IN, State.UNDOING: UNDO}[State(row.state)]
    if work == UNDO:
        row.kept = 0  # it goes through all of them again, and those that stay are counted anew
    _hand_over(row, work, by=by, now=now)
    audit.record(Tag.IMPORT_BEGUN, by=by, target=row, address=address, reached=row.reached)


@transaction.atomic
def undo(row: Import, *, reason: str, by: User, now: datetime, address: str | None = None) -> None:
    """Revoke in the background what the import made and nobody touched since; also of one that was stopped. Raises
    NotNow."""
    row = _locked(row, State.DONE, State.IN_PART, State.RUNNING)
    if row.state == State.RUNNING and not row.is_stuck:
        raise NotNow
    row.state, row.undone_at, row.undone_by, row.undo_reason, row.reached = State.UNDOING, now, by, reason, 0
    _hand_over(row, UNDO, by=by, now=now)
    audit.record(Tag.IMPORT_UNDONE, by=by, target=row, reason=reason, address=address)


@transaction.atomic
def discard(row: Import, *, by: User | None, address: str | None = None) -> None:
    """Destroy a file of which nothing was taken in. Raises NotNow."""
    row = _locked(row, State.COLUMNS, State.CHECKED, State.CHECKING)
    if row.state == State.CHECKING and not row.is_stuck:
        raise NotNow
    row.state = State.DISCARDED
    row.save(update_fields=["state"])
    destroy(row)
    audit.record(Tag.FILE_DISCARDED, by=by, target=row, address=address)


def destroy(row: Import) -> None:
    """The file and the rows that wait."""
    parts.destroy(row)
    ImportRow.objects.filter(imported_in=row).delete()


def forget(now: datetime) -> int:
    """Destroy the files that nobody came back to, and the refused rows of those that were taken in; how many.

    Of a file that was stopped half way, what was taken in stays, and can be undone.
    """
    since = periods.since(Kept.IMPORTS, now)
    old = Import.objects.untouched_since(since).with_a_file()
    return sum(_end(row, since=since, now=now) for row in old[:FORGOTTEN_AT_ONCE])


@transaction.atomic
def _end(row: Import, *, since: datetime, now: datetime) -> int:
    """One of them; 0 where somebody came back in this very moment."""
    row = _locked(row, *State)
    if row.touched_at >= since or (row.takes_time and not row.is_stuck):
        return 0
    if row.state in (State.COLUMNS, State.CHECKED, State.CHECKING):
        discard(row, by=None)
        return periods.destroyed(Kept.IMPORTS, 1, now)
    if row.state == State.RUNNING:
        row.state, row.done_at = State.IN_PART, now
        row.save(update_fields=["state", "done_at"])
        audit.record(Tag.FILE_DISCARDED, by=None, target=row, fresh=row.fresh, known=row.known, rows=row.rows)
    destroy(row)
    return periods.destroyed(Kept.IMPORTS, 1, now)


def kept_until(row: Import) -> datetime:
    """When its file, or what is left of it, is destroyed unless somebody works on it meanwhile."""
    return row.touched_at + timedelta(days=periods.days(Kept.IMPORTS))


def _locked(row: Import, *states: Import.State) -> Import:
    """The row as it stands, held until the transaction ends. Raises NotNow."""
    found = Import.objects.select_for_update(of=["self"]).select_related("job").filter(pk=row.pk, state__in=states)
    locked = found.first()
    if locked is None:
        raise NotNow
    return locked


def _hand_over(row: Import, work: str, *, by: User, now: datetime) -> None:
    total = row.fresh if work == UNDO else row.rows
    row.job = jobs.begin(work, by=by, now=now, values={"import": row.pk}, total=total)
    row.save()
