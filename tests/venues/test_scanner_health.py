"""What a scanner tells of itself, and what an owner reads of it: trouble first, in words, with what to do."""

from datetime import datetime, time, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone, translation

from checkins.models import DeadLetter
from registry import secrets
from registry.models import Event, Tag
from tests.factories import ScannerFactory, UserFactory, VenueFactory
from venues import scanner_health, scanner_state, scanners
from venues.models import Scanner, Staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
ALWAYS_OPEN = {str(day): ["00:00", "00:00"] for day in range(7)}
NOW = datetime.combine(timezone.localdate(), time(12), timezone.get_default_timezone())


@pytest.fixture
def venue():
    return VenueFactory(name="시험 카페", hours=ALWAYS_OPEN)


@pytest.fixture
def owner(client, venue):
    client.force_login(venue.operator.people.get())
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def receive(scanner, *spans):
    """Note spans of sequence numbers as received."""
    text = "{" + ",".join(f"[{low},{high}]" for low, high in spans) + "}"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE venues_scanner SET received = %s::int8multirange WHERE id = %s", [text, scanner.pk])
    scanner.refresh_from_db()


def troubles(scanner, **more):
    scanner.refresh_from_db()
    with translation.override("en"):
        return [trouble.what for trouble in scanner_health.of(scanner, scanner.venue, now=NOW, **more).troubles]


@pytest.mark.parametrize(
    ("header", "state"),
    [
        (None, None),
        ("", None),
        ("{", None),
        ("[1]", None),
        ("[" * 400, None),
        ('{"waiting": 3, "x": 1}' + " " * 512, None),
        ('{"waiting": 3, "unheard_of": {"a": 1}}', {"waiting": 3}),
        ('{"waiting": -1, "offset": 1.5, "kept": 1, "free": "much", "shell": "<b>", "browser": "a\\u0000"}', {}),
        (
            '{"waiting": true, "offset": -90000, "list_good": false, "browser": "Chrome 131, Android"}',
            {"offset": -90000, "list_good": False, "browser": "Chrome 131, Android"},
        ),
    ],
)
def test_it_takes_what_is_good_of_what_a_device_tells_and_never_fails(header, state):
    assert scanner_state.read(header) == state


def test_it_keeps_what_a_scanner_tells_at_most_once_a_minute(venue, django_assert_num_queries):
    scanner = ScannerFactory(venue=venue)
    scanners.heard(scanner, '{"waiting": 2}', now=NOW)
    scanner.refresh_from_db()
    assert (scanner.state, scanner.seen_at, scanner.told_at) == ({"waiting": 2}, NOW, NOW)
    with django_assert_num_queries(0):
        scanners.heard(scanner, '{"waiting": 9}', now=NOW + timedelta(seconds=30))
    scanners.heard(scanner, None, now=NOW + timedelta(minutes=2))
    scanner.refresh_from_db()
    assert scanner.state == {"waiting": 2}, "who tells nothing takes nothing back"


def test_it_believes_at_once_that_nothing_waits_any_more(venue):
    """The scanner may be put away after its last scan was sent."""
    scanner = ScannerFactory(venue=venue)
    scanners.heard(scanner, '{"waiting": 1}', now=NOW)
    scanner.refresh_from_db()
    scanners.heard(scanner, '{"waiting": 3}', now=NOW + timedelta(seconds=5))
    scanner.refresh_from_db()
    assert scanner.state == {"waiting": 1}
    scanners.heard(scanner, '{"waiting": 0}', now=NOW + timedelta(seconds=9))
    scanner.refresh_from_db()
    assert scanner.state == {"waiting": 0}


def test_it_learns_it_from_the_manifest_and_from_uploads(venue):
    told = {"HTTP_AUTHORIZATION": "Bearer abc", "HTTP_MUNJIGI_STATE": '{"waiting": 214}'}
    scanner = ScannerFactory(venue=venue, token_hash=secrets.token_hash("abc"))
    assert Client(**told).get("/api/v1/scanners/manifest").status_code == 200
    assert Scanner.objects.get().state == {"waiting": 214}
    Scanner.objects.update(state={}, told_at=None)
    scan = {"seq": 3, "at": int(NOW.timestamp() * 1000), "verdict": "STALE", "method": "qr", "direction": "in"}
    body = {"scans": [scan | {"admitted": False}]}
    assert Client(**told).post("/api/v1/scans", body, content_type="application/json").status_code == 200
    scanner.refresh_from_db()
    assert scanner.state == {"waiting": 214} and scanner.gap_since, "1 and 2 are missing"
    assert scanner_health.missing(scanner) == 2


