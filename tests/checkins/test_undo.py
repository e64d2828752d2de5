"""Taking back a scan: its row and its count go, once, in whatever order and however often things arrive."""

import itertools
from datetime import timedelta

import pytest
from django.utils import timezone

from checkins.models import HourCount, Refusal, Undone
from tests.checkins.conftest import person

pytestmark = pytest.mark.django_db
CODE = ("strip", "t", "proof", "safe_number")


def undo(scan, seq):
    """As a scanner sends it: the members of the scan without its code, under a number of its own."""
    return {name: value for name, value in scan.items() if name not in CODE} | {"seq": seq, "undoes": scan["seq"]}


def refused(seq, now):
    at = int(now.timestamp() * 1000)
    return {"seq": seq, "at": at, "verdict": "NO_PASS", "method": "qr", "direction": "in", "admitted": False}


def received(door):
    door.scanner.refresh_from_db()
    return [(part.lower, part.upper) for part in door.scanner.received]


def test_it_takes_back_row_and_count_once_in_whatever_order(door):
    now, other = timezone.now(), person()
    door.post(other.scan(1, now))
    for first, parts in enumerate(itertools.permutations(range(3))):
        scan = person().scan(10 * first + 2, now - timedelta(seconds=first))
        items = [scan, undo(scan, 10 * first + 3), undo(scan, 10 * first + 4)]
        for part in (*parts, *parts):
            assert door.post(items[part]).status_code == 200
        answers = {answer["answer"] for answer in door.post(*items).json()["answers"]}
        assert answers == {"undone"}
    assert [bytes(entry.subject) in other.strip for entry in door.entries] == [True]
    assert door.counts == {("PASS", True): 1}
    assert Undone.objects.count() == 6
    assert Undone.objects.filter(taken=True).count() == 2  # where the scan came first


def test_it_takes_back_in_one_batch_and_voids_a_number_that_was_never_sent(door):
    now = timezone.now()
    scan = person().scan(1, now)
    void = undo(person().scan(3, now), 3)
    answers = door.post(scan, undo(scan, 2), void).json()["answers"]
    assert [answer["answer"] for answer in answers] == ["undone"] * 3
    assert (list(door.entries), door.counts, received(door)) == ([], {}, [(1, 4)])
    assert [(row.seq, row.by_seq, row.taken) for row in Undone.objects.order_by("seq")] == [
        (1, 2, False),
        (3, 3, False),
    ]


def test_it_takes_back_a_refusal_a_group_and_one_by_hand_and_nothing_twice(door):
    now = timezone.now()
    at = {"at": int(now.timestamp() * 1000), "direction": "in", "admitted": True}
    group = at | {"seq": 2, "method": "group", "people": 24}
    hand = at | {"seq": 3, "method": "hand", "reason": "no_phone"}
    kept = [refused(11, now), group | {"seq": 12, "people": 3}, hand | {"seq": 13}]
    gone = [refused(1, now), group, hand]
    door.post(*gone, *kept)
    assert door.counts == {("NO_PASS", False): 2, ("", True): 29}
    undos = [undo(scan, 20 + scan["seq"]) for scan in gone]
    for again in (undos, undos, [undo(scan, 40 + scan["seq"]) for scan in gone]):
        door.post(*again)
    assert door.counts == {("NO_PASS", False): 1, ("", True): 4}
    assert [row.seq for row in Refusal.objects.all()] == [11]
    assert Undone.objects.get(seq=2).people == 24


def test_it_lowers_no_count_for_what_was_refused_known_or_an_undoing_itself_and_never_below_zero(door):
    now, guest = timezone.now(), person()
    first, twice = guest.scan(1, now), guest.scan(2, now, at=int(now.timestamp() * 1000) + 1)
    forged = person().scan(3, now, proof="A" * 86)
    door.post(first, twice, forged)
    door.post(undo(twice, 4), undo(forged, 5))
    door.post(undo(refused(1, now), 6))  # not what it was
    assert door.counts == {("PASS", True): 1} and door.entries.count() == 1
    hand = {"seq": 7, "at": first["at"], "method": "hand", "direction": "in", "admitted": True}
    door.post(hand)
    HourCount.objects.filter(method="hand").update(count=0)
    door.post(undo(hand, 8))
    door.post(undo(hand | {"seq": 8}, 9))
    assert not HourCount.objects.filter(method="hand").exists()
    assert list(Undone.objects.filter(taken=True).values_list("seq", flat=True)) == [7]


def test_it_takes_back_nothing_of_another_scanner(door):
    from tests.checkins.conftest import Door

    now, scan = timezone.now(), person().scan(1, timezone.now())
    door.post(scan)
    neighbour = Door()
    neighbour.venue = door.venue
    type(neighbour.scanner).objects.filter(pk=neighbour.scanner.pk).update(venue=door.venue)
    neighbour.post(refused(1, now))
    neighbour.post(undo(scan, 2))
    assert door.entries.count() == 1 and door.counts[("PASS", True)] == 1
