"""Every page of the portal, and who may open it."""

import pytest
from django.urls import get_resolver
from django.utils import timezone

from registry.phone import mobiles
from tests.factories import ScannerFactory, UserFactory, VenueFactory
from tests.venues.owners import an_application, an_owner
from venues import staffing
from venues.models import Staff
from venues.posters import making

pytestmark = pytest.mark.django_db

# By GET: what anonymous, a stranger with an account, door, manager and owner get. "in": to the sign-in page.
IN, OK, NONE, ON, NOT = "in", 200, 404, 302, 405
PAGES = {
    "sign-in": (OK, ON, ON, ON, ON),
    "sign-in-code": (ON, ON, ON, ON, ON),
    "sign-out": (NOT, NOT, NOT, NOT, NOT),
    "sign-up": (OK, OK, OK, OK, OK),
    "sign-up-code": (ON, ON, ON, ON, ON),
    "sign-up-account": (ON, ON, ON, ON, ON),
    "terms": (OK, OK, OK, OK, OK),
    "password": (OK, OK, OK, OK, OK),
    "password-code": (ON, ON, ON, ON, ON),
    "password-new": (ON, ON, ON, ON, ON),
    "join": (OK, OK, OK, OK, OK),
    "home": (IN, OK, OK, OK, OK),
    "account": (IN, OK, OK, OK, OK),
    "change-password": (IN, OK, OK, OK, OK),
    "phone": (IN, OK, OK, OK, OK),
    "phone-code": (IN, ON, ON, ON, ON),
    "phone-change": (IN, ON, ON, ON, ON),
    "second-factor": (IN, OK, OK, OK, OK),
    "second-factor-end": (IN, ON, ON, ON, ON),
    "apply": (IN, OK, OK, OK, OK),
    "application": (IN, NONE, NONE, NONE, OK),
    "withdraw": (IN, NONE, NONE, NONE, OK),
    "venue": (IN, NONE, OK, OK, OK),
    "now": (IN, NONE, OK, OK, OK),
    "counts": (IN, NONE, NONE, OK, OK),
    "refusals": (IN, NONE, OK, OK, OK),
    "export": (IN, NONE, NONE, 400, 400),
    "scanners": (IN, NONE, OK, OK, OK),
    "scanner": (IN, NONE, OK, OK, OK),
    "replace": (IN, NONE, NONE, OK, OK),
    "by-hand": (IN, NONE, OK, OK, OK),
    "paper": (IN, NONE, OK, OK, OK),
    "paper-enter": (IN, NONE, OK, OK, OK),
    "profile": (IN, NONE, NONE, OK, OK),
    "category": (IN, NONE, NONE, NONE, OK),
    "name": (IN, NONE, NONE, NONE, OK),
    "close": (IN, NONE, NONE, OK, OK),
    "open": (IN, NOT, NOT, NOT, NOT),
    "poster": (IN, NONE, OK, OK, OK),
    "poster-file": (IN, NONE, OK, OK, OK),
    "poster-make": (IN, NOT, NOT, NOT, NOT),
    "poster-renew": (IN, NONE, NONE, OK, OK),
    "pair": (IN, NONE, NONE, OK, OK),
    "code": (IN, NONE, NONE, OK, OK),
    "code-state": (IN, NONE, NONE, OK, OK),
    "revoke": (IN, NONE, NONE, OK, OK),
    "staff": (IN, NONE, NONE, NONE, OK),
    "invite": (IN, NONE, NONE, NONE, OK),
    "remove": (IN, NONE, NONE, NONE, OK),
    "withdraw-invitation": (IN, NOT, NOT, NOT, NOT),
}
# By POST: those that change something of an operator's and take no one else's word for it.
DEEDS = {
    "poster-make": "mo", "poster-renew": "mo",
    "withdraw": "o", "profile": "mo", "category": "o", "name": "o", "close": "mo", "open": "mo", "pair": "mo",
    "revoke": "mo", "scanner": "mo", "replace": "mo", "paper-enter": "dmo",
    "invite": "o", "remove": "o", "withdraw-invitation": "o", "application": "o",
}  # fmt: skip
WHO = ("anonymous", "stranger", "door", "manager", "owner")


@pytest.fixture
def place():
    """A venue with all there can be around it, and who may look."""
    owner = an_owner("010-0000-0011")
    venue = VenueFactory(owner=owner)
    people = {"owner": owner, "stranger": VenueFactory(owner=an_owner("010-0000-0014")).operator.people.get()}
    for role, phone in (("door", "010-0000-0012"), ("manager", "010-0000-0013")):
        people[role] = an_owner(phone)
        Staff.objects.create(operator=venue.operator, user=people[role], role=role)
    application = an_application(owner, operator=venue.operator)
    token = "x" * 22
    invitation = staffing.invite(
        venue.operator, phone=mobiles.korean_mobile("010-0000-0015"), role=Staff.Role.DOOR, by=owner, now=timezone.now()
    )
    from registry import secrets

    type(invitation).objects.filter(pk=invitation.pk).update(token_hash=secrets.token_hash(token))
    making.make(venue, by=owner, now=timezone.now())
    keys = {
        "venue_id": venue.pk, "scanner_id": ScannerFactory(venue=venue).pk, "operator_id": venue.operator_id,
        "staff_id": Staff.objects.get(user=people["door"]).pk, "application_id": application.pk,
        "invitation_id": invitation.pk, "token": token, "sheet": "poster",
    }  # fmt: skip
    return people, keys


def addresses(keys):
    """Every address under /owner/ by its name."""
    found = get_resolver()
    _app, owner = found.namespace_dict["owner"]
    for name in {name for name in owner.reverse_dict if isinstance(name, str)}:
        [(pattern, names)] = owner.reverse_dict.getlist(name)[0][0]
        yield name, "/owner/" + pattern % {key: keys[key] for key in names}


def test_it_knows_every_page_of_the_portal(place):
    assert {name for name, _address in addresses(place[1])} == set(PAGES)


@pytest.mark.parametrize("who", WHO)
def test_it_opens_pages_to_those_who_may_see_them(client, place, who):
    people, keys = place
    if who != "anonymous":
        client.force_login(people[who])
    seen = {}
    for name, address in addresses(keys):
        answer = client.get(address)
        to_sign_in = answer.status_code == 302 and answer.headers["Location"].startswith("/owner/sign-in/?next=")
        seen[name] = IN if to_sign_in else answer.status_code
    assert seen == {name: row[WHO.index(who)] for name, row in PAGES.items()}


@pytest.mark.parametrize("who", WHO[:-1])
def test_it_takes_deeds_of_nobody_else(client, place, who):
    people, keys = place
    if who != "anonymous":
        client.force_login(people[who])
    for name, address in addresses(keys):
        if name in DEEDS and who[0] not in DEEDS[name]:
            answer = client.post(address, {"reason": "x", "name": "x", "text": "x"})
            assert answer.status_code == (302 if who == "anonymous" else 404), name
            assert who != "anonymous" or answer.headers["Location"].startswith("/owner/sign-in/"), name


def test_it_shows_an_applicant_the_own_application_and_no_other(client):
    mine, other = an_application(), an_application(UserFactory())
    client.force_login(mine.applicant)
    assert client.get(f"/owner/applications/{mine.pk}/").status_code == 200
    assert client.get(f"/owner/applications/{other.pk}/").status_code == 404
