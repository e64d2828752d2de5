"""The entry log at the desk: pseudonymous, read-only, one venue and one day."""

from datetime import timedelta

import pytest
from django.utils import timezone

from checkins.log import partitions
from checkins.models import DeadLetter, Destruction, Entry, HourCount
from registry.models import Role
from tests.factories import ScannerFactory, VenueFactory
from tests.queries import at_most
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/admin/checkins/entry/"


@pytest.fixture
def client():
    return desk_of(make_clerk(Role.INVESTIGATOR))


def enter(scanner, n: int, **fields) -> None:
    now = timezone.now()
    row = {"day": timezone.localdate(), "subject": n.to_bytes(16, "big"), "t": n, "venue": scanner.venue_id, "flags": 0}
    row |= {"scanner": scanner.pk, "seen_at": now - timedelta(seconds=n), "received_at": now}
    Entry.objects.bulk_create([Entry(**row, method="qr", direction="in", **fields)])


@pytest.fixture
def scanner():
    partitions.have([timezone.localdate()])
    return ScannerFactory()


def test_it_shows_a_venues_day_by_name_or_number(client, scanner):
    for n in range(1, 103):
        enter(scanner, n)
    enter(ScannerFactory(), 500)
    client.get(PAGE)  # a session's first page keeps where it is used from
    for venue in (scanner.venue.name, str(scanner.venue_id)):
        with at_most(10):
            page = client.get(PAGE, {"venue": venue})
        rows = page.context["rows"]
        assert len(rows) == 100 and rows[0]["subject"] == f"{1:032x}"
        assert len(client.get(PAGE, {"venue": venue, "page": 1}).context["rows"]) == 2


def test_it_asks_which_when_several_venues_fit(client):
    VenueFactory(name="시험 카페 하나"), VenueFactory(name="시험 카페 둘")
    page = client.get(PAGE, {"venue": "시험 카페"})
    assert len(page.context["venues"]) == 2 and "rows" not in page.context
    for odd in ("없는 곳", "999999999999999999999999", "'", "0"):
        assert client.get(PAGE, {"venue": odd, "page": "x"}).status_code == 200
    for odd in ("yesterday", "0001-01-01", "9999-12-31"):
        assert client.get(PAGE, {"venue": "시험", "day": odd}).context["form"].errors


def test_it_says_that_a_day_is_destroyed(client, scanner):
    day = timezone.localdate() - timedelta(days=40)
    Destruction.objects.create(day=day, intended_at=timezone.now())
    page = client.get(PAGE, {"venue": scanner.venue_id, "day": day.isoformat()})
    assert page.context["gone"] and page.status_code == 200


def test_it_shows_a_regions_clerk_that_region_alone(scanner):
    client = desk_of(make_clerk(Role.INVESTIGATOR, region="26"))
    assert client.get(PAGE, {"venue": scanner.venue_id}).context["venues"] == []


def test_it_shows_counts_refused_scans_and_destroyed_days(client, scanner):
    day, now = timezone.localdate(), timezone.now()
    common = {"venue": scanner.venue, "day": day, "method": "qr", "direction": "in"}
    for hour in range(6):
        HourCount.objects.create(**common, hour=hour, verdict="PASS", admitted=True, count=3)
        DeadLetter.objects.create(scanner=scanner, seq=hour, at=now, received_at=now, reason="FORGED")
    assert "유효한 방역패스" in client.get("/admin/checkins/hourcount/").content.decode()
    refused = client.get("/admin/checkins/deadletter/").content.decode()
    assert "서명이 맞지 않" in refused and "FORGED" not in refused, "in words, no codes of ours"
    assert client.get("/admin/checkins/destruction/").status_code == 200
