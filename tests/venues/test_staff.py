"""Staff: invited by a link, with a role, until removed."""

import re
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from registry.models import Event, Message, Tag, User
from registry.phone import mobiles
from registry.sms import texts
from tests.factories import UserFactory, VenueFactory
from tests.registry.crowds import at_once
from tests.venues.owners import an_owner
from venues import staffing
from venues.models import Account, Invitation, Staff

pytestmark = pytest.mark.django_db
ACCOUNT = {"name": "이직원", "username": "door-lee", "password": "a-long-enough-one", "terms": "on"}


@pytest.fixture
def venue():
    return VenueFactory(owner=an_owner())


@pytest.fixture
def owner(client, venue):
    client.force_login(venue.operator.people.get())
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def at(name, venue, *more):
    return reverse(f"owner:{name}", args=[venue.operator_id, *more])


def link() -> str:
    """Of the newest invitation, as the SMS has it."""
    text = Message.objects.filter(purpose="notice").order_by("-created_at").first().text
    return re.search(r"https?://[^/]+(/owner/join/\S+)", text).group(1)


def invite(owner, venue, role="door", phone="010-0000-0061"):
    assert owner.post(at("invite", venue), {"phone": phone, "role": role}).status_code == 302
    return link()


def test_it_makes_staff_of_who_opens_the_link_and_only_once(owner, venue):
    address = invite(owner, venue)
    token = address.split("/")[3]
    assert token not in str(Invitation.objects.values().get()) and len(token) == 22
    guest = Client()
    assert guest.get(address).status_code == 200 and guest.get(address).status_code == 200
    assert guest.post(address, ACCOUNT).headers["Location"] == "/owner/"
    staff = Staff.objects.get(user__username="door-lee")
    assert (staff.operator, staff.role) == (venue.operator, Staff.Role.DOOR)
    assert Account.objects.get(user=staff.user).masked_phone == "010-****-0061"
    assert venue.name in guest.get("/owner/").content.decode()
    assert Client().get(address).status_code == 410 and Client().post(address, ACCOUNT).status_code == 410
    tags = [Tag.STAFF_INVITED, Tag.OWNER_SIGNED_UP, Tag.STAFF_JOINED]
    assert list(Event.objects.filter(tag__in=tags).order_by("pk").values_list("tag", flat=True)) == tags


def test_it_lets_who_has_an_account_join_with_it(owner, venue):
    address = invite(owner, venue, "manager")
    other = an_owner("010-0000-0061")
    guest = Client()
    page = guest.get(address).content.decode()
    assert f"/owner/sign-in/?next={address}" in page
    assert guest.post(address, ACCOUNT).status_code == 200 and not User.objects.filter(username="door-lee").exists()
    guest.force_login(other)
    assert "/owner/join/" not in guest.get("/owner/").content.decode()
    guest.post(address)
    assert Staff.objects.get(user=other).role == Staff.Role.MANAGER


def test_it_does_not_burn_a_link_on_somebody_who_works_there_already(owner, venue):
    address = invite(owner, venue)
    assert "work for this operator already" in owner.post(address, follow=True).content.decode()
    assert Client().get(address).status_code == 200


