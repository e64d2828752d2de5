"""What a reference leads to: a clerk's read-only desk, and the page of the day for those who work at the door."""

import pytest
from django.test import Client
from django.utils import timezone

from checkins import references
from checkins.models import Refusal
from registry.models import Role
from tests.checkins.conftest import Door
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db
PAGE = "/admin/checkins/refusal/"


def turn_away(door: Door, seq: int, verdict: str = "NO_PASS", **members: object) -> str:
    """Somebody is turned away: the reference that stood on the screen."""
    at = int(timezone.now().timestamp() * 1000) - seq
    scan = {"seq": seq, "at": at, "verdict": verdict, "method": "qr", "direction": "in", "admitted": False}
    door.post(scan | members)
    return references.shown(references.reference(door.scanner.pk, seq))


def test_a_clerk_finds_why_by_the_reference_and_changes_nothing(door, django_assert_max_num_queries):
    shown = turn_away(door, 1, "PASS", method="paper", reason="card")
    turn_away(door, 2)
    desk = desk_of(make_clerk(Role.REGISTRAR))
    desk.get(PAGE)
    with django_assert_max_num_queries(14):
        found = desk.get(PAGE, {"q": f"  {shown.lower().replace('-', ' ')} "})
    assert [str(row) for row in found.context["cl"].result_list] == [shown]
    [refusal] = Refusal.objects.called(shown)
    address = f"{PAGE}{refusal.pk}/change/"
    page = desk.get(address)
    assert page.status_code == 200 and b'input type="submit"' not in page.content
    assert "신분증" in page.content.decode()
    assert desk.post(address, {"verdict": "PASS"}).status_code == 403
    assert desk.post(f"{PAGE}{refusal.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    ("role", "region", "status", "found"),
    [
        (Role.VENUE_OFFICER, "", 200, 1),
        (Role.AUDITOR, "", 200, 1),
        (Role.REGISTRAR, "26", 200, 0),
        (Role.POLICY_MAKER, "", 403, 0),
        (Role.SERVICE, "", 403, 0),
    ],
)
def test_it_is_for_those_who_are_asked_why_and_in_their_region(door, role, region, status, found):
    turn_away(door, 1)
    answer = desk_of(make_clerk(role, region=region)).get(PAGE)
    assert answer.status_code == status
    assert len(answer.context["cl"].result_list if status == 200 else []) == found


def test_a_clerk_sees_what_was_taken_back(door):
    turn_away(door, 1)
    at = int(timezone.now().timestamp() * 1000) - 1
    scan = {"seq": 2, "undoes": 1, "at": at, "verdict": "NO_PASS", "method": "qr", "direction": "in"}
    door.post(scan | {"admitted": False})
    page = desk_of(make_clerk(Role.AUDITOR)).get("/admin/checkins/undone/")
    assert [row.taken for row in page.context["cl"].result_list] == [True]


def test_the_door_sees_todays_references_by_why_and_nobodys_name(door, django_assert_max_num_queries):
    shown = [turn_away(door, seq) for seq in (1, 2)] + [turn_away(door, 3, "STALE")]
    turn_away(Door(), 4)
    by_hand = {"seq": 9, "at": int(timezone.now().timestamp() * 1000), "method": "hand", "direction": "in"}
    door.post(by_hand | {"admitted": True, "reason": "no_phone"})
    client = Client()
    client.force_login(door.venue.operator.people.first(), backend="django.contrib.auth.backends.ModelBackend")
    with django_assert_max_num_queries(9):
        page = client.get(f"/owner/venues/{door.venue.pk}/refusals/")
    groups = [{str(refusal) for refusal in found} for _words, found in page.context["groups"]]
    assert groups == [set(shown[:2]), set(shown[2:])]
    assert page.context["by_hand"][0][1] == 1
