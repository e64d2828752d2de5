"""What a door tells beside codes: reasons, groups, safe numbers, people who leave, and what a revoked scanner held."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from checkins import references
from checkins.log import retention
from checkins.models import DeadLetter, Direction, Flag, HourCount, Refusal, Undone
from checkins.scanning import numbers
from registry import vault
from registry.errors import VaultUnavailable
from registry.models import SafeNumber
from registry.phone import safe_numbers
from tests.checkins.conftest import Door, at, day_key, person
from tests.factories import CitizenFactory

pytestmark = pytest.mark.django_db


def bare(seq, now, **members):
    """A scan without a code."""
    return {
        "seq": seq,
        "at": int(now.timestamp() * 1000),
        "method": "hand",
        "direction": "in",
        "admitted": True,
    } | members


def answers(response):
    return [answer.get("reason", answer["answer"]) for answer in response.json()["answers"]]


def test_it_counts_why_somebody_was_let_in_by_hand(door):
    now = timezone.now()
    door.post(bare(1, now, reason="no_phone"), bare(2, now, reason="no_phone", verdict="STALE"), bare(3, now))
    assert list(HourCount.objects.filter(venue=door.venue).by_reason()) == [
        {"reason": "no_phone", "people": 2},
        {"reason": "", "people": 1},
    ]
    assert door.post(bare(4, now, reason="because")).json()["member"] == "reason"


def test_it_counts_a_group_by_heads_and_logs_only_who_showed_a_code(door):
    now, teacher = timezone.now(), person()
    shown = teacher.scan(2, now, method="group", people=30)
    response = door.post(
        bare(1, now, method="group", people=24), shown, bare(3, now, method="group", people=24, direction="out")
    )
    assert answers(response) == ["counted", "stored", "counted"]
    assert answers(door.post(shown)) == ["known"]
    [entry] = door.entries
    assert (entry.method, bytes(entry.subject) in teacher.strip) == ("group", True)
    coming = HourCount.objects.filter(venue=door.venue, direction=Direction.IN)
    assert sorted(coming.values_list("count", flat=True)) == [24, 30]


@pytest.mark.parametrize(
    ("members", "member"),
    [
        ({"people": 2}, "people"),
        ({"method": "group", "people": 201}, "people"),
        ({"method": "group", "people": True}, "people"),
        ({"method": "group", "people": 2, "alone": True}, "alone"),  # who sits alone is no part of a group
        ({"direction": "out", "admitted": False}, "admitted"),
        ({"safe_number": 1}, "safe_number"),
        ({"safe_number": "12가34나", "method": "group"}, "safe_number"),
        ({"safe_number": "1" * 41}, "safe_number"),
        ({"undoes": -1}, "undoes"),
    ],
)
def test_it_says_what_is_malformed(door, members, member):
    assert door.post(bare(1, timezone.now(), **members)).json()["member"] == member


def test_it_seats_alone_only_where_the_category_allows_it(door):
    from tests.checkins.conftest import Door

    now, club = timezone.now(), Door("nightlife")
    for place, flag in ((door, Flag.ALONE), (club, Flag.NO_PASS)):
        place.post(person(passes=False).scan(1, now, verdict="NO_PASS", alone=True))
        assert place.entries.get().flags == flag


def test_it_keeps_nobody_in(door):
    now, guest = timezone.now(), person(passes=False)
    shown = now - timedelta(seconds=5)
    response = door.post(
        guest.scan(1, shown, alone=True, verdict="NO_PASS"),
        guest.scan(
            2, now, direction="out", verdict="NO_PASS", t=int(shown.timestamp()), proof=guest.scan(0, shown)["proof"]
        ),
        person().scan(3, now, direction="out", verdict="STALE", t=int(now.timestamp()) - 300),
        person(now.date() - timedelta(days=5)).scan(4, now, direction="out", verdict="EXPIRED"),
        bare(5, now, direction="out"),
    )
    assert answers(response) == ["stored", "stored", "counted", "counted", "counted"]
    assert [(entry.direction, entry.flags) for entry in door.entries] == [("in", Flag.ALONE), ("out", 0)]
    assert sum(HourCount.objects.filter(direction="out", admitted=True).values_list("count", flat=True)) == 4


class TestSafeNumber:
    def held(self, **facts):
        citizen = CitizenFactory(verified=True, **facts)
        return citizen, safe_numbers.issue(citizen.phone, timezone.now())

    def test_it_becomes_the_days_pseudonym_of_whoever_has_the_number(self, door):
        now = timezone.now()
        citizen, safe = self.held(phone_since=timezone.now())
        CitizenFactory(phone=citizen.phone, guardian=citizen, relation="child", birth="2020-01-01")
        typed = " ".join(safe.text)
        assert answers(door.post(bare(1, now, safe_number=typed, reason="no_phone"))) == ["stored"]
        [entry] = door.entries
        assert (entry.method, entry.t) == ("hand", int(now.timestamp()))
        assert vault.citizen_of(entry.day, bytes(entry.subject)) == UUID(str(citizen.pk))
        assert answers(door.post(bare(1, now, safe_number=typed))) == ["known"]
        assert door.counts == {("", True): 1}

    def test_it_is_refused_with_its_reason_and_kept_nowhere(self, door):
        now = timezone.now()
        _citizen, ended = self.held()
        former, later = self.held()
        SafeNumber.objects.filter(pk=ended.pk).update(ended_at=now - timedelta(hours=1))
        SafeNumber.objects.filter(pk=later.pk).update(ended_at=now + timedelta(hours=1), held_by=former)
        response = door.post(
            bare(1, now, safe_number="00가00나"), bare(2, now, safe_number="nobody"),
            bare(3, now, safe_number=ended.text), bare(4, now, safe_number=later.text),
        )  # fmt: skip
        assert answers(response) == ["unknown_safe_number", "unknown_safe_number", "ended_safe_number", "stored"]
        assert vault.citizen_of(door.entries.get().day, bytes(door.entries.get().subject)) == former.pk
        assert set(DeadLetter.objects.values_list("seq", flat=True)) == {1, 2, 3}

    def test_it_waits_where_a_scanner_guesses(self, door, monkeypatch):
        monkeypatch.setattr(numbers, "WRONG_A_DAY", 3)
        _citizen, safe = self.held()
        now = timezone.now()
        guesses = [bare(n, now, safe_number=f"0{n}가00나") for n in range(1, 6)]
        body = door.post(*guesses, person().scan(7, now)).json()
        assert ([answer["seq"] for answer in body["answers"]], body["retry"]) == ([1, 2, 3, 7], [4, 5])
        right = door.post(bare(8, now, safe_number=safe.text))
        assert (right.status_code, right.json()) == (200, {"answers": [], "retry": [8]})
        tomorrow = now + timedelta(days=1, minutes=1)
        assert door.upload(bare(8, now, safe_number=safe.text), now=tomorrow) == {8: "stored"}

    def test_it_waits_where_all_scanners_of_a_venue_guess_together(self, door, monkeypatch):
        monkeypatch.setattr(numbers, "WRONG_OF_VENUE", 3)
        _citizen, safe = self.held()
        now, second = timezone.now(), Door(venue=door.venue)
        door.post(*[bare(n, now, safe_number=f"0{n}가00나") for n in (1, 2)])
        assert second.post(bare(1, now, safe_number="03가00나")).json()["answers"][0]["answer"] == "refused"
        for each in (door, second):
            assert each.post(bare(9, now, safe_number=safe.text)).json() == {"answers": [], "retry": [9]}
        assert Door().post(bare(1, now, safe_number=safe.text)).json()["answers"][0]["answer"] == "stored"

    def test_it_leaves_evidence_though_it_is_taken_back(self, door, monkeypatch):
        monkeypatch.setattr(numbers, "WRONG_A_DAY", 2)
        now = timezone.now()
        guesses = [bare(n, now, safe_number=f"0{n}가00나") for n in range(1, 5)]
        door.post(*[bare(10 + n, now, undoes=n) for n in (3, 4)])  # ahead of what they take back
        body = door.post(*guesses, *[bare(10 + n, now, undoes=n) for n in (1, 2)]).json()
        assert {answer["answer"] for answer in body["answers"]} == {"undone"} and "retry" not in body
        assert set(DeadLetter.objects.values_list("seq", "reason")) == {(n, numbers.UNKNOWN) for n in (1, 2)}
        assert door.post(bare(20, now, safe_number="00가00나")).json() == {"answers": [], "retry": [20]}

    def test_it_waits_for_the_vault(self, door, monkeypatch):
        _citizen, safe = self.held()
        now = timezone.now()

        def away(*_args):
            raise VaultUnavailable

        monkeypatch.setattr(vault, "pseudonyms", away)
        body = door.post(bare(1, now, safe_number=safe.text), person().scan(2, now)).json()
        assert (body["answers"], body["retry"]) == ([{"seq": 2, "answer": "stored"}], [1])


class TestRefusal:
    def test_it_is_found_by_the_reference_on_the_screen(self, door):
        now = timezone.now()
        door.post(
            bare(1, now, method="qr", verdict="NO_PASS", admitted=False),
            bare(2, now, method="paper", verdict="PASS", admitted=False, reason="card"),
            person().scan(3, now),
        )
        shown = references.shown(references.reference(door.scanner.pk, 2))
        [refusal] = Refusal.objects.called(f" {shown.lower().replace('-', ' ')}")
        assert (refusal.venue, refusal.verdict, refusal.reason, str(refusal)) == (door.venue, "PASS", "card", shown)
        assert Refusal.objects.of(door.venue).on(timezone.localdate(now)).count() == 2

    def test_its_reference_is_another_for_every_scan_and_scanner(self):
        made = {references.reference(scanner, seq) for scanner in range(1, 300) for seq in range(1, 300)}
        assert len(made) == 299 * 299
        assert all(len(text) == 8 and set(text) <= set(references.ALPHABET) for text in made)

    def test_it_is_destroyed_after_28_days_with_what_was_taken_back_or_not_stored(self, door):
        today = timezone.localdate()
        for days in (29, 28):
            now = at(today, "23:59:00", -days)
            day_key(today - timedelta(days=days))
            door.upload(bare(days, now, method="qr", verdict="STALE", admitted=False), now=now)
            door.upload(bare(60 + days, now, undoes=90 + days), now=now)
            DeadLetter.objects.create(scanner=door.scanner, seq=200 + days, at=now, received_at=now, reason="STALE")
        retention.expire(today=today)
        assert [refusal.seq for refusal in Refusal.objects.all()] == [28]
        assert [row.seq for row in Undone.objects.all()] == [118]
        assert [letter.seq for letter in DeadLetter.objects.all()] == [228]


class TestRevokedScanner:
    def test_what_it_saw_before_is_taken_and_nothing_after(self, door):
        now = timezone.now()
        revoked = now - timedelta(minutes=5)
        type(door.scanner).objects.update(revoked_at=revoked)
        before, after = revoked - timedelta(seconds=1), revoked + timedelta(seconds=1)
        items = [person().scan(1, before), bare(2, before), person().scan(3, after), bare(4, after)]
        for _time in range(2):
            body = door.post(*items).json()
            assert body["revoked"] is True
        assert [answer.get("reason", answer["answer"]) for answer in body["answers"]] == [
            "known",
            "counted",
            *["revoked"] * 2,
        ]
        assert door.entries.count() == 1 and door.counts == {("PASS", True): 1, ("", True): 1}

    def test_it_is_turned_away_after_28_days_and_at_every_other_address(self, door):
        now = timezone.now()
        type(door.scanner).objects.update(revoked_at=now - timedelta(days=1))
        assert door.show(person().code(now)).json()["code"] == "revoked_scanner"
        assert door.client.get("/api/v1/scanners/manifest").status_code == 401
        type(door.scanner).objects.update(revoked_at=now - timedelta(days=28, minutes=1))
        assert door.post(bare(1, now - timedelta(days=2))).json()["code"] == "revoked_scanner"


def test_an_ordinary_batch_costs_no_statement_more(door, django_assert_max_num_queries):
    now = timezone.now()
    door.post(person().scan(1, now))
    mixed = [
        person().scan(2, now),
        bare(3, now, reason="other"),
        bare(4, now, method="qr", verdict="STALE", admitted=False),
    ]
    with django_assert_max_num_queries(8):  # token, held, begin, lock, meanwhile, rows, counts and all, commit
        door.post(*mixed)
