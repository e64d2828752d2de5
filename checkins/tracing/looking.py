"""Looking into the log for people: where somebody was, and who was somewhere. The only way from a row to a person.

Nothing is written here. Days whose key is destroyed lead to nobody, and the answer names them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from checkins.models import Direction, Entry
from checkins.stays import LONGEST, Stay, stays
from registry import vault
from registry.models import Citizen, FormerIdentity
from venues.models import Venue

Moments = list[tuple[datetime, bool]]
ROW = ("day", "subject", "seen_at", "direction")


class Sighting(NamedTuple):
    """Somebody seen at a door: who that is today (None where they are not in the registry any more), under which
    identity, when, and whether leaving."""

    person: UUID | None
    identity: UUID
    at: datetime
    leaving: bool


@dataclass(slots=True)
class Looked:
    """Stays within the window by (person, venue), in order of the first, and the destroyed days among those asked
    for."""

    stays: dict[tuple[UUID, int], list[Stay]]
    gone_days: list[date]


def seen(
    identities: Collection[UUID], since: datetime, until: datetime, *, now: datetime, keyed: set[date] | None = None
) -> list[tuple[int, datetime, str]]:
    """Each time a door saw somebody, under all identities: venue, moment, direction. Raises VaultUnavailable."""
    keyed = vault.keyed_days() if keyed is None else keyed
    days = [day for day in _strip_days(since, until, now) if day in keyed]
    subjects = [pair for identity in identities for pair in vault.pseudonyms(days, identity).items()]
    rows = Entry.objects.of_subjects(subjects).filter(seen_at__gte=since, seen_at__lt=until)
    return list(rows.values_list("venue", "seen_at", "direction"))


def whereabouts(
    person: UUID, identities: Collection[UUID], since: datetime, until: datetime, *, assumed: timedelta, now: datetime
) -> Looked:
    """Where somebody was, under all identities that the log may know. Raises VaultUnavailable."""
    keyed = vault.keyed_days()
    moments: dict[tuple[UUID, int], Moments] = defaultdict(list)
    for venue, at, direction in seen(identities, since - LONGEST, until + LONGEST, now=now, keyed=keyed):
        moments[person, venue].append((at, direction == Direction.OUT))
    return Looked(_within(moments, since, until, assumed), gone(since, until, keyed, now))


def at_door(venue: Venue, since: datetime, until: datetime, *, most: int) -> tuple[list[Sighting], datetime]:
    """Who a venue's doors saw from `since` on and before `until`, `most` moments at the most, and from when to go on:
    `until` where that is all. Raises VaultUnavailable."""
    keyed = vault.keyed_days()
    rows = list(Entry.objects.at_venue(venue, since, until).order_by("seen_at").values_list(*ROW)[: most + 1])
    beyond = until
    if len(rows) > most and (beyond := rows[-1][2]) > since:  # what has the same moment stays together
        rows = [row for row in rows if row[2] < beyond]
    elif len(rows) > most:  # all of one moment: no door is that quick, but nobody is left out
        beyond = since + timedelta(microseconds=1)
        rows = list(Entry.objects.at_venue(venue, since, beyond).values_list(*ROW))
    pairs = {(day, bytes(subject)) for day, subject, _at, _to in rows if day in keyed}
    identities = {pair: vault.citizen_of(*pair) for pair in pairs}
    people = people_of(identities.values())
    found = []
    for day, subject, at, direction in rows:
        if identity := identities.get((day, bytes(subject))):
            found.append(Sighting(people.get(identity), identity, at, direction == Direction.OUT))
    return found, beyond


def stays_of(
    sightings: Iterable[Sighting], venue: int, since: datetime, until: datetime, assumed: timedelta
) -> tuple[dict[tuple[UUID, int], list[Stay]], int]:
    """The stays at a venue that meet a window, by person and in order of the first, also of who came before it; and how
    many of the people are not in the registry any more."""
    moments: dict[tuple[UUID, int], Moments] = defaultdict(list)
    lost: dict[tuple[UUID, int], Moments] = defaultdict(list)
    for one in sightings:
        (lost if one.person is None else moments)[one.person or one.identity, venue].append((one.at, one.leaving))
    return _within(moments, since, until, assumed), len(_within(lost, since, until, assumed))


def people_of(identities: Iterable[UUID]) -> dict[UUID, UUID]:
    """Whom identities of the log stand for today; those whose person is erased are left out."""
    wanted = set(identities)
    former = dict(FormerIdentity.objects.filter(pk__in=wanted).values_list("pk", "citizen_id"))
    return former | {pk: pk for pk in Citizen.objects.filter(pk__in=wanted).values_list("pk", flat=True)}


def _within(
    moments: dict[tuple[UUID, int], Moments], since: datetime, until: datetime, assumed: timedelta
) -> dict[tuple[UUID, int], list[Stay]]:
    found = {
        pair: [stay for stay in stays(at_door, assumed) if stay.meets(since, until)]
        for pair, at_door in moments.items()
    }
    return dict(sorted(((pair, kept) for pair, kept in found.items() if kept), key=lambda item: item[1][0].since))


def _strip_days(since: datetime, until: datetime, now: datetime) -> list[date]:
    """The days on which a row seen within the window may lie: a strip is good until four the next morning."""
    first, last = vault.today(since) - timedelta(days=1), min(vault.today(until), vault.today(now)) + timedelta(days=1)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def gone(since: datetime, until: datetime, keyed: set[date], now: datetime) -> list[date]:
    """Days of the window of which nothing can be told any more."""
    first, last = vault.today(since), min(vault.today(until - timedelta(microseconds=1)), vault.today(now))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [day for day in days if day not in keyed and day < vault.today(now)]