def test_it_forgets_since_when_numbers_are_missing_once_they_came(venue):
    scanner = ScannerFactory(venue=venue)
    receive(scanner, (1, 4), (7, 9))
    scanners.heard(scanner, None, now=NOW)
    scanner.refresh_from_db()
    assert (scanner.gap_since, scanner_health.missing(scanner)) == (NOW, 2)
    receive(scanner, (1, 9))
    scanners.heard(scanner, None, now=NOW + timedelta(minutes=2))
    scanner.refresh_from_db()
    assert (scanner.gap_since, scanner_health.missing(scanner)) == (None, 0)


def test_it_says_in_words_what_is_wrong_gravest_first(venue):
    ago = NOW - timedelta(hours=2)
    ms = int(NOW.timestamp() * 1000)
    state = {
        "waiting": 214, "offset": 400_000, "fresh_until": ms - 1, "data_at": ms - 90_000_000, "free": 5 * 2**20,
        "shell": "old",
    }  # fmt: skip
    scanner = ScannerFactory(venue=venue, seen_at=ago, told_at=ago, gap_since=ago, state=state)
    receive(scanner, (1, 4), (7, 9))
    said = troubles(scanner, shell="new")
    assert len(said) == 7
    assert "Not seen since" in said[0] and "Only 5 MB" in said[1]
    assert {words for words in ("2 scans", "7 min slow", "214 scans waited") if words in " ".join(said)} == {
        "2 scans", "7 min slow", "214 scans waited",
    }  # fmt: skip
    fine = ScannerFactory(venue=venue, seen_at=NOW, told_at=NOW, state=state | {"free": 2**30, "waiting": 0})
    assert [what for what in troubles(fine) if "Not seen" in what or "MB" in what] == []


def test_it_misses_a_scanner_only_while_the_venue_is_open(venue):
    scanner = ScannerFactory(venue=venue, seen_at=NOW - timedelta(hours=1))
    assert scanner_health.unseen_since(scanner, venue, now=NOW) == scanner.seen_at
    for changes in ({"hours": {}}, {"hours": ALWAYS_OPEN, "status": "closed"}):
        for name, value in changes.items():
            setattr(venue, name, value)
        assert scanner_health.unseen_since(scanner, venue, now=NOW) is None


def test_it_lists_scanners_in_trouble_first_at_a_constant_cost(owner, venue, django_assert_max_num_queries):
    ScannerFactory(venue=venue, name="가게 앞", seen_at=timezone.now(), state={"waiting": 7})
    ScannerFactory(venue=venue, name="하늘 문", seen_at=timezone.now() - timedelta(hours=3), state={"waiting": 8})
    for _n in range(6):
        ScannerFactory(venue=venue, seen_at=timezone.now())
    with django_assert_max_num_queries(12):
        page = owner.get(f"/owner/venues/{venue.pk}/scanners/").content.decode()
    assert page.index("하늘 문") < page.index("가게 앞") and "7 scans waiting on it" in page
    assert "8 scans waiting" not in page  # that was three hours ago
    home = owner.get("/owner/").content.decode()
    assert "data-missed" in home and "하늘 문" in home and "가게 앞" not in home


def test_it_names_a_scanner_anew(owner, venue):
    scanner = ScannerFactory(venue=venue, name="정문")
    page = f"/owner/venues/{venue.pk}/scanners/{scanner.pk}/"
    assert "Give the scanner a name" in owner.post(page, {"name": " "}).content.decode()
    assert "뒷문" in owner.post(page, {"name": "뒷문"}, follow=True).content.decode()
    assert Event.objects.get(tag=Tag.SCANNER_RENAMED).detail == {"venue": venue.pk}


