"""Revocations: derived day by day in the process, signed, growing, and never a way from a number to a person."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from registry import issuing, signing, vault
from registry.errors import VaultUnavailable
from registry.format.revocation_list import decode_revocations
from registry.models import Revocation
from registry.validity import SEOUL
from tests.factories import CitizenFactory, ScannerFactory
from venues import manifest, revocations

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def away(monkeypatch):
    """The vault's connection refuses, as when its server is gone."""

    def leave():
        def refuse(*args, **kwargs):
            raise VaultUnavailable

        vault.forget()
        monkeypatch.setattr(vault, "_read", refuse)

    return leave


def revoke(now, citizen=None):
    citizen = citizen or CitizenFactory()
    issuing.revoke(citizen, by=None, reason="시험", now=now)
    revocations.forget()
    return citizen


def opened(file):
    return decode_revocations(file.raw, keys=signing.agency_keys())


def the_number():
    return Revocation.objects.latest("pk").pk // revocations.SEGMENT


def test_it_lists_a_citizen_under_each_living_days_own_pseudonym(now):
    citizen = revoke(now)
    for day in revocations.live_days(now)[-2:]:
        content = opened(revocations.segment(day, the_number(), now=now))
        assert (content.day, content.segment) == (day, the_number())
        [(prefix, since)] = content.entries.items()
        assert prefix == vault.pseudonym(day, citizen.pk)[:8]
        assert now.timestamp() <= since < now.timestamp() + 1


def test_it_keeps_yesterday_until_four_in_the_morning():
    def days(hour):
        moment = datetime(2026, 11, 22, hour, 0, tzinfo=SEOUL)
        return [(day - moment.date()).days for day in revocations.live_days(moment)]

    assert days(3) == [-1, 0, 1]
    assert days(4) == [0, 1]


def test_it_sorts_by_pseudonym_so_that_a_place_in_the_file_tells_nothing(now):
    for _n in range(12):
        revoke(now)
    for day in revocations.live_days(now)[-2:]:
        listed = list(opened(revocations.segment(day, the_number(), now=now)).entries)
        assert listed == sorted(listed) and len(listed) == 12


def test_it_leaves_out_what_no_living_strip_can_meet(now):
    revoke(now - revocations.REACH - timedelta(days=2))
    assert revocations.listing(now=now) == []


def test_it_only_grows_and_calls_a_segment_final_when_no_late_row_can_come(now, monkeypatch):
    monkeypatch.setattr(revocations, "SEGMENT", 2)
    old = now - timedelta(hours=2)
    for _n in range(5):
        revoke(old)
    first, middle, last = sorted({part.number for part in revocations.listing(now=now)})[:3]
    finals = {part.number: part.final for part in revocations.listing(now=now)}
    assert finals[first] and not finals[max(finals)]
    day = vault.today(now)
    before = {number: opened(revocations.segment(day, number, now=now)).entries for number in finals}
    revoke(now)
    after = {n: opened(revocations.segment(day, n, now=now)).entries for n in before}
    assert all(before[number].items() <= after[number].items() for number in before)
    assert after[first] == before[first]


def test_it_answers_the_servers_own_question_without_a_query(now, django_assert_num_queries):
    citizen = revoke(now)
    day = vault.today(now)
    cti = vault.pseudonym(day, citizen.pk)
    assert revocations.revoked(day, cti, now=now) is not None
    with django_assert_num_queries(0):
        assert revocations.revoked(day, cti, now=now) >= now.timestamp()
        assert revocations.revoked(day, bytes(16), now=now) is None
        with django_assert_num_queries(0, using="vault"):
            revocations.revoked(day, cti, now=now)


def test_it_tells_the_latest_of_several_revocations(now):
    citizen = revoke(now - timedelta(days=1))
    revoke(now, citizen)
    day = vault.today(now)
    assert revocations.revoked(day, vault.pseudonym(day, citizen.pk), now=now) >= now.timestamp()


def test_it_serves_what_it_derived_before_while_the_vault_is_away(now, away):
    citizen = revoke(now)
    day = vault.today(now)
    cti = vault.pseudonym(day, citizen.pk)
    file, known = revocations.segment(day, the_number(), now=now), revocations.revoked(day, cti, now=now)
    away()
    issuing.revoke(CitizenFactory(), by=None, reason="시험", now=now)
    revocations._read_at = None
    assert revocations.segment(day, the_number(), now=now).raw == file.raw
    assert revocations.revoked(day, cti, now=now) == known


def test_it_turns_nobody_away_and_answers_503_where_nothing_was_derived_yet(now, away, client):
    revoke(now)
    day = vault.today(now)
    away()
    assert revocations.revoked(day, bytes(16), now=now) is None
    answer = client.get(f"/api/v1/revocations/{day}/{the_number()}")
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "vault_unavailable", "3")


def test_it_knows_no_entries_for_a_day_whose_key_is_gone(now):
    revoke(now)
    gone = vault.today(now) - timedelta(days=20)
    assert revocations.revoked(gone, bytes(16), now=now) is None


def test_it_is_named_in_the_manifest_and_served_with_an_etag(now, client):
    revoke(now)
    parts = manifest.build(ScannerFactory(), now=now)["revocations"]
    assert [part["day"] for part in parts] == [day.isoformat() for day in revocations.live_days(now)]
    part = parts[-1]
    answer = client.get(part["url"], headers={"Accept": "application/cose"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/cose")
    assert answer["Cache-Control"] == "public, max-age=10" and part["final"] is False
    assert decode_revocations(answer.content, keys=signing.agency_keys()).segment == part["segment"]
    again = client.get(part["url"], headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["2026-13-01/0", "20261122/0", "tomorrow/0", "2020-01-01/0"])
def test_it_knows_no_other_files(client, path):
    answer = client.get(f"/api/v1/revocations/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_segment")
