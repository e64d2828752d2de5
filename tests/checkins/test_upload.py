"""Uploads: what is stored, counted, refused, and what a malformed one is answered."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from checkins import counts
from checkins.models import DeadLetter, Destruction, Flag, HourCount
from registry.models import Revocation
from tests.checkins.conftest import Door, at, person, signer
from tests.factories import CitizenFactory

pytestmark = pytest.mark.django_db


def test_it_stores_a_verified_scan_and_counts_it(door):
    now, guest = timezone.now(), person()
    answer = door.post(guest.scan(1, now), scanner=door.scanner.pk)
    assert answer.json() == {"answers": [{"seq": 1, "answer": "stored"}]}
    [entry] = door.entries
    assert (entry.day, entry.t, entry.scanner) == (guest.day, int(now.timestamp()), door.scanner.pk)
    assert bytes(entry.subject) in guest.strip and len(entry.subject) == 16
    assert (entry.method, entry.direction, entry.flags) == ("qr", "in", 0)
    assert abs(entry.seen_at - now) < timedelta(milliseconds=2)
    seen = counts.on(door.venue, timezone.localdate(now))
    assert seen.admitted == 1 and seen.hours[timezone.localtime(now).hour].admitted == 1
    door.scanner.refresh_from_db()
    assert door.scanner.seen_at is not None


def test_it_gives_the_same_answer_however_often_a_batch_is_sent(door):
    now = timezone.now()
    forged = person().scan(2, now, proof="A" * 86)
    away = {"seq": 3, "at": int(now.timestamp() * 1000), "verdict": "NO_PASS", "method": "qr", "direction": "in"}
    batch = [person().scan(1, now), forged, away | {"admitted": False}]
    first, again, third = (door.post(*batch).json()["answers"] for _ in range(3))
    assert [answer["answer"] for answer in first] == ["stored", "refused", "counted"]
    assert again == third == [first[0] | {"answer": "known"}, *first[1:]]
    assert door.entries.count() == 1
    assert door.counts == {("PASS", True): 1, ("NO_PASS", False): 1}
    [letter] = DeadLetter.objects.filter(scanner=door.scanner)
    assert (letter.seq, letter.reason) == (2, "FORGED")


def test_it_stores_once_what_arrives_under_two_numbers_or_from_two_scanners_of_a_venue(door):
    now, guest = timezone.now(), person()
    answers = door.post(guest.scan(1, now), guest.scan(2, now)).json()["answers"]
    assert [answer["answer"] for answer in answers] == ["stored", "known"]
    assert door.counts == {("PASS", True): 1}


def test_it_counts_by_hand_admissions_and_people_turned_away_without_logging_them(door):
    now = timezone.now()
    bare = {"at": int(now.timestamp() * 1000), "method": "hand", "direction": "in"}
    answers = door.post(
        bare | {"seq": 1, "admitted": True},
        bare | {"seq": 2, "admitted": False, "verdict": "STALE", "method": "qr"},
        bare | {"seq": 3, "admitted": True, "verdict": "EXPIRED"},
    ).json()["answers"]
    assert {answer["answer"] for answer in answers} == {"counted"}
    assert not door.entries.exists()
    seen = counts.on(door.venue, timezone.localdate(now))
    assert (seen.admitted, seen.turned_away) == (2, {"STALE": 1})


def test_it_takes_the_scans_second_for_one_admitted_by_hand_with_a_code(door):
    now = timezone.now()
    shown = now - timedelta(seconds=20)
    door.post(person(passes=False).scan(1, shown, at=int(now.timestamp() * 1000), method="hand", verdict="NO_PASS"))
    [entry] = door.entries
    assert (entry.t, entry.method, entry.flags) == (int(now.timestamp()), "hand", Flag.NO_PASS)


def test_it_refuses_for_steps_one_to_six_alone_with_the_scans_time_as_now(door):
    now = timezone.now()
    ms = int(now.timestamp() * 1000)
    first, second = person(), person()
    swapped = second.scan(4, now, strip=first.scan(0, now)["strip"])
    cases = [
        (person().scan(1, now, strip="AAAA"), "MALFORMED"),
        (person().scan(2, now, strip="not base64!"), "MALFORMED"),
        (person().scan(3, now, proof=None), "MALFORMED"),
        (swapped, "FORGED"),
        (person().scan(5, now - timedelta(seconds=31), at=ms), "STALE"),
        (person().scan(6, now + timedelta(seconds=11), at=ms), "STALE"),
        (person(passes=False).scan(7, now), None),
    ]
    answers = door.post(*(item for item, _reason in cases)).json()["answers"]
    assert [answer.get("reason") for answer in answers] == [reason for _item, reason in cases]
    assert not DeadLetter.objects.filter(scanner=door.scanner).exclude(seq__lt=7).exists()


def test_it_stores_a_strip_of_yesterday_at_half_past_midnight_and_refuses_it_after_four(door):
    day = timezone.localdate() - timedelta(days=2)
    signer(day)
    guest, next_day = person(day), day + timedelta(days=1)
    late, morning = at(next_day, "00:30:00"), at(next_day, "04:01:00")
    answers = door.upload(guest.scan(1, late), guest.scan(2, morning), now=at(next_day, "04:02:00"))
    assert answers == {1: "stored", 2: "EXPIRED"}
    [entry] = door.entries
    assert entry.day == day
    [count] = HourCount.objects.filter(venue=door.venue)
    assert (count.day, count.hour) == (next_day, 0)


def test_it_refuses_what_is_too_old_in_the_future_or_of_a_destroyed_day(door):
    now, today = timezone.now(), timezone.localdate()
    edge, old = today - timedelta(days=28), today - timedelta(days=29)
    ended = today - timedelta(days=3)
    Destruction.objects.create(day=ended, intended_at=now)
    answers = door.upload(
        person(edge).scan(1, at(edge)),
        person(old).scan(2, at(old)),
        person(old).scan(3, at(old, days=1, clock="00:30:00")),
        person().scan(4, now + timedelta(minutes=6)),
        person(ended).scan(5, at(ended)),
        person(today + timedelta(days=2)).scan(6, now),
        now=now,
    )
    assert answers == {1: "stored", 2: "too_old", 3: "too_old", 4: "in_future", 5: "too_old", 6: "NOT_YET"}


def test_it_stores_and_flags_where_it_knows_better_than_the_scanner(door):
    now = timezone.now()
    citizen = CitizenFactory()
    guest = person()
    from registry import vault
    from registry.format import passcode

    cti = vault.pseudonym(guest.day, citizen.pk)
    by, nbf = signer(guest.day), passcode.strip_times(guest.day, worse_tomorrow=False)
    guest.strip = passcode.sign_strip(
        **{
            "private_key": by.private_key,
            "kid": by.kid,
            "issuer": "KR",
            "day": guest.day,
            "exp": nbf[1],
            "iat": nbf[0],
        },
        **{"cti": cti, "cnf": passcode.point_of(guest.key), "passes": True, "policy": 99, "phone": 0},
    )
    Revocation.objects.create(citizen=citizen, since=now - timedelta(seconds=5))
    from venues import revocations

    revocations.forget()
    alone = person(passes=False).scan(2, now, alone=True, verdict="NO_PASS")
    door.post(guest.scan(1, now), alone, person(passes=False).scan(3, now))
    flags = sorted(door.entries.values_list("flags", flat=True))
    assert flags == sorted([Flag.REVOKED, Flag.ALONE, Flag.NO_PASS])


def test_it_says_which_item_is_malformed(door):
    good = person().scan(1, timezone.now())
    for member, value in (
        ("seq", "1"),
        ("seq", 0),
        ("seq", True),
        ("at", 1.5),
        ("verdict", "GREEN"),
        ("verdict", ["PASS"]),
        ("method", {}),
        ("direction", "up"),
        ("admitted", 1),
        ("strip", 7),
        ("strip", "A" * 3000),
        ("t", "now"),
        ("proof", []),
    ):
        answer = door.post(good, good | {"seq": 2} | {member: value})
        assert answer.status_code == 400
        assert answer["Content-Type"] == "application/problem+json"
        body = answer.json()
        assert (body["code"], body["item"], body["member"]) == ("malformed", 1, member)
    assert door.post(good, good).json()["member"] == "seq"
    assert door.post("scan").json()["item"] == 0
    assert not door.entries.exists()


@pytest.mark.parametrize("body", ["", "[]", "{", '{"scans": 1}', "[" * 100_000, '{"scans": null}', "\xff"])
def test_it_answers_400_to_what_is_no_batch(door, body):
    answer = door.client.post("/api/v1/scans", body.encode("latin-1"), content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_it_refuses_a_batch_that_is_too_large(door):
    bare = {"at": 0, "method": "hand", "direction": "in", "admitted": True}
    answer = door.post(*(bare | {"seq": n + 1} for n in range(501)))
    assert (answer.status_code, answer.json()["code"]) == (413, "batch_too_large")
    answer = door.client.post("/api/v1/scans", b" " * 3_000_000, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "batch_too_large")


def test_it_refuses_unknown_and_revoked_scanners_and_the_token_of_another(door):
    item = person().scan(1, timezone.now())
    stranger = Client(HTTP_AUTHORIZATION="Bearer " + "0" * 32)
    for client in (Client(), stranger, Client(HTTP_AUTHORIZATION=f"Token {door.token}")):
        answer = client.post("/api/v1/scans", {"scans": [item]}, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (401, "unknown_scanner")
    answer = door.post(item, scanner=Door().scanner.pk)
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_scanner")
    door.scanner.revoked_at = timezone.now()
    door.scanner.save()
    assert door.post(item).json()["revoked"] is True
    assert door.show(person().code(timezone.now())).json()["code"] == "revoked_scanner"
    assert not door.entries.filter(seen_at__gt=door.scanner.revoked_at).exists()


def test_it_writes_the_days_own_pseudonym_for_a_paper_pass(door):
    from registry import vault

    now = timezone.now()
    guest = person(paper=True)
    [answer] = door.post(guest.scan(1, now)).json()["answers"]
    assert answer["answer"] == "stored"
    [entry] = door.entries
    assert bytes(entry.subject) == vault.pseudonym(timezone.localdate(), guest.citizen)
    assert bytes(entry.subject) not in guest.strip
    assert (entry.method, entry.t) == ("paper", int(now.timestamp()))