def test_it_ends_links_after_seven_days_and_when_withdrawn(owner, venue):
    old, withdrawn = invite(owner, venue), invite(owner, venue, phone="010-0000-0062")
    first, second = Invitation.objects.order_by("pk")
    Invitation.objects.filter(pk=first.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    owner.post(at("withdraw-invitation", venue, second.pk))
    assert Client().get(old).status_code == Client().get(withdrawn).status_code == 410
    assert Client().get("/owner/join/no-such-token/").status_code == 410
    assert Event.objects.filter(tag=Tag.INVITATION_WITHDRAWN).count() == 1
    assert timedelta(days=7) == second.expires_at - second.created_at


def test_it_removes_staff_at_once_but_never_the_only_owner(owner, venue):
    door = an_owner("010-0000-0063", username="door-park")
    staff = Staff.objects.create(operator=venue.operator, user=door, role=Staff.Role.DOOR)
    theirs = Client()
    theirs.force_login(door)
    page = reverse("owner:venue", args=[venue.pk])
    assert theirs.get(page).status_code == 200
    assert "Give the reason" in owner.post(at("remove", venue, staff.pk), {"reason": ""}).content.decode()
    owner.post(at("remove", venue, staff.pk), {"reason": "퇴사"})
    assert theirs.get(page).status_code == 404
    assert Event.objects.get(tag=Tag.STAFF_REMOVED).reason == "퇴사"
    me = Staff.objects.get(operator=venue.operator)
    answer = owner.post(at("remove", venue, me.pk), {"reason": "x"})
    assert "only owner" in answer.content.decode() and Staff.objects.filter(pk=me.pk).exists()


def test_it_says_what_is_wrong_with_an_invitation(owner, venue, monkeypatch):
    page = owner.post(at("invite", venue), {"phone": "02-123-4567", "role": "owner"}).content.decode()
    assert "begins with 010" in page and "Select a valid choice" in page and 'value="02-123-4567"' in page
    monkeypatch.setattr(staffing, "AT_ONCE", 1)
    invite(owner, venue)
    assert owner.post(at("invite", venue), {"phone": "010-0000-0064", "role": "door"}).status_code == 429
    assert Message.objects.filter(purpose="notice").count() == 1


def test_it_invites_nobody_who_works_there_and_one_link_to_a_number_holds(owner, venue):
    own = Account.objects.get(user__in=venue.operator.people.all()).phone
    answer = owner.post(at("invite", venue), {"phone": own.replace("+82", "0"), "role": "door"})
    assert "works here already" in answer.content.decode() and not Message.objects.filter(purpose="notice").exists()
    earlier, later = invite(owner, venue), invite(owner, venue, "manager")
    assert Client().get(earlier).status_code == 410 and Client().get(later).status_code == 200
    assert owner.get(at("staff", venue)).content.decode().count("010-****-0061") == 2, "to look at, and on its button"
    assert Event.objects.filter(tag=Tag.INVITATION_WITHDRAWN).count() == 1


def test_it_pesters_no_number_with_invitations(owner, venue):
    for _n in range(staffing.TO_ONE_A_DAY):
        invite(owner, venue)
        owner.post(at("withdraw-invitation", venue, Invitation.objects.latest("pk").pk))
    answer = owner.post(at("invite", venue), {"phone": "010-0000-0061", "role": "door"})
    assert answer.status_code == 429 and "tomorrow" in answer.content.decode()
    invite(owner, venue, phone="010-0000-0062")


@pytest.mark.django_db(transaction=True)
def test_it_gives_a_link_to_one_of_several_at_the_same_moment():
    venue = VenueFactory()
    phone = mobiles.korean_mobile("010-0000-0065")
    now = timezone.now()
    invitation = staffing.invite(
        venue.operator, phone=phone, role=Staff.Role.DOOR, by=venue.operator.people.get(), now=now
    )

    users = [UserFactory() for _n in range(4)]

    def join(n):
        try:
            staffing.join(invitation, user=users[n], now=now)
        except staffing.InvitationOver:
            return 0
        return 1

    assert sum(at_once(join, 4)) == 1
    assert venue.operator.staff.count() == 2


def test_it_says_in_the_message_who_invites(owner, venue):
    invite(owner, venue)
    assert Message.objects.get(purpose="notice").text.startswith(f"[문지기] {venue.name} 직원 초대")
    VenueFactory(operator=venue.operator, owner=UserFactory())
    invite(owner, venue, phone="010-0000-0062")
    assert Message.objects.latest("created_at").text.startswith(f"[문지기] {venue.operator.name} 직원 초대")


@pytest.mark.parametrize(
    ("who", "says"),
    [
        ("카페", "[문지기] 카페 직원 초대/Invite"),
        ("문지기\n새봄  카페 종로 본점", "[문지기] 문지기 새… 직원 초대"),
        ("똠방각하 펲시 가게", "[문지기] 똠방… 직원 초대"),
        ("카페 No.1 2호점", "[문지기] 카페 No.1… 직원 초대"),
        ("환급 evil.example", "[문지기] 직원 초대/Invite"),
        ("환급 evil．kr", "[문지기] 직원 초대/Invite"),
        ("환급.한국", "[문지기] 직원 초대/Invite"),
        ("bit.ly/x", "[문지기] 직원 초대/Invite"),
        ("상담 010-0000-0001", "[문지기] 직원 초대/Invite"),
    ],
)
def test_it_cuts_the_name_of_who_invites_to_what_one_sms_holds(who, says):
    text = texts.staff_invitation(f"https://munjigi.example/owner/join/{'x' * 22}/", who)
    assert text.split("\n")[0] == says
    assert texts.size(text) <= texts.LONGEST