def test_it_lets_staff_at_the_door_see_a_scanner_and_change_nothing(client, venue):
    door = UserFactory()
    Staff.objects.create(operator=venue.operator, user=door, role=Staff.Role.DOOR)
    client.force_login(door)
    scanner = ScannerFactory(venue=venue)
    page = client.get(f"/owner/venues/{venue.pk}/scanners/{scanner.pk}/").content.decode()
    assert "/replace/" not in page and "/revoke/" not in page and 'name="name"' not in page


def test_it_lists_what_was_refused_in_words_page_by_page(owner, venue, django_assert_max_num_queries):
    scanner = ScannerFactory(venue=venue)
    DeadLetter.objects.bulk_create(
        DeadLetter(scanner=scanner, seq=seq, at=NOW, received_at=NOW, reason="too_old" if seq > 1 else "whatever")
        for seq in range(1, 46)
    )
    page = f"/owner/venues/{venue.pk}/scanners/{scanner.pk}/"
    for query, first, last in (("", 45, 26), ("?before=26", 25, 6), ("?before=6", 5, 1), ("?before=x", 45, 26)):
        with django_assert_max_num_queries(10):
            text = owner.get(page + query).content.decode()
        seqs = [int(part.split('"')[0]) for part in text.split('data-letter="')[1:]]
        assert (seqs[0], seqs[-1]) == (first, last)
        assert "28 days" in text and ("whatever" in text) == (last == 1)


def test_it_replaces_a_scanner_in_the_moment_the_new_device_pairs(owner, venue):
    old = ScannerFactory(venue=venue, name="정문")
    answer = owner.post(f"/owner/venues/{venue.pk}/scanners/{old.pk}/replace/", follow=True)
    code = answer.content.decode().split('data-pairing-code="')[1].split('"')[0]
    old.refresh_from_db()
    assert old.revoked_at is None, "it goes on until then"
    new, _token = scanners.pair(code, now=NOW, address="203.0.113.7")
    old.refresh_from_db()
    assert (new.name, new.replaces_id, old.revoked_at) == ("정문", old.pk, NOW)
    assert Event.objects.get(tag=Tag.SCANNER_REVOKED).target == f"scanner:{old.pk}"
    page = owner.get(f"/owner/venues/{venue.pk}/scanners/{old.pk}/").content.decode()
    assert f"/scanners/{new.pk}/" in page
    assert owner.get(f"/owner/venues/{venue.pk}/scanners/{old.pk}/replace/").status_code == 404


def test_it_replaces_nothing_that_was_revoked_meanwhile_and_pairs_all_the_same(venue):
    old, user = ScannerFactory(venue=venue), venue.operator.people.get()
    codes = [scanners.new_pairing_code(venue, by=user, name="정문", now=NOW, replaces=old) for _n in range(2)]
    pairs = [scanners.pair(code, now=NOW, address="203.0.113.7")[0].replaces_id for code in codes]
    assert pairs == [old.pk, None]


def test_it_takes_scans_of_staff_that_was_removed_but_shows_them_nothing(venue):
    """Whoever scans has no session: the device is the venue's, and its owner revokes it where it left with somebody."""
    door = UserFactory()
    member = Staff.objects.create(operator=venue.operator, user=door, role=Staff.Role.DOOR)
    ScannerFactory(venue=venue, token_hash=secrets.token_hash("abc"), paired_by=door)
    portal, scanner = Client(), Client(HTTP_AUTHORIZATION="Bearer abc")
    portal.force_login(door)
    assert portal.get(f"/owner/venues/{venue.pk}/").status_code == 200
    member.delete()
    for page in ("", "now/", "scanners/", "by-hand/enter/"):
        assert portal.get(f"/owner/venues/{venue.pk}/{page}").status_code == 404
    scan = {"seq": 1, "at": int(NOW.timestamp() * 1000), "verdict": "STALE", "method": "qr", "direction": "in"}
    answer = scanner.post("/api/v1/scans", {"scans": [scan | {"admitted": False}]}, content_type="application/json")
    assert answer.json()["answers"] == [{"seq": 1, "answer": "counted"}]
