"""Mails to clerks: rows written with the deed, sent after it by whoever sweeps, tried again for as long as they matter.

The row is the truth, enqueueing only hastens it. Nothing is sent inside a transaction, and the mail server has ten
seconds to answer (EMAIL_URL, docs/clerks.md).
"""

from datetime import datetime, timedelta
from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry import periods
from registry.errors import DomainError
from registry.models import Kept, Mail

CLAIM = timedelta(minutes=2)  # for which whoever sends a mail has it alone
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
AT_ONCE = 10  # within CLAIM, however slowly the server answers

logger = structlog.get_logger("munjigi.mail")


class NoMail(DomainError):
    code = "no_mail"
    status = 503
    message = _("No mail can be sent: this installation has no mail server yet (EMAIL_URL).")


def enqueue(address: str, subject: str, text: str, *, useful_for: timedelta, now: datetime) -> Mail:
    """Have a mail sent once this transaction ends. Raises NoMail."""
    if not settings.EMAIL_HOST:
        raise NoMail
    return Mail.objects.create(
        address=address, subject=subject, text=text, created_at=now, not_after=now + useful_for, next_try_at=now
    )


def sweep(now: datetime) -> int:
    """Send what is due; how many were sent."""
    waiting = Mail.objects.filter(sent_at=None, given_up_at=None)
    waiting.filter(not_after__lte=now).update(given_up_at=now, text="")
    return sum(_send(mail, now) for mail in _claim(now))


@transaction.atomic
def forget(now: datetime) -> int:
    """Delete mails that were sent or given up long ago; how many."""
    since = periods.since(Kept.MAILS, now)
    gone, _each = Mail.objects.filter(Q(sent_at__lt=since) | Q(given_up_at__lt=since)).delete()
    return periods.destroyed(Kept.MAILS, gone, now)


@transaction.atomic
def _claim(now: datetime) -> list[Mail]:
    due = Mail.objects.filter(sent_at=None, given_up_at=None, next_try_at__lte=now).order_by("next_try_at")
    mails = list(due.select_for_update(skip_locked=True)[:AT_ONCE])
    Mail.objects.filter(pk__in=[mail.pk for mail in mails]).update(next_try_at=now + CLAIM)
    return mails


def _send(mail: Mail, now: datetime) -> bool:
    message = EmailMessage(mail.subject, mail.text, to=[mail.address], headers={"Message-ID": f"<{mail.pk}@munjigi>"})
    try:
        message.send()
    except (OSError, SMTPException) as error:
        pause = min(FIRST_PAUSE * 2 ** min(mail.tries, 10), LONGEST_PAUSE)
        Mail.objects.filter(pk=mail.pk).update(tries=mail.tries + 1, next_try_at=now + pause)
        logger.warning("mail_failed", mail=str(mail.pk), tries=mail.tries + 1, error=type(error).__name__)
        return False
    Mail.objects.filter(pk=mail.pk).update(sent_at=now, text="", tries=mail.tries + 1)
    return True
