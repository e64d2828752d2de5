"""A scanner is paired with a one-time code, known again by its token, and revoked."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registry.models import Event, Tag
from tests.factories import ScannerFactory, UserFactory, VenueFactory
from tests.registry.crowds import at_once
from venues import onboarding, scanners
from venues.models import PairingCode, Scanner

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HERE = "203.0.113.7"


def a_code(venue=None, now=NOW):
    venue = venue or VenueFactory()
    return scanners.new_pairing_code(venue, by=venue.operator.people.get(), name="정문", now=now)


def test_it_makes_codes_of_at_least_38_bits_that_cannot_be_misread_and_keeps_none():
    code = a_code()
    assert len(scanners.ALPHABET) ** scanners.LENGTH >= 2**38
    assert not set("01ILOU") & set(scanners.ALPHABET)
    assert code[4] == "-" and set(code.replace("-", "")) <= set(scanners.ALPHABET)
    assert code.replace("-", "").encode() not in bytes(PairingCode.objects.get().code_index)


def test_it_pairs_a_scanner_whose_token_is_known_again_and_kept_hashed():
    venue = VenueFactory()
    scanner, token = scanners.pair(a_code(venue), now=NOW, address=HERE)
    assert (scanner.venue, scanner.name) == (venue, "정문")
    assert scanners.authenticate(token) == scanner
    assert scanners.bearer(f"Bearer {token}") == scanner
    assert token.encode() not in bytes(scanner.token_hash)
    event = Event.objects.get(tag=Tag.SCANNER_PAIRED)
    assert (event.target, event.address, event.actor) == (f"scanner:{scanner.pk}", HERE, scanner.paired_by)


@pytest.mark.parametrize("typed", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code} "])
def test_it_accepts_a_code_however_it_is_typed(typed):
    scanners.pair(typed(a_code()), now=NOW, address=HERE)
    assert Scanner.objects.count() == 1


def test_it_says_why_a_code_does_not_work():
    used = a_code()
    scanners.pair(used, now=NOW, address=HERE)
    with pytest.raises(scanners.CodeUsed):
        scanners.pair(used, now=NOW, address=HERE)
    with pytest.raises(scanners.CodeExpired):
        scanners.pair(a_code(), now=NOW + scanners.LIFETIME, address=HERE)
    with pytest.raises(scanners.UnknownCode):
        scanners.pair("ABCD-2345", now=NOW, address=HERE)


def test_it_pairs_no_scanner_with_a_suspended_venue_and_leaves_the_code_for_later():
    venue = VenueFactory()
    clerk, code = UserFactory(clerk=True), a_code(venue)
    onboarding.suspend(venue, by=clerk, reason="중복 등록")
    with pytest.raises(scanners.VenueSuspended):
        scanners.pair(code, now=NOW, address=HERE)
    venue.refresh_from_db()
    with pytest.raises(scanners.VenueSuspended):
        a_code(venue)
    onboarding.reopen(venue, by=clerk, reason="확인")
    scanners.pair(code, now=NOW, address=HERE)
    assert list(Event.objects.filter(target=f"venue:{venue.pk}").order_by("pk").values_list("tag", flat=True)) == [
        Tag.VENUE_SUSPENDED,
        Tag.VENUE_REOPENED,
    ]
    with pytest.raises(onboarding.NotSuspended):
        onboarding.reopen(venue, by=clerk, reason="확인")


def test_it_stops_guessing_from_one_address_and_nobody_else():
    code = a_code()
    for _guess in range(scanners.TRIES):
        with pytest.raises(scanners.UnknownCode):
            scanners.pair("ABCD-2345", now=NOW, address=HERE)
    with pytest.raises(scanners.TooManyTries):
        scanners.pair(code, now=NOW, address=HERE)
    scanners.pair(code, now=NOW, address="203.0.113.8")
    scanners.pair(a_code(now=NOW + scanners.WINDOW), now=NOW + scanners.WINDOW, address=HERE)


def test_it_does_not_count_right_codes_as_guesses():
    venue = VenueFactory()
    for _door in range(scanners.TRIES + 5):
        scanners.pair(a_code(venue), now=NOW, address=HERE)


def test_it_revokes_a_scanner_at_once_and_only_once():
    venue = VenueFactory()
    scanner, token = scanners.pair(a_code(venue), now=NOW, address=HERE)
    owner = venue.operator.people.get()
    scanners.revoke(scanner, by=owner, reason="분실", now=NOW)
    with pytest.raises(scanners.RevokedScanner):
        scanners.authenticate(token)
    with pytest.raises(scanners.AlreadyRevoked):
        scanners.revoke(scanner, by=owner, reason="분실", now=NOW)
    assert Event.objects.get(tag=Tag.SCANNER_REVOKED).reason == "분실"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer nobody"])
def test_it_knows_no_scanner_without_a_token(header):
    with pytest.raises(scanners.UnknownScanner):
        scanners.bearer(header)


def test_it_notes_that_a_scanner_was_heard_of_at_most_once_a_minute(django_assert_num_queries):
    scanner = ScannerFactory(seen_at=NOW - timedelta(seconds=59))
    with django_assert_num_queries(0):
        scanners.seen(scanner, now=NOW)
    with django_assert_num_queries(1):
        scanners.seen(scanner, now=NOW + timedelta(seconds=2))
    scanner.refresh_from_db()
    assert scanner.seen_at == NOW + timedelta(seconds=2)


def test_it_answers_over_http_with_a_token_or_with_what_went_wrong(client):
    venue = VenueFactory()
    answer = client.post(
        "/api/v1/scanners/pair", {"code": a_code(venue, timezone.now())}, content_type="application/json"
    )
    assert answer.status_code == 201 and answer["Cache-Control"] == "no-store"
    body = answer.json()
    assert scanners.authenticate(body["token"]).pk == body["scanner"]
    assert body["venue"]["id"] == venue.pk and body["venue"]["category"] == "cafe"
    answer = client.post("/api/v1/scanners/pair", {"code": "ABCD-2345"}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_code")
    assert answer["Content-Type"] == "application/problem+json"
    answer = client.post("/api/v1/scanners/pair", {"name": "?"}, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.django_db(transaction=True)
def test_it_gives_one_of_ten_scanners_the_code_when_all_try_at_once():
    code = a_code()

    def attempt(_n):
        try:
            return scanners.pair(code, now=NOW, address=HERE)
        except scanners.CodeUsed as error:
            return error

    outcomes = at_once(attempt, 10)
    assert sum(isinstance(outcome, tuple) for outcome in outcomes) == 1
    assert Scanner.objects.count() == 1
