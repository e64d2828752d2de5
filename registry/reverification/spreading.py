"""Moving due dates that are set already onto the least-loaded days: after an outage, or because a clerk saw a peak.

    preview(due_from, due_to, today=…) -> Preview           nothing is written
    begin(due_from, due_to, by=…, reason=…, now=…) -> Spreading
    after_outage(outage, now=…) -> Spreading | None         within the transaction that closes the outage
    carry_on(now) -> int                                    from the beat, until everything that was begun is done

A due date only moves forward, onto a day that is still to come, and no further than the policy lets it: a clerk's
spreading keeps it within `due_latest` days of the check that it follows from; an outage moves it by as many days as the
outage lasted and `outage_extension_days` more, and at most to that many days after its end. Passes that are carried on
another's phone move with that person. Whoever checks the number meanwhile has a new date and is left alone.

A row of Spreading holds the plan, and each batch takes what it moved out of the plan in its own transaction. So a
worker may be killed at any moment and another goes on, and no person is moved twice. The days of the plan are worked
through from the last to the first, as otherwise those moved onto a day could not be told from those who were there.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from registry import audit, policy, vault
from registry.errors import DomainError
from registry.models import Outage, PolicyVersion, Spreading, Tag, User
from registry.reverification import duedates, dueloads
from registry.reverification.duedates import Stretch

BATCH = 2000  # people in one transaction
READ_AHEAD = 50 * BATCH  # people looked up at once, so that a day is not gone through for each batch
SECONDS = 60.0  # after these a call leaves the rest to the next
LONGEST_STRETCH = 62  # days of due dates that are moved at once
_CHECKED_ON = "(verified_at AT TIME ZONE 'Asia/Seoul')::date"
_FIND = "SELECT id FROM registry_citizen WHERE due_on = %s AND guardian_id IS NULL {checked_on} LIMIT %s"
_MOVE = """
    WITH heads AS (
        SELECT id FROM registry_citizen WHERE id = ANY(%(people)s) AND due_on = %(due_on)s AND guardian_id IS NULL
        FOR UPDATE SKIP LOCKED
    ), wards AS (
        UPDATE registry_citizen w SET due_on = %(new)s FROM heads
        WHERE w.guardian_id = heads.id AND w.due_on IS NOT NULL AND w.due_on < %(new)s
    ), moved AS (
        UPDATE registry_citizen c SET due_on = %(new)s FROM heads WHERE c.id = heads.id RETURNING 1
    ) SELECT count(*) FROM moved"""

# By due day, and day of the check: people who were not tried yet, and whether there may be more of them.
_Ahead = dict[tuple[str, str | None], tuple[list[UUID], bool]]
_Stretches = dict[tuple[date, date | None], Stretch]  # by due day, and day of the check where that matters
Step = list[Any]  # [due day, day of the check or null, new day, people], days in ISO form: an entry of Spreading.plan


class BadStretch(DomainError):
    """Days in the past, in the wrong order, or too many of them."""

    code = "bad_stretch"
    status = 422
    message = _("Choose days that are still to come, the first before the last, at most 62 of them.")


class NothingToSpread(DomainError):
    code = "nothing_to_spread"
    message = _("Nobody would be moved: the full days would stay as full as they are.")


class AlreadySpreading(DomainError):
    code = "already_spreading"
    message = _("Due dates are being moved just now. Wait until that is done, then look at the forecast again.")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a spreading would come to: who is due on each day before and after it, and how many people move."""

    due_from: date
    due_to: date
    onto_from: date
    onto_to: date
    before: dict[date, int]
    after: dict[date, int]
    steps: list[Step]

    @property
    def moving(self) -> int:
        return sum(people for *_days, people in self.steps)

    @property
    def rows(self) -> list[tuple[date, int, int]]:
        """Day, before, after; every day of the stretch."""
        days = duedates.days_between(min(self.due_from, self.onto_from), max(self.due_to, self.onto_to))
        return [(day, self.before.get(day, 0), self.after.get(day, 0)) for day in days]


# --- a clerk's


