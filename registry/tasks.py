"""The registry's work in the background: one line each, may run twice."""

import logging
from uuid import UUID

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError
from django.utils import timezone

from registry import figures, history, jobs, mail, signing, vault
from registry.citizens import burying, leavings, withdrawal
from registry.clerks import sign_ins
from registry.evidence import access_days, heads, retention, sealing
from registry.imports import files as imports
from registry.partners import use
from registry.phone import verification
from registry.reverification import endings, outages, reminders, spreading
from registry.sms import budget, outbox, tallies

FORGETTING = (
    verification.forget, outbox.forget, withdrawal.forget, jobs.forget, mail.forget, history.forget, sign_ins.forget,
    imports.forget, tallies.forget, budget.forget, access_days.forget, use.forget,
)  # fmt: skip

log = logging.getLogger(__name__)


@shared_task(soft_time_limit=60, time_limit=90)
def sweep_sms() -> int:
    """Send what is due. Comes again in three seconds, so it needs no retry of its own."""
    return outbox.sweep(timezone.now())


@shared_task(soft_time_limit=60, time_limit=90)
def send_messages(message_ids: list[str]) -> bool:
    """Send messages now instead of at the next sweep, which would find them all the same."""
    return outbox.send([UUID(message_id) for message_id in message_ids], timezone.now())


@shared_task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def make_keys() -> None:
    """Have signing keys and day keys ready ahead of use."""
    today = vault.today(timezone.now())
    signing.make_keys_ahead(today)
    vault.make_keys_ahead(today)
    vault.keep_paper_keys(today)


@shared_task
def forget_checks() -> None:
    """Delete what is past its use or its period, part by part; what a call leaves the next one takes. What fails holds
    up nothing else: the first failure is raised in the end."""
    now, failures = timezone.now(), []
    for forget in FORGETTING:
        try:
            while forget(now):
                pass
        except SoftTimeLimitExceeded:
            raise
        except Exception as failure:
            log.exception("%s", forget.__module__)
            failures.append(failure)
    if failures:
        raise failures[0]


@shared_task(soft_time_limit=30, time_limit=60)
def watch_outages() -> None:
    """Open an outage where codes do not arrive. Comes again in seconds."""
    outages.watch(timezone.now())


@shared_task(soft_time_limit=120, time_limit=180)
def spread_due_dates() -> int:
    """Go on with moving due dates; what a call leaves the next one takes."""
    return spreading.carry_on(timezone.now())


@shared_task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def plan_reminders() -> None:
    """Plan the reminders of the day; again some hours later for what a pause left out."""
    reminders.plan_checks(timezone.now())
    for days in reminders.BEFORE_END:
        plan_endings.delay(days)


@shared_task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def plan_endings(days_before: int, after: str | None = None) -> None:
    """Plan one kind of reminder, chunk by chunk; the next task goes on where this one stops."""
    rest = reminders.plan_endings(timezone.now(), days_before, UUID(after) if after else endings.FIRST)
    if rest:
        plan_endings.delay(days_before, str(rest))


@shared_task(soft_time_limit=90, time_limit=120)
def remind() -> int:
    """Put reminders whose moment has come into the outbox. Comes again in seconds."""
    return reminders.sweep(timezone.now())


@shared_task
def count_figures() -> None:
    """Count anew what the desk's charts of the coming days show."""
    now = timezone.now()
    figures.count(now)
    figures.forget(now)


@shared_task
def count_checks() -> None:
    figures.count_checks(timezone.now())


@shared_task(soft_time_limit=60, time_limit=90)
def run_job(job_id: str) -> None:
    """Work on a job for some seconds; then it stands at the end of the queue again."""
    if jobs.run(UUID(job_id)):
        _queue(job_id)


@shared_task
def sweep_jobs() -> None:
    """Begin what was asked for, and take up what a dead worker left behind."""
    for job_id in jobs.left_lying(timezone.now()):
        _queue(str(job_id))


def _queue(job_id: str) -> None:
    """What has not begun by the time that the sweep finds the job again is dropped: it does not pile up."""
    run_job.apply_async((job_id,), expires=2 * jobs.SLICE_SECONDS)


@shared_task(soft_time_limit=60, time_limit=90)
def seal_evidence() -> int:
    """Seal what the access log has new, and have the vault keep the newest seal. Comes again in a second."""
    now = timezone.now()
    if sealed := sealing.seal(now):
        heads.keep(now)
    return sealed


@shared_task
def tell_audit_head() -> None:
    """Put the newest seal into the process's log."""
    sealing.tell_head()


@shared_task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def count_access() -> int:
    """Count what clerks did on days that are over, for the monthly review."""
    return access_days.keep(timezone.now())


@shared_task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def destroy_evidence() -> int:
    """Destroy what the access log has kept for its period."""
    return retention.destroy(timezone.now())


@shared_task(soft_time_limit=60, time_limit=90)
def keep_leavings() -> int:
    """Tell the register of those who left of the newest. Comes again in seconds."""
    return leavings.keep()


@shared_task
def bury_leavings() -> int:
    """Whoever left and came back with a restore leaves again. The start of each process does the same."""
    return burying.replay()


@shared_task(soft_time_limit=300, time_limit=330)
def sweep_mail() -> int:
    """Send mails that are due; what fails is due again later."""
    return mail.sweep(timezone.now())
