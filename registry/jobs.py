"""Long work in the background: begun by a clerk, done chunk by chunk, taken up again after a crash.

A kind of work registers one function that does a chunk of it. Each chunk is a transaction: what it wrote and how far
the job is are true together or not at all, so a worker may be killed at any moment. One worker at a time works on a
job: it holds an advisory lock that dies with its connection, so nobody has to wait for a lease to run out. What was
taken up again and again without a finished chunk ends as failed, until a clerk takes it up again.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry import audit, periods
from registry.errors import DATABASE_AWAY, DomainError, VaultUnavailable
from registry.models import Job, JobFile, Kept, Tag, User

FORGOTTEN_AT_ONCE = 200  # files may be large
MOST_TRIES = 5  # without a finished chunk between them; the pauses between them grow
SLICE_SECONDS = 5  # a worker then lets others have a turn; texts wait behind jobs no longer than this

OURS = _("Something of ours went wrong. It is on record; please tell the service desk.")

STUCK = _(
    "It was begun {tries} times and came no further: each time a part took too long, or the worker was ended. What is "
    "done so far stays done. Take it up again when the service desk has looked into it."
)

log = logging.getLogger(__name__)

Step = Callable[[Job, datetime], bool]


class NotUnderWay(DomainError):
    code = "not_under_way"
    message = _("This job is over already.")


class NotFailed(DomainError):
    code = "not_failed"
    message = _("This job has not failed, or somebody has taken it up again already.")


class UnknownKind(DomainError):
    """`kind`: its name. An update took it away, or a worker is older than the page where it was begun."""

    code = "unknown_kind"
    message = _("Nothing here knows how to do this kind of work ({kind}). Begin it anew; please tell the service desk.")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work: what it is called, who may see it (and its files), and what does a chunk of it.

    `counts`: whether `done` and `total` count something a clerk knows; where not, a share is shown.
    """

    name: str
    title: Any
    permission: str
    step: Step
    page: Callable[[Job], str] | None = None  # the address of the page where it was begun
    counts: bool = True


KINDS: dict[str, Kind] = {}


def kind(
    name: str, *, title: Any, permission: str, page: Callable[[Job], str] | None = None, counts: bool = True
) -> Callable[[Step], Step]:
    """Register what does a chunk of this kind of work.

    The function is called inside a transaction with the job's row, locked, and the moment; it changes `done`, `total`,
    `at` and `result` on the row (which are saved after it) and answers whether there is more to do. A DomainError ends
    the job as failed with its message; a database that is away, the vault as well, or too little time leaves it to be
    tried again. Keep a chunk below a second.
    """

    def register(step: Step) -> Step:
        KINDS[name] = Kind(name, title, permission, step, page, counts)
        return step

    return register


@transaction.atomic
def begin(
    name: str,
    *,
    by: User | None,
    now: datetime,
    values: dict[str, Any] | None = None,
    total: int | None = None,
    files: tuple[JobFile, ...] = (),
    address: str | None = None,
) -> Job:
    """Ask for work of a registered kind; the sweep finds it within seconds."""
    job = Job.objects.create(kind=KINDS[name].name, values=values or {}, total=total, asked_by=by, asked_at=now)
    for file in files:
        file.job = job
        file.save(force_insert=True)
    audit.record(Tag.JOB_ASKED, by=by, target=job, address=address, kind=name)
    return job


@transaction.atomic
def stop(job: Job, *, by: User, now: datetime, address: str | None = None) -> None:
    """Do no more of it; what was done stays done. Waits for the chunk at hand. Raises NotUnderWay."""
    if not Job.objects.unfinished().filter(pk=job.pk).update(state=Job.State.STOPPED, finished_at=now):
        raise NotUnderWay
    audit.record(Tag.JOB_STOPPED, by=by, target=job, address=address, done=job.done)


