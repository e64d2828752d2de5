"""What SMS may cost in a day, against those who have them sent at our expense: a daily budget, of which reminders stop
earlier than codes, and a limit for each block of 10,000 numbers (the first 7 digits, such as 010-1234)."""

import os
import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import PhoneNumber

from registry import audit, periods, secrets, vault
from registry.errors import DomainError
from registry.models import Budget, Kept, Message, Spent, Tag, User

SHARDS = 32  # rows a day, so that requests at the same moment wait for each other seldom; as many more for reminders
PREFIX_DIGITS = 7  # 010 1234: as many as a carrier gives out together
TEN_MINUTES, DAY = timedelta(minutes=10), timedelta(days=1)
USUAL = Budget()  # where no clerk has set anything

# One statement: counts one more where the day's sum is under the limit, and tells by a row whether it did.
SPEND = """
    INSERT INTO registry_spent (day, shard, count)
    SELECT %(day)s, %(shard)s, 1
    WHERE %(always)s OR (SELECT coalesce(sum(count), 0) FROM registry_spent WHERE day = %(day)s)
        < (SELECT coalesce(max(daily), %(daily)s)
            * (CASE WHEN %(reminder)s THEN coalesce(max(reminder_share), %(share)s) ELSE 100 END) / 100.0
            FROM registry_budget)
    ON CONFLICT (day, shard) DO UPDATE SET count = registry_spent.count + 1
    RETURNING 1"""
# The times of the oldest codes that still count against either limit; none where there is room. Reads at most as many
# entries of an index as the limit allows.
PREFIX = """
    WITH rule AS (
        SELECT coalesce(max(prefix_ten_minutes), %(ten)s) AS ten, coalesce(max(prefix_day), %(a_day)s) AS a_day
        FROM registry_budget
    )
    SELECT
        (SELECT created_at FROM registry_code WHERE ten > 0 AND prefix_index = %(prefix)s AND created_at > %(ten_ago)s
         ORDER BY created_at DESC OFFSET (SELECT greatest(ten - 1, 0) FROM rule) LIMIT 1) AS in_ten,
        (SELECT created_at FROM registry_code WHERE a_day > 0 AND prefix_index = %(prefix)s AND created_at > %(day_ago)s
         ORDER BY created_at DESC OFFSET (SELECT greatest(a_day - 1, 0) FROM rule) LIMIT 1) AS in_day
    FROM rule"""


class BudgetSpent(DomainError):
    """`retry_after` says in how many seconds the next day begins."""

    code = "budget_spent"
    status = 503
    message = _(
        "No more text messages can be sent today. A pass that you hold stays good. Please try again after midnight, or "
        "ask at the counter."
    )

    def __init__(self, now: datetime) -> None:
        super().__init__()
        tomorrow = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + DAY
        self.retry_after = max(1, int((tomorrow - now).total_seconds()))


@dataclass(frozen=True, slots=True)
class Standing:
    """How much of a day's budget is gone."""

    daily: int
    spent: int
    reminders_stop_at: int

    @property
    def percent(self) -> int:
        return min(100, self.spent * 100 // self.daily) if self.daily else 100


def rule() -> Budget:
    """The row that a clerk sets; its usual values where nobody has."""
    return Budget.objects.filter(pk=1).first() or Budget(pk=1)


def values(purpose: str, now: datetime) -> dict[str, Any]:
    """What SPEND asks for, to count one SMS; where it gives no row, that is BudgetSpent. It always does for a notice,
    which tells of a deed that is done and that nobody repeats at will."""
    reminder = purpose == Message.Purpose.REMINDER
    values = {"day": vault.today(now), "shard": _shard(reminder=reminder), "reminder": reminder}
    return values | {
        "daily": USUAL.daily,
        "share": USUAL.reminder_share,
        "always": purpose == Message.Purpose.NOTICE,
    }


def _shard(*, reminder: bool) -> int:
    """Reminders go out by the hundred in one transaction, which then holds one row of this process and none that a
    request for a code, or another such batch, would wait for."""
    return SHARDS + os.getpid() % SHARDS if reminder else random.randrange(SHARDS)  # noqa: S311


def room_for_reminders(now: datetime) -> int:
    """How many reminders the day still bears; whoever sends many asks first instead of being refused in the middle."""
    standing = of_day(timezone.localdate(now))
    return max(0, standing.reminders_stop_at - standing.spent)


def of_day(day: date) -> Standing:
    budget = rule()
    spent = sum(Spent.objects.filter(day=day).values_list("count", flat=True))
    return Standing(budget.daily, spent, budget.daily * budget.reminder_share // 100)


def prefix_index(phone: PhoneNumber) -> bytes:
    """The block of numbers that a Korean mobile number is of, as codes are counted by."""
    national = "0" + phone.as_e164.removeprefix("+82")
    return secrets.blind_index("prefix", national[:PREFIX_DIGITS])


def prefix_values(prefix: bytes, now: datetime) -> dict[str, Any]:
    """What PREFIX asks for."""
    times = {"ten_ago": now - TEN_MINUTES, "day_ago": now - DAY}
    return {"prefix": prefix, "ten": USUAL.prefix_ten_minutes, "a_day": USUAL.prefix_day} | times


def prefix_wait(in_ten: datetime | None, in_day: datetime | None, now: datetime) -> timedelta:
    """How long until one more code may go to a block, by what PREFIX found; zero when it may now."""
    waits = [at + within - now for at, within in ((in_ten, TEN_MINUTES), (in_day, DAY)) if at]
    return max(waits, default=timedelta())


@transaction.atomic
def change(budget: Budget, *, by: User, address: str | None) -> None:
    """Write down what a clerk has set."""
    budget.pk = 1
    budget.save()
    kept = {name: getattr(budget, name) for name in ("daily", "reminder_share", "prefix_ten_minutes", "prefix_day")}
    audit.record(Tag.BUDGET_CHANGED, by=by, target=budget, address=address, **kept)


@transaction.atomic
def forget(now: datetime) -> int:
    """Delete the counts of long ago; how many."""
    gone, _each = Spent.objects.filter(day__lt=timezone.localdate(periods.since(Kept.SMS_SPENT, now))).delete()
    return periods.destroyed(Kept.SMS_SPENT, gone, now)
