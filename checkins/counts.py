"""What a venue saw: sums over the hour counts, which outlive the rows of the log. Never a pseudonym."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet, Sum

from checkins.models import Direction, HourCount
from registry.format.passcode import Verdict
from registry.validity import SEOUL
from venues.hours import opened
from venues.models import Venue

DAYS = 28
MONTHS = 12
NIGHT = 5  # the hour at which a day begins at a door where no opening hours were told


@dataclass(slots=True)
class Count:
    """People let in, gone out, turned away by a red verdict, and asked to show the code again."""

    admitted: int = 0
    left: int = 0
    refused: int = 0
    again: int = 0

    def add(self, people: int, *, verdict: str, direction: str, admitted: bool) -> None:
        if not admitted:
            if is_refusal(verdict):
                self.refused += people
            else:
                self.again += people
        elif direction == Direction.OUT:
            self.left += people
        else:
            self.admitted += people

    @property
    def anybody(self) -> bool:
        return bool(self.admitted or self.left or self.refused or self.again)


@dataclass(slots=True)
class Hour(Count):
    """One hour of a day, 0 to 23 in Seoul."""

    day: date = date.min
    hour: int = 0


@dataclass(slots=True)
class Day(Count):
    """A venue's day, hour by hour, all 24, and turned away by verdict."""

    day: date = date.min
    turned_away: Counter[str] = field(default_factory=Counter)
    hours: list[Hour] = field(default_factory=list)

    def add(self, people: int, *, verdict: str, direction: str, admitted: bool) -> None:
        Count.add(self, people, verdict=verdict, direction=direction, admitted=admitted)
        if not admitted:
            self.turned_away[verdict] += people


@dataclass(slots=True)
class Occupancy:
    """How many people are inside, at most a guess; `stay` in minutes where it is assumed, None where exits are scanned.

    `share` is of the capacity, in percent; `level` is "", "near" from 80 % or "over" from 100 %.
    """

    people: int
    capacity: int | None
    stay: int | None

    @property
    def share(self) -> int | None:
        return round(100 * self.people / self.capacity) if self.capacity else None

    @property
    def low(self) -> int:
        """Where it begins to be nearly full, as the meter wants it."""
        return (self.capacity or 0) * 80 // 100

    @property
    def high(self) -> int:
        """Where it is full."""
        return max(self.low, (self.capacity or 0) - 1)

    @property
    def level(self) -> str:
        if self.share is None or self.capacity is None or self.share < 80:
            return ""
        return "over" if self.people > self.capacity else "near"


def is_refusal(verdict: str) -> bool:
    """Whether who was not let in was turned away: red. Amber asked for the code again."""
    return verdict in Verdict.__members__ and Verdict(verdict).colour == "red"


def on(venue: Venue, day: date) -> Day:
    """What the venue saw on a Seoul day, in one query. Phone and paper passes, and those let in by hand."""
    return of_day(rows(venue, day, day), day)


def rows(venue: Venue, first: date, last: date) -> list[dict[str, Any]]:
    """Sums by day, hour, verdict, direction and whether they were let in, both days inclusive, in one query."""
    return list(_by_hour(venue, first, last))


def _by_hour(venue: Venue, first: date, last: date) -> QuerySet[HourCount, dict[str, Any]]:
    fields = ("day", "hour", "verdict", "direction", "admitted")
    counted = HourCount.objects.filter(venue=venue, day__range=(first, last))
    return counted.values(*fields).annotate(people=Sum("count")).order_by(*fields)


def of_day(found: Iterable[dict[str, Any]], day: date) -> Day:
    """The rows of one day."""
    seen = Day(day=day, hours=[Hour(day=day, hour=hour) for hour in range(24)])
    for row in found:
        if row["day"] != day:
            continue
        what = {name: row[name] for name in ("verdict", "direction", "admitted")}
        seen.add(row["people"], **what)
        seen.hours[row["hour"]].add(row["people"], **what)
    return seen


def by_day(venue: Venue, first: date, last: date) -> list[Day]:
    """Every day from `first` to `last`, both inclusive, in one query; days without anybody are there as well."""
    days = {first + timedelta(days=n): Day(day=first + timedelta(days=n)) for n in range((last - first).days + 1)}
    fields = ("day", "verdict", "direction", "admitted")
    counted = HourCount.objects.filter(venue=venue, day__range=(first, last)).values(*fields).order_by()
    for row in counted.annotate(people=Sum("count")):
        day = days[row.pop("day")]
        day.add(row.pop("people"), **row)
    return list(days.values())


