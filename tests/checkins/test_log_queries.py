"""What may be asked of the log: where somebody was, who was at a venue; both by an index, in few partitions."""

from datetime import timedelta

import pytest
from django.utils import timezone

from checkins.log import partitions
from checkins.models import Entry
from tests.checkins.conftest import at, day_key, person
from tests.factories import VenueFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def days(door):
    """Three days with a partition and a key each, the youngest last."""
    found = [timezone.localdate() - timedelta(days=n) for n in (3, 2, 1)]
    for day in found:
        day_key(day)
        partitions.make(day)
    return found


def scan(door, who, seq, clock, days=0):
    now = at(who.day, clock, days)
    assert door.upload(who.scan(seq, now), now=now) == {seq: "stored"}
    return door.entries.get(seq=seq)


def test_it_finds_the_rows_of_pseudonyms_each_on_its_own_day_alone(door, days):
    first, second = person(days[0]), person(days[1])
    mine = [scan(door, first, 1, "12:00:00"), scan(door, second, 2, "12:00:00")]
    scan(door, person(days[0]), 3, "12:00:00")
    subjects = [(entry.day, bytes(entry.subject)) for entry in mine]
    assert set(Entry.objects.of_subjects(subjects)) == set(mine)
    assert not Entry.objects.of_subjects([(days[1], subjects[0][1])]).exists()
    assert not Entry.objects.of_subjects([]).exists()


def test_it_finds_who_was_at_a_venue_in_a_window_those_of_a_night_out_as_well(door, days):
    evening = scan(door, person(days[0]), 1, "23:59:59")
    night = scan(door, person(days[0]), 2, "03:00:00", days=1)
    scan(door, person(days[0]), 3, "03:10:00", days=1)
    found = Entry.objects.at_venue(door.venue, evening.seen_at, at(days[1], "03:10:00"))
    assert set(found) == {evening, night}, "from the first moment on, and before the last"
    assert not Entry.objects.at_venue(VenueFactory(), evening.seen_at, at(days[1], "03:10:00")).exists()


def test_it_reads_the_partitions_of_the_days_alone_and_by_an_index(door, days):
    moment = at(days[0])
    for rows in (
        Entry.objects.of_subjects([(days[0], bytes(16))]),
        Entry.objects.at_venue(door.venue, moment, moment + timedelta(hours=1)),
    ):
        plan = rows.explain()
        assert partitions.name(days[0]) in plan and partitions.name(days[2]) not in plan
    assert partitions.name(days[1]) not in Entry.objects.of_subjects([(days[0], bytes(16))]).explain()