def preview(due_from: date, due_to: date, *, today: date) -> Preview:
    """What spreading the due dates of these days would do: nothing, where the full days stay as full.

    Writes nothing. Raises BadStretch.
    """
    if not today < due_from <= due_to or (due_to - due_from).days >= LONGEST_STRETCH:
        raise BadStretch
    version = policy.in_force_on(today)
    stretches: _Stretches = {}
    for due_on, checked_on, people in _groups(due_from, due_to):
        last = max(due_on, checked_on + timedelta(days=version.due_latest))
        stretches[due_on, checked_on] = Stretch(due_on, people, due_on, last)
    onto_to = max((one.last for one in stretches.values()), default=due_to)
    found = _preview(stretches, (due_from, due_to), (due_from, onto_to))
    full_before, full_after = (sorted(each.values(), reverse=True) for each in (found.before, found.after))
    return found if full_after < full_before else replace(found, after=found.before, steps=[])


@transaction.atomic
def begin(
    due_from: date, due_to: date, *, by: User, reason: str, now: datetime, address: str | None = None
) -> Spreading:
    """Have these due dates spread in the background. Raises BadStretch, NothingToSpread, AlreadySpreading."""
    if Spreading.objects.unfinished().exists():
        raise AlreadySpreading
    found = preview(due_from, due_to, today=vault.today(now))
    if not found.steps:
        raise NothingToSpread
    spreading = Spreading.objects.create(
        by=by,
        reason=reason,
        due_from=due_from,
        due_to=due_to,
        onto_from=found.onto_from,
        onto_to=found.onto_to,
        started_at=now,
        **_as_planned(found),
    )
    _tell(spreading, "begun", by=by, reason=reason, address=address)
    return spreading


# --- after an outage


def after_outage(outage: Outage, *, now: datetime) -> Spreading | None:
    """Note that the dates which fell into the outage, or whose grace it used up, are to be moved; the plan is made by
    whoever carries it out. None where the policy lets an outage move nothing."""
    today = vault.today(now)
    version = policy.in_force_on(today)
    if not version.outage_extension_days:
        return None
    spreading = Spreading.objects.create(
        outage=outage,
        by=outage.closed_by,
        due_from=vault.today(outage.began_at) - timedelta(days=version.grace_days),
        due_to=today,
        onto_from=today + timedelta(days=1),
        onto_to=today + timedelta(days=version.outage_extension_days),
        started_at=now,
    )
    _tell(spreading, "begun", by=outage.closed_by)
    return spreading


def _plan_outage(spreading: Spreading, outage: Outage, today: date, version: PolicyVersion) -> Preview:
    """The days of the outage do not count, and the policy's extension comes on top."""
    onto_from = max(spreading.onto_from, today + timedelta(days=1))
    onto_to = max(spreading.onto_to, onto_from)
    lasted = (spreading.due_to - vault.today(outage.began_at)).days + 1
    stretches: _Stretches = {}
    for due_on, people in dueloads.due(spreading.due_from, spreading.due_to).items():
        by_policy = due_on + timedelta(days=lasted + version.outage_extension_days)
        stretches[due_on, None] = Stretch(due_on, people, onto_from, max(min(by_policy, onto_to), onto_from))
    return _preview(stretches, (spreading.due_from, spreading.due_to), (onto_from, onto_to))


# --- carrying out


def carry_on(now: datetime) -> int:
    """Go on with everything that was begun, in batches, for a minute at most; how many people were moved. May run any
    number of times at once and be killed at any moment."""
    deadline, moved = time.monotonic() + SECONDS, 0
    for pk in Spreading.objects.unfinished().order_by("started_at").values_list("pk", flat=True):
        ahead: _Ahead = {}
        while time.monotonic() < deadline:
            people = _batch(pk, now, ahead)
            if people is None:
                break
            moved += people
    return moved


@transaction.atomic
def _batch(pk: int, now: datetime, ahead: _Ahead) -> int | None:
    """Make the plan, or move the next people of it, or note that it is done; how many were moved, None where nothing is
    left to do here: it is done, or another worker has it."""
    row = Spreading.objects.unfinished().filter(pk=pk).select_for_update(skip_locked=True, of=("self",))
    spreading = row.select_related("outage").first()
    if spreading is None:
        return None
    today = vault.today(now)
    if spreading.plan is None or any(date.fromisoformat(step[2]) <= today for step in spreading.plan):
        _plan_anew(spreading, today)
        return 0
    if not spreading.plan:
        _finish(spreading, now)
        return None
    *rest, (due_on, checked_on, new, people) = spreading.plan
    some = _next(ahead, due_on, checked_on, min(people, BATCH))
    moved = _move(some, due_on, new)
    spreading.plan = [*rest, [due_on, checked_on, new, people - moved]] if some and moved < people else rest
    spreading.moved += moved
    spreading.save(update_fields=["plan", "moved"])
    return moved


