"""SMS before something ends: few, spread over the day, and none that is not needed any more.

- The phone check: two days before its due date, and on the day before the last day of the grace. That renewal opens
  earlier the wallet says by itself, for nothing.
- The pass, because the records come to their end: 14, 7 and 1 days before its last day (endings.py).

Planned every morning as rows of Reminder, in chunks, each with a moment of its own between 9 and 20 o'clock in Seoul;
planning again finds what was planned and adds what a pause left out. A sweep puts those whose moment has come into the
outbox, in the same transaction that notes it, and leaves out who renewed meanwhile. In an outage nobody is asked to do
what cannot be done, and nothing is sent at night or on a later day.
"""

import random
import time
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from phonenumber_field.phonenumber import PhoneNumber

from registry import policy, vault
from registry.models import Citizen, Device, Message, Reminder
from registry.reverification import endings, outages
from registry.secrets import Unreadable
from registry.sms import outbox, texts
from registry.sms.budget import BudgetSpent
from registry.validity import SEOUL

FROM_HOUR, TO_HOUR = 9, 20  # in Seoul
USEFUL_FOR = timedelta(hours=3)  # a reminder that no provider took for so long is dropped
CHUNK = 5000  # people planned in one statement
BATCH = 100  # reminders put into the outbox in one transaction
SECONDS = 40.0  # after these a call leaves the rest to the next
BEFORE_DUE, BEFORE_GRACE_ENDS = 2, 1  # days
BEFORE_END = (14, 7, 1)  # days

_PLAN_CHECKS = """
    INSERT INTO registry_reminder (citizen_id, kind, "on", days_before, send_at)
    SELECT c.id, 'phone_check', c.due_on + %(late)s, %(before)s, %(from)s + random() * (%(to)s - %(from)s)
    FROM registry_citizen c
    WHERE c.id = ANY(%(people)s) AND c.due_on BETWEEN %(first)s AND %(last)s AND c.phone_index IS NOT NULL
      AND EXISTS (SELECT FROM registry_device d WHERE d.citizen_id = c.id AND d.ended_at IS NULL)
    ON CONFLICT DO NOTHING"""


# --- planning


def hours(now: datetime) -> tuple[datetime, datetime] | None:
    """From when to when reminders are sent on this Seoul day, as far as it is still to come; None in the evening."""
    local = now.astimezone(SEOUL)
    opens = local.replace(hour=FROM_HOUR, minute=0, second=0, microsecond=0)
    closes = opens.replace(hour=TO_HOUR)
    return None if local >= closes else (max(opens, local), closes)


def plan_checks(now: datetime) -> int:
    """Plan today's reminders of the phone check; how many. None in an outage: those dates are about to be moved."""
    span, today = hours(now), vault.today(now)
    if span is None or outages.extends():
        return 0
    grace = policy.in_force_on(today).grace_days
    tomorrow = today + timedelta(days=1)
    in_time = _plan_due(tomorrow, today + timedelta(days=BEFORE_DUE), late=0, before=BEFORE_DUE, span=span)
    ends = tomorrow - timedelta(days=grace)
    return in_time + _plan_due(ends, ends, late=grace, before=BEFORE_GRACE_ENDS, span=span)


def _plan_due(first: date, last: date, *, late: int, before: int, span: tuple[datetime, datetime]) -> int:
    """Of everybody due from one day to another, about the day `late` days after. Gone through once, by a cursor."""
    values: dict[str, Any] = {
        "first": first,
        "last": last,
        "late": late,
        "before": before,
        "from": span[0],
        "to": span[1],
    }
    due = Citizen.objects.filter(due_on__range=(first, last), guardian=None).order_by()
    rows = due.values_list("pk", flat=True).iterator(chunk_size=CHUNK)
    planned = 0
    with connection.cursor() as cursor:
        while people := list(islice(rows, CHUNK)):
            cursor.execute(_PLAN_CHECKS, values | {"people": people})
            planned += cursor.rowcount
    return planned


