"""What signing in leaves behind: sessions that ended, tries that failed."""

from datetime import datetime

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.db import transaction

from registry import periods
from registry.models import Kept


@transaction.atomic
def forget(now: datetime) -> int:
    """Delete sessions and tries whose period is over; how many. A lock lasts minutes, so none is lifted by it."""
    since = periods.since(Kept.SIGN_INS, now)
    count = Session.objects.filter(expire_date__lt=since).delete()[0]
    for model in (AccessAttempt, AccessFailureLog, AccessLog):
        count += model.objects.filter(attempt_time__lt=since).delete()[0]
    return periods.destroyed(Kept.SIGN_INS, count, now)