def by_weekday(days: Iterable[Day]) -> list[tuple[int, int]]:
    """The mean of people let in by weekday, Monday first, over the days given that had anybody, rounded."""
    found: list[list[int]] = [[] for _weekday in range(7)]
    for day in days:
        if day.anybody:
            found[day.day.weekday()].append(day.admitted)
    return [(weekday, round(sum(seen) / len(seen)) if seen else 0) for weekday, seen in enumerate(found)]


def by_month(venue: Venue, today: date, months: int = MONTHS) -> list[tuple[date, Count]]:
    """The months before today's, newest first, those with anybody alone, in one query; at most `months`."""
    first = today.replace(day=1)
    for _month in range(months):
        first = (first - timedelta(days=1)).replace(day=1)
    counted = HourCount.objects.filter(venue=venue, day__gte=first, day__lt=today.replace(day=1))
    fields = ("day__year", "day__month", "verdict", "direction", "admitted")
    found: dict[date, Count] = {}
    for row in counted.values(*fields).order_by().annotate(people=Sum("count")):
        month = found.setdefault(date(row["day__year"], row["day__month"], 1), Count())
        month.add(row["people"], verdict=row["verdict"], direction=row["direction"], admitted=row["admitted"])
    return sorted(found.items(), reverse=True)


def hours(venue: Venue, first: date, last: date) -> Iterator[Hour]:
    """Every hour with anybody from `first` to `last`, in order, read in parts: for exports of any length."""
    current: Hour | None = None
    for row in _by_hour(venue, first, last).iterator(chunk_size=2000):
        if current is None or (current.day, current.hour) != (row["day"], row["hour"]):
            if current:
                yield current
            current = Hour(day=row["day"], hour=row["hour"])
        current.add(row["people"], verdict=row["verdict"], direction=row["direction"], admitted=row["admitted"])
    if current:
        yield current


def around(venue: Venue, now: datetime) -> tuple[Day, Occupancy]:
    """Today, and how many are inside now, in one query over two days."""
    local = now.astimezone(SEOUL)
    found = rows(venue, local.date() - timedelta(days=1), local.date())
    return of_day(found, local.date()), occupancy(venue, found, now=local)


def occupancy(venue: Venue, found: Iterable[dict[str, Any]], *, now: datetime) -> Occupancy:
    """How many are inside, from the rows of yesterday and today; `now` is a time in Seoul."""
    came: dict[datetime, Hour] = {}
    for row in found:
        begin = datetime.combine(row["day"], datetime.min.time(), SEOUL) + timedelta(hours=row["hour"])
        hour = came.setdefault(begin, Hour(day=row["day"], hour=row["hour"]))
        hour.add(row["people"], verdict=row["verdict"], direction=row["direction"], admitted=row["admitted"])
    if venue.scans_exits:
        return Occupancy(inside_by_exits(came, _day_began(venue, now)), venue.capacity, None)
    stay = venue.assumed_stay
    return Occupancy(
        inside_by_stay({begin: hour.admitted for begin, hour in came.items()}, stay, now), venue.capacity, stay
    )


def _day_began(venue: Venue, now: datetime) -> datetime:
    """From when on comings and goings are set against each other: the hour in which the venue opened, the last night's
    end where it is open round the clock."""
    began = opened(venue.hours, now)
    if began is None or now - began >= timedelta(days=1):
        began = now.replace(hour=NIGHT)
        began = began if began <= now else began - timedelta(days=1)
    return began.replace(minute=0, second=0, microsecond=0)


def inside_by_exits(came: dict[datetime, Hour], since: datetime) -> int:
    """In less out, hour by hour since a moment; never below nobody, for who was not scanned in may be scanned out."""
    inside = 0
    for begin in sorted(begin for begin in came if begin >= since):
        inside = max(0, inside + came[begin].admitted - came[begin].left)
    return inside


def inside_by_stay(came: dict[datetime, int], stay: int, now: datetime) -> int:
    """Who came within the last `stay` minutes, as if those of an hour had come evenly over it."""
    since, people = now - timedelta(minutes=stay), 0.0
    for begin, number in came.items():
        end = min(begin + timedelta(hours=1), now)
        if end > since and end > begin:
            people += number * ((end - max(begin, since)) / (end - begin))
    return round(people)
