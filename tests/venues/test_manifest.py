"""The manifest: what a scanner needs to decide without us, the same for minutes."""

import base64
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from registry import policy, signing
from registry.format import passcode
from registry.models import Outage, PolicyVersion
from registry.reverification import outages
from tests.factories import ScannerFactory, UserFactory, VenueFactory
from venues import manifest, scanners
from venues.models import CategoryRule

pytestmark = pytest.mark.django_db


@pytest.fixture
def door():
    venue = VenueFactory()
    now = timezone.now()
    code = scanners.new_pairing_code(venue, by=venue.operator.people.get(), name="정문", now=now)
    return scanners.pair(code, now=now, address="203.0.113.7")


def fetch(client, token, **headers):
    return client.get("/api/v1/scanners/manifest", headers={"Authorization": f"Bearer {token}"} | headers)


def test_it_tells_the_scanner_all_that_the_verdict_needs(client, door):
    scanner, token = door
    answer = fetch(client, token)
    body, today = answer.json(), timezone.localdate()
    assert answer.status_code == 200 and answer["Cache-Control"] == "private, no-cache"
    assert abs(int(answer["Munjigi-Time"]) / 1000 - timezone.now().timestamp()) < 5
    assert body["scanner"] == {"id": scanner.pk, "name": "정문"}
    assert body["venue"]["name"] == scanner.venue.name and body["venue"]["category_name"]["ko"] == "식당·카페"
    assert body["upload"] == {"size": 500, "pace_ms": 2000, "drain_ms": 100} and body["version"] == 1
    days = [date.fromisoformat(day) for day in body["days"]]
    assert days == [today + timedelta(days=n) for n in range(-1, 15)]
    assert body["days"][today.isoformat()] == {"asks": True, "alone": True, "floor": 0}


def test_it_carries_keys_that_verify_what_the_agency_signs_for_every_day(client, door):
    keys = fetch(client, door[1]).json()["keys"]
    today = timezone.localdate()
    for day in (today, today + timedelta(days=14)):
        signer = signing.signer_for(day)
        [key] = [key for key in keys if key["kid"] == base64.urlsafe_b64encode(signer.kid).rstrip(b"=").decode()]
        point = passcode.point_of(signer.private_key)
        assert [base64.urlsafe_b64decode(key[part] + "=") for part in "xy"] == [point[:32], point[32:]]
        assert key["from"] <= day.isoformat() <= key["until"]


def test_it_answers_not_modified_with_the_time_while_nothing_changed(client, door):
    etag = fetch(client, door[1])["ETag"]
    again = fetch(client, door[1], **{"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == etag and int(again["Munjigi-Time"]) > 0


def test_it_stays_the_same_for_a_quarter_of_an_hour_and_fresh_for_a_day():
    scanner = ScannerFactory()
    quarter = datetime(2026, 11, 22, 12, 0, 1, tzinfo=timezone.get_default_timezone())
    early, late = (manifest.build(scanner, now=quarter + timedelta(seconds=s)) for s in (0, 15 * 60 - 2))
    next_one = manifest.build(scanner, now=quarter + timedelta(minutes=15))
    assert manifest.etag(early) == manifest.etag(late) != manifest.etag(next_one)
    assert (
        timedelta(0)
        <= datetime.fromtimestamp(early["fresh_until"] / 1000, tz=quarter.tzinfo) - (quarter + timedelta(hours=24))
        <= timedelta(minutes=15)
    )


def test_it_follows_the_policy_in_force_on_each_day(client, door):
    today = timezone.localdate()
    coming = PolicyVersion.objects.create(
        title="중단", effective_on=today + timedelta(days=3), rules={}, floor_from=today + timedelta(days=8),
        author=UserFactory(), published_at=timezone.now(),
    )  # fmt: skip
    policy.forget()
    days = fetch(client, door[1]).json()["days"]
    assert [days[(today + timedelta(days=n)).isoformat()]["asks"] for n in (2, 3)] == [True, False]
    assert [days[(today + timedelta(days=n)).isoformat()]["floor"] for n in (7, 8)] == [0, coming.number]


def test_it_asks_only_on_the_days_of_the_rule():
    venue, today = VenueFactory(category_id="gym"), timezone.localdate()
    rule = CategoryRule.objects.get(policy=policy.in_force_on(today), category="gym")
    rule.asks_from, rule.asks_until = today, today + timedelta(days=1)
    rule.save()
    manifest.forget()
    rules = manifest.day_rules(venue, today - timedelta(days=1), today + timedelta(days=2))
    assert [rule.asks for rule in rules.values()] == [False, True, True, False]


def test_it_costs_no_query_to_ask_for_the_rules_again(django_assert_num_queries):
    venue, today = VenueFactory(), timezone.localdate()
    manifest.day_rules(venue, today, today)
    with django_assert_num_queries(0):
        manifest.day_rules(venue, today - timedelta(days=28), today)


def test_it_turns_away_unknown_and_revoked_scanners_and_says_which(client, door):
    scanner, token = door
    answer = fetch(client, "nobody")
    assert (answer.status_code, answer.json()["code"]) == (401, "unknown_scanner")
    scanners.revoke(scanner, by=scanner.paired_by, reason="분실", now=timezone.now())
    answer = fetch(client, token)
    assert (answer.status_code, answer.json()["code"]) == (401, "revoked_scanner")


def test_it_notes_when_the_scanner_was_last_heard_of(client, door):
    scanner, token = door
    type(scanner).objects.update(seen_at=timezone.now() - timedelta(hours=1))
    fetch(client, token)
    scanner.refresh_from_db()
    assert timezone.now() - scanner.seen_at < timedelta(minutes=1)


def test_it_tells_of_an_outage_and_answers_anew_when_one_opens_or_closes(client, door):
    outages.forget()
    quiet = fetch(client, door[1])
    now = timezone.now()
    outage = Outage.objects.create(opened_at=now, began_at=now, cause="no code arrives")
    outages.forget()
    declared = fetch(client, door[1], **{"If-None-Match": quiet["ETag"]})
    assert (quiet.json()["outage"], declared.status_code, declared.json()["outage"]) == (False, 200, True)
    Outage.objects.filter(pk=outage.pk).update(closed_at=now)
    outages.forget()
    assert fetch(client, door[1], **{"If-None-Match": quiet["ETag"]}).status_code == 304
