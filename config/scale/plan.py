"""What is to be made: how many of what, and what every part of it knows of the others.

Everything follows from a row's number, so that parts are made apart and fit together. All of it is fictional, and
plainly so: numbers begin with 010-0, which nobody has, and business numbers with 9, which no tax office gives.
"""

import hashlib
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from registry.validity import SEOUL

DUE_SPREAD, OVERDUE = 37, 7  # phone checks are due from a week ago to four weeks ahead
NEARLY_ALL = 40  # one in so many people has no number
WARDS = 50  # one in so many people is carried by the one before
VERIFIED = 7  # of ten people
OPERATORS = (9, 10)  # so many operators for so many venues: one of the nine has two


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many of what. Everything else is in proportion."""

    people: int = 1_000_000
    records: int = 1_500_000
    venues: int = 200_000
    entries: int = 10_000_000
    days: int = 28  # that the entries lie in, today included
    checks: int = 200_000  # phone checks of the last two days
    messages: int = 500_000  # SMS of the last month, those of the checks among them
    events: int = 1_500_000  # of the access log

    def scaled(self, factor: float) -> "Sizes":
        """All but the days, at least one of each."""
        sizes = {one.name: max(1, round(getattr(self, one.name) * factor)) for one in fields(self)}
        return replace(self, **sizes | {"days": self.days})

    @property
    def operators(self) -> int:
        return operator_of(self.venues - 1) + 1

    @property
    def refusals(self) -> int:
        return self.entries // 50

    @property
    def applications(self) -> int:
        return max(1, self.venues // 40)


def operator_of(venue: int) -> int:
    """Which operator runs a venue, both by number."""
    few, many = OPERATORS
    return venue // many * few + min(venue % many, few - 1)


@dataclass(frozen=True, slots=True)
class Plan:
    """The sizes, the moment that all is told from, and the first keys of rows that others name."""

    sizes: Sizes
    now: datetime
    salt: bytes
    clerks: tuple[int, ...]
    regions: tuple[str, ...]
    categories: tuple[str, ...]
    vaccines: tuple[tuple[str, int], ...]  # code, doses of the primary course
    provider: int
    day_keys: dict[date, bytes]
    first_user: int
    first_operator: int
    first_venue: int
    first_scanner: int

    @property
    def today(self) -> date:
        return self.now.astimezone(SEOUL).date()

    def key(self, of: str, number: int) -> UUID:
        """The key of a row that has a UUID."""
        return UUID(bytes=hashlib.blake2b(b"%b %b %d" % (self.salt, of.encode(), number), digest_size=16).digest())

    def person(self, number: int) -> UUID:
        return self.key("person", number)

    def due_on(self, number: int) -> date:
        return self.today + timedelta(days=number * 7919 % DUE_SPREAD - OVERDUE)

    def venue_region(self, number: int) -> str:
        return self.regions[number * 31 % len(self.regions)]


def phone(number: int) -> str:
    """010-0xxx-xxxx; those of demo and tests, 010-0000-xxxx, are left to them."""
    return f"+82100{10_000 + number:07d}"


def has_phone(number: int) -> bool:
    return number % NEARLY_ALL != NEARLY_ALL - 1


def is_ward(number: int) -> bool:
    """Whether this person is carried by the one before."""
    return number % WARDS == WARDS - 9


def is_verified(number: int) -> bool:
    return has_phone(number) and number % 10 < VERIFIED
