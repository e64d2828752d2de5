"""What a partner app used: codes asked for and confirmed, passes, refusals by their reason; and its day's quota."""

import random
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from registry import periods, vault
from registry.errors import DomainError
from registry.models import Kept, Partner, PartnerUse
from registry.validity import SEOUL

SHARDS = 8

# One statement: counts one more where the day's sum is under the limit, and tells by a row whether it did.
COUNT = """
    INSERT INTO registry_partneruse (partner_id, day, what, shard, count)
    SELECT %(partner)s::bigint, %(day)s::date, %(what)s::varchar, %(shard)s::smallint, 1
    WHERE %(most)s::bigint IS NULL OR (SELECT coalesce(sum(count), 0) FROM registry_partneruse
        WHERE partner_id = %(partner)s::bigint AND day = %(day)s::date AND what = %(what)s::varchar) < %(most)s::bigint
    ON CONFLICT (partner_id, day, what, shard) DO UPDATE SET count = registry_partneruse.count + 1
    RETURNING 1"""


class What(models.TextChoices):
    """What is counted; beside these `refused:` and the code of the refusal."""

    ASKED = "asked", _("Codes asked for")
    CONFIRMED = "confirmed", _("Codes confirmed")
    PASSES = "passes", _("Passes given out")
    ENDED = "ended", _("Passes ended")


REFUSED = "refused:"


class QuotaUsed(DomainError):
    """What a partner may do on a day is done; `retry_after` says in how many seconds the next begins."""

    code = "quota_used"
    status = 429

    def __init__(self, *, quota: int, retry_after: int) -> None:
        super().__init__(quota=quota)
        self.retry_after = retry_after


class CodesUsed(QuotaUsed):
    message = _("This app’s {quota} codes of today are used up. Passes that it holds stay good and are renewed.")


def count(app: Partner, what: str, now: datetime, *, most: int | None = None) -> bool:
    """One more; False where the day's `most` are used. By as many as ask in the same moment it may run over."""
    values: dict[str, Any] = {"partner": app.pk, "day": vault.today(now), "what": what, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(COUNT, values | {"shard": random.randrange(SHARDS)})  # noqa: S311
        return cursor.fetchone() is not None


def spend_code(app: Partner, now: datetime) -> None:
    """Count one code of the day's quota. Raises CodesUsed."""
    if not count(app, What.ASKED, now, most=app.daily_quota):
        raise CodesUsed(quota=app.daily_quota, retry_after=seconds_to_midnight(now))


def refused(app: Partner, code: str, now: datetime) -> None:
    count(app, f"{REFUSED}{code}"[:40], now)


def of_day(app: Partner, day: date) -> Counter[str]:
    """How often each thing was done or refused."""
    sums = PartnerUse.objects.of(app, day).values_list("what").annotate(Sum("count"))
    return Counter(dict(sums))


def seconds_to_midnight(now: datetime) -> int:
    """Seconds until the next Seoul day."""
    local = now.astimezone(SEOUL)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((midnight - local).total_seconds()) + 1


@transaction.atomic
def forget(now: datetime) -> int:
    """Delete the counts of long ago; how many."""
    gone, _each = PartnerUse.objects.filter(day__lt=vault.today(periods.since(Kept.APP_USE, now))).delete()
    return periods.destroyed(Kept.APP_USE, gone, now)
