"""Making it: in steps, as later rows name earlier ones."""

import secrets
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Max, Model

from checkins import figures as entry_figures
from checkins.log import partitions
from checkins.models import Destruction, Entry
from config.management.commands.seed import seed
from config.scale import checks, evidence, log, people, places
from config.scale.copying import Part, statement, writers
from config.scale.plan import Plan, Sizes
from registry import figures, regions, vault
from registry.evidence import access_days
from registry.models import Citizen, DayKey, Message, PassRecord, Provider, User, Vaccine
from registry.secrets import encrypt
from registry.validity import SEOUL
from venues.models import Category, Operator, Scanner, Venue

CLERKS = 30
MOST_DAYS = 28  # as long as entries are kept
REAL = (Citizen, PassRecord, Operator, Venue, Message, Entry)
STEPS: tuple[Callable[[Plan], list[Part]], ...] = (
    people.citizens, people.records, people.devices, people.safe_numbers, people.requests, people.reviews,
    people.reminders, checks.messages, checks.verifications, checks.codes, checks.tallies, evidence.events,
    places.users, places.accounts, places.operators, places.staff, places.venues, places.scanners,
    places.applications, log.entries, log.refusals, log.undone, log.dead_letters, log.counts,
)  # fmt: skip


class NotEmpty(Exception):
    """There are people, venues or entries already."""


class MadeBefore(Exception):
    """Data was made here before."""


def make(sizes: Sizes, *, now: datetime, beside: bool = False, processes: int = 2) -> Iterator[tuple[str, float]]:
    """Fill the database; yields each kind of rows and the seconds it took.

    Raises NotEmpty where anything is there that it would lie among, unless `beside` that is wanted, and MadeBefore.
    """
    if User.objects.filter(username__startswith=places.PREFIX).exists():
        raise MadeBefore
    if not beside and any(model.objects.exists() for model in REAL):
        raise NotEmpty
    plan = begin(sizes, now)
    with writers(processes) as write:
        for rows in STEPS:
            started = time.monotonic()
            write(rows(plan))
            yield rows.__name__.replace("_", " "), time.monotonic() - started
        started = time.monotonic()
        write([history(model) for model in (PassRecord, Operator, Venue)])
    _numbers_go_on()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    count_figures(now)
    yield "histories, statistics and figures", time.monotonic() - started


def count_figures(now: datetime) -> None:
    """What charts and the monthly review are drawn from, as the background work will count it from now on."""
    figures.count(now)
    entry_figures.count(now)
    access_days.keep(now)


def begin(sizes: Sizes, now: datetime) -> Plan:
    """What all parts know; the seed data, clerks, partitions and keys of the days are there afterwards."""
    seed(today_policy=True)
    clerks = [
        User.objects.create(username=f"{places.PREFIX}clerk-{number:02d}", password="!", is_staff=True)  # noqa: S106 -- nobody can sign in
        for number in range(CLERKS)
    ]
    today = now.astimezone(SEOUL).date()
    days = [today - timedelta(days=back) for back in range(sizes.days)]
    partitions.forget()
    partitions.have(days)
    return Plan(
        sizes=sizes,
        now=now,
        salt=secrets.token_bytes(8),
        clerks=tuple(clerk.pk for clerk in clerks),
        regions=tuple(region.code for region in regions.everywhere()),
        categories=tuple(Category.objects.values_list("code", flat=True)),
        vaccines=tuple(Vaccine.objects.order_by("code").values_list("code", "primary_doses")),
        provider=Provider.objects.order_by("pk").values_list("pk", flat=True)[0],
        day_keys=_day_keys(days),
        first_user=_next(User),
        first_operator=_next(Operator),
        first_venue=_next(Venue),
        first_scanner=_next(Scanner),
    )


def _next(model: type[Model]) -> int:
    return (model._default_manager.aggregate(last=Max("pk"))["last"] or 0) + 1


def _day_keys(days: list[date]) -> dict[date, bytes]:
    """Past days have no keys, as the application never makes such; days that were destroyed stay so."""
    gone = set(Destruction.objects.filter(day__in=days).values_list("day", flat=True))
    rows = [DayKey(day=day, key=encrypt(secrets.token_bytes(32), purpose="day key")) for day in days if day not in gone]
    DayKey.objects.bulk_create(rows, ignore_conflicts=True)
    return {day: vault.day_key(day) for day in days}


def history(model: type[Model]) -> Part:
    """Every row was added once, and is as it was."""
    past = model.history.model  # type: ignore[attr-defined]
    kept = {field.column for field in past._meta.concrete_fields}
    columns = ", ".join(str(field.column) for field in model._meta.concrete_fields if field.column in kept)
    return statement(
        f"INSERT INTO {past._meta.db_table} ({columns}, history_date, history_type)"  # noqa: S608 -- names of ours
        f" SELECT {columns}, created_at, '+' FROM {model._meta.db_table}"
    )


def _numbers_go_on() -> None:
    """The next row gets a key that is free."""
    with connection.cursor() as cursor:
        for model in (User, Operator, Venue, Scanner):
            table = model._meta.db_table
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"  # noqa: S608
            )