@transaction.atomic
def resume(job: Job, *, by: User, now: datetime, address: str | None = None) -> None:
    """Take up again what has failed, where it left off. Raises NotFailed."""
    afresh = {"state": Job.State.UNDER_WAY, "error": "", "finished_at": None, "worked_at": None, "tries": 0}
    if not Job.objects.failed().filter(pk=job.pk).update(**afresh):
        raise NotFailed
    audit.record(Tag.JOB_RESUMED, by=by, target=job, address=address, done=job.done)


def run(job_id: UUID, *, seconds: float = SLICE_SECONDS) -> bool:
    """Work on a job for a while, unless somebody else does; whether there is more to do."""
    deadline = time.monotonic() + seconds
    with _alone(job_id) as alone:
        going = alone and _take_up(job_id, timezone.now())
        while going:
            if not _chunk(job_id):
                return False
            if time.monotonic() > deadline:
                return True
    return False


def left_lying(now: datetime) -> list[UUID]:
    """Jobs that nobody has worked on for a while, longest waiting first; the while grows with each try in vain."""
    jobs, pause = Job.objects.unfinished().order_by("asked_at"), 2 * timedelta(seconds=SLICE_SECONDS)
    rows = jobs.values_list("pk", "worked_at", "tries")
    return [pk for pk, at, tries in rows if at is None or at < now - pause * max(tries, 1)]


def _take_up(job_id: UUID, now: datetime) -> bool:
    """Count the try in a transaction of its own, so that one which ends with its worker has left a mark; whether to go
    on. The first chunk that is finished counts anew."""
    job = Job.objects.unfinished().filter(pk=job_id)
    if job.filter(tries__lt=MOST_TRIES).update(tries=F("tries") + 1, worked_at=now):
        return True
    fail(job_id, str(STUCK).format(tries=MOST_TRIES), now=now)
    return False


def _chunk(job_id: UUID) -> bool:
    """One chunk, with where the next one begins, in a transaction; whether there is more to do."""
    try:
        with transaction.atomic():
            job = Job.objects.unfinished().select_for_update().filter(pk=job_id).first()
            if job is None:
                return False
            if job.kind not in KINDS:
                raise UnknownKind(kind=job.kind)
            more = KINDS[job.kind].step(job, timezone.now())
            job.worked_at, job.tries = timezone.now(), 0
            if not more:
                job.state, job.finished_at = Job.State.DONE, job.worked_at
            job.save(update_fields=["done", "total", "at", "result", "worked_at", "tries", "state", "finished_at"])
            return more
    except VaultUnavailable:  # that is no fault of the work
        Job.objects.filter(pk=job_id, tries__gt=0).update(tries=F("tries") - 1)
        raise
    except (*DATABASE_AWAY, SoftTimeLimitExceeded):
        raise
    except DomainError as error:
        fail(job_id, str(error), now=timezone.now())
    except Exception:
        log.exception("job %s", job_id)
        fail(job_id, str(OURS), now=timezone.now())
    return False


def fail(job_id: UUID, error: str, *, now: datetime) -> None:
    """End a job as failed; what its finished chunks wrote stays."""
    Job.objects.unfinished().filter(pk=job_id).update(state=Job.State.FAILED, error=error, finished_at=now)


@contextmanager
def _alone(job_id: UUID) -> Iterator[bool]:
    """Whether this process may work on the job now. A crash gives the lock back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [lock_of(job_id)])
        [got] = cursor.fetchone()
    try:
        yield got
    finally:
        if got and connection.connection and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [lock_of(job_id)])


def lock_of(job_id: UUID) -> int:
    """The key of its advisory lock: the random half of the id. It is negative, as no lock with a name of its own is."""
    return int.from_bytes(job_id.bytes[8:], "big", signed=True)


@transaction.atomic
def forget(now: datetime) -> int:
    """Delete jobs that ended long ago, with their files; how many."""
    old = Job.objects.filter(finished_at__lt=periods.since(Kept.JOBS, now)).values("pk")[:FORGOTTEN_AT_ONCE]
    _all, gone = Job.objects.filter(pk__in=old).delete()
    return periods.destroyed(Kept.JOBS, gone.get("registry.Job", 0), now)