def plan_endings(now: datetime, days_before: int, after: UUID = endings.FIRST) -> UUID | None:
    """Plan the reminders of passes that end in so many days, as many chunks as time allows; from whom to go on, None
    when all are planned."""
    span, today = hours(now), vault.today(now)
    if span is None:
        return None
    last = today + timedelta(days=days_before)
    due_from = today - timedelta(days=policy.in_force_on(today).grace_days)
    deadline = time.monotonic() + SECONDS
    while people := endings.candidates(last, after=after, due_from=due_from, most=CHUNK):
        ending = endings.ending(people, last)
        Reminder.objects.bulk_create(
            [
                Reminder(
                    citizen_id=pk,
                    kind=Reminder.Kind.PASS_ENDS,
                    on=last,
                    days_before=days_before,
                    send_at=_moment(*span),
                )
                for pk in ending
            ],
            ignore_conflicts=True,
        )
        after = people[-1]
        if time.monotonic() > deadline:
            return after
    return None


def _moment(opens: datetime, closes: datetime) -> datetime:
    return opens + random.random() * (closes - opens)  # noqa: S311 -- no secret


# --- sending


def sweep(now: datetime) -> int:
    """Put what is due into the outbox; how many. Any number may run at once, and one may be killed at any moment."""
    if hours(now) is None or now.astimezone(SEOUL).hour < FROM_HOUR:
        return 0
    deadline, sent = time.monotonic() + SECONDS, 0
    while time.monotonic() < deadline:
        found, queued, spent = _batch(now)
        sent += queued
        if spent or not found:
            break
    return sent


@transaction.atomic
def _batch(now: datetime) -> tuple[int, int, bool]:
    """How many were looked at, how many went into the outbox, and whether the day's budget is spent."""
    waiting = Reminder.objects.filter(done_at__isnull=True, send_at__lte=now)
    if outages.extends():
        waiting = waiting.exclude(kind=Reminder.Kind.PHONE_CHECK)
    rows = list(waiting.order_by("send_at").select_for_update(skip_locked=True)[:BATCH])
    queued = 0
    for row in rows:
        try:
            with transaction.atomic():
                row.message = _enqueue(row, now)
        except BudgetSpent:
            return len(rows), queued, True
        row.done_at = now
        row.save(update_fields=["message", "done_at"])
        queued += row.message is not None
    return len(rows), queued, False


def _enqueue(row: Reminder, now: datetime) -> Message | None:
    """The SMS; None where it is not needed any more, or its day went by. Raises BudgetSpent."""
    citizen = _citizen(row)
    if citizen is None or not citizen.phone or vault.today(row.send_at) != vault.today(now):
        return None
    if not _is_needed(row, citizen):
        return None
    say = texts.phone_check_due if row.kind == Reminder.Kind.PHONE_CHECK else texts.pass_ends
    text = say(citizen.language, row.on, settings.SITE_URL)
    phone = PhoneNumber.from_string(citizen.phone)
    return outbox.enqueue(phone, text, purpose="reminder", useful_for=USEFUL_FOR, now=now)


def _citizen(row: Reminder) -> Citizen | None:
    """Who is reminded, if their fields can be read and a phone still carries the pass."""
    carries = Device.objects.active().filter(citizen=row.citizen_id)
    try:
        return Citizen.objects.filter(pk=row.citizen_id).first() if carries.exists() else None
    except Unreadable:
        return None


def _is_needed(row: Reminder, citizen: Citizen) -> bool:
    """Whether the date that it is about is still that date."""
    if row.kind == Reminder.Kind.PASS_ENDS:
        return row.citizen_id in endings.ending([row.citizen_id], row.on)
    late = 0 if row.days_before == BEFORE_DUE else policy.in_force_on(row.on).grace_days
    return citizen.due_on is not None and citizen.due_on + timedelta(days=late) == row.on
