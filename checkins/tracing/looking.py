"""Looking into the log for people: where somebody was, and who was somewhere. The only way from a row to a person.

Nothing is written here. Days whose key is destroyed lead to nobody, and the answer names them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from checkins.models import Direction, Entry
from checkins.stays import LONGEST, Stay, stays
from registry import vault
from registry.models import Citizen, FormerIdentity
from venues.models import Venue

Moments = list[tuple[datetime, bool]]


@dataclass(slots=True)
class Looked:
    """Stays within the window by (person, venue), in order of the first; the destroyed days among those asked for; and
    how many were there who are not in the registry any more."""

    stays: dict[tuple[UUID, int], list[Stay]]
    gone_days: list[date] = field(default_factory=list)
    unknown: int = 0


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
    return Looked(_within(moments, since, until, assumed), _gone(since, until, keyed, now))


def present(venue: Venue, since: datetime, until: datetime, *, assumed: timedelta, now: datetime) -> Looked:
    """Who was at a venue within a window, also who came before it. Raises VaultUnavailable."""
    keyed = vault.keyed_days()
    rows = Entry.objects.at_venue(venue, since - LONGEST, until + LONGEST)
    by_subject: dict[tuple[date, bytes], Moments] = defaultdict(list)
    for day, subject, at, direction in rows.values_list("day", "subject", "seen_at", "direction"):
        if day in keyed:
            by_subject[day, bytes(subject)].append((at, direction == Direction.OUT))
    identity_of = {pair: vault.citizen_of(*pair) for pair in by_subject}
    person_of = people_of(identity_of.values())
    moments: dict[tuple[UUID, int], Moments] = defaultdict(list)
    lost: dict[tuple[UUID, int], Moments] = defaultdict(list)
    for pair, at_door in by_subject.items():
        identity = identity_of[pair]
        person = person_of.get(identity)
        (lost if person is None else moments)[person or identity, venue.pk].extend(at_door)
    unknown = len(_within(lost, since, until, assumed))
    return Looked(_within(moments, since, until, assumed), _gone(since, until, keyed, now), unknown)


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


def _gone(since: datetime, until: datetime, keyed: set[date], now: datetime) -> list[date]:
    """Days of the window of which nothing can be told any more."""
    first, last = vault.today(since), min(vault.today(until - timedelta(microseconds=1)), vault.today(now))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [day for day in days if day not in keyed and day < vault.today(now)]