def _plan_anew(spreading: Spreading, today: date) -> None:
    """The first plan of an outage's spreading; or another, where days of the plan have gone by without a worker."""
    if spreading.outage:
        found = _plan_outage(spreading, spreading.outage, today, policy.in_force_on(today))
    else:
        first = today + timedelta(days=1)
        due_from, due_to = max(spreading.due_from, first), spreading.due_to
        found = preview(due_from, due_to, today=today) if due_from <= due_to else Preview(
            due_from, due_to, due_from, due_to, {}, {}, []
        )  # fmt: skip
    spreading.onto_from, spreading.onto_to = found.onto_from, found.onto_to
    for name, value in _as_planned(found).items():
        setattr(spreading, name, value)
    spreading.total += spreading.moved
    spreading.save(update_fields=["plan", "before", "after", "total", "onto_from", "onto_to"])


def _finish(spreading: Spreading, now: datetime) -> None:
    spreading.done_at = now
    spreading.save(update_fields=["done_at"])
    _tell(spreading, "done", by=spreading.by, moved=spreading.moved)
    transaction.on_commit(dueloads.forget)


def _next(ahead: _Ahead, due_on: str, checked_on: str | None, most: int) -> list[UUID]:
    """Up to so many of those who are due on a day, and checked on one where that matters; none where nobody is left."""
    waiting, more = ahead.get((due_on, checked_on), ([], True))
    if not waiting and more:
        narrowed = f"AND {_CHECKED_ON} = %s" if checked_on else ""
        with connection.cursor() as cursor:
            values: list[Any] = [due_on, *([checked_on] if checked_on else []), READ_AHEAD]
            cursor.execute(_FIND.format(checked_on=narrowed), values)
            waiting = [pk for (pk,) in cursor.fetchall()]
        more = len(waiting) == READ_AHEAD
    ahead[due_on, checked_on] = waiting[most:], more
    return waiting[:most]


def _move(people: list[UUID], due_on: str, new: str) -> int:
    """Give these people the new day, with whom they carry, where they are still due on the old one; how many. Who is
    checking the number at this moment is left out."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {"people": people, "due_on": due_on, "new": new})
        return int(cursor.fetchone()[0])


# --- plans


def _groups(due_from: date, due_to: date) -> Iterator[tuple[date, date, int]]:
    """Due day, day of the check, people: of all who are due from one day to another."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT due_on, {_CHECKED_ON}, count(*) FROM registry_citizen "  # noqa: S608 -- a literal
            "WHERE due_on BETWEEN %s AND %s AND guardian_id IS NULL GROUP BY 1, 2 ORDER BY 1, 2",
            [due_from, due_to],
        )
        yield from cursor.fetchall()


def _preview(stretches: _Stretches, due: tuple[date, date], onto: tuple[date, date]) -> Preview:
    before = dueloads.due(min(due[0], onto[0]), max(due[1], onto[1]))
    plans = duedates.respread(before, stretches.values())
    after = Counter(before)
    steps: list[Step] = []
    for ((due_on, checked_on), _stretch), plan in zip(stretches.items(), plans, strict=True):
        for new, people in plan.items():
            if new != due_on:
                steps.append([due_on.isoformat(), checked_on and checked_on.isoformat(), new.isoformat(), people])
                after[due_on] -= people
                after[new] += people
    steps.sort(key=lambda step: step[0])  # taken from the end: the last due day first
    return Preview(*due, *onto, before, {day: people for day, people in after.items() if people}, steps)


def _as_planned(found: Preview) -> dict[str, Any]:
    """The fields of Spreading that hold a plan."""
    days = {"before": found.before, "after": found.after}
    counts = {name: {day.isoformat(): n for day, n in sorted(each.items())} for name, each in days.items()}
    return {"plan": found.steps, "total": found.moving, **counts}


def _tell(spreading: Spreading, state: str, *, by: User | None, reason: str = "", **detail: Any) -> None:
    address = detail.pop("address", None)
    span = {"due_from": spreading.due_from.isoformat(), "due_to": spreading.due_to.isoformat()}
    more = span | {"state": state, "outage": spreading.outage_id, "people": spreading.total} | detail
    audit.record(Tag.DUE_DATES_SPREAD, by=by, target=spreading, reason=reason, address=address, **more)
