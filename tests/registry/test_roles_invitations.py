"""A clerk is invited by mail: asked for, granted by a second person, used once."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from registry import approvals, mail
from registry.clerks import invitations
from registry.models import Approval, ClerkInvitation, Event, Role, Tag, User
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db
ADD = "/admin/registry/clerkinvitation/add/"
LIST = "/admin/registry/clerkinvitation/"
NEW = {
    "last_name": "한",
    "first_name": "새봄",
    "username": "saebom",
    "password": "long-sesame-2468",
    "again": "long-sesame-2468",
}


@pytest.fixture(autouse=True)
def mail_server(settings):
    settings.EMAIL_HOST = "localhost"


@pytest.fixture
def chief():
    return make_clerk(Role.SERVICE, username="chief")


@pytest.fixture
def second():
    return make_clerk(Role.SERVICE, username="second")


def invite(chief, **changes):
    form = {"email": "new@agency.example", "roles": [Role.REGISTRAR], "region": "11680", "reason": "new desk"}
    return desk_of(chief).post(ADD, form | changes)


def grant(second):
    approval = Approval.objects.get(state=Approval.State.ASKED)
    answer = desk_of(second).post(reverse("admin:registry_approval_grant", args=[approval.pk]), {"words": ""})
    assert answer.status_code == 302, answer.context["form"].errors


@pytest.fixture
def link(chief, second, mailoutbox):
    assert invite(chief).status_code == 302
    grant(second)
    mail.sweep(timezone.now())
    return re.search(r"https?://[^/]+(/admin/join/\S+)", mailoutbox[0].body).group(1)


def test_it_sends_nothing_before_a_second_person_has_granted_it(chief, second, mailoutbox):
    invite(chief)
    mail.sweep(timezone.now())
    assert mailoutbox == []
    grant(second)
    assert mail.sweep(timezone.now()) == 1 and mail.sweep(timezone.now()) == 0
    [sent] = mailoutbox
    assert sent.to == ["new@agency.example"] and "등록" in sent.body and "Registrar" in sent.body
    shown = desk_of(chief).get(LIST).content.decode()
    assert "new@agency.example" in shown


def test_it_says_that_the_second_person_has_refused_it(chief, second):
    invite(chief)
    refuse = reverse("admin:registry_approval_refuse", args=[Approval.objects.get().pk])
    assert desk_of(second).post(refuse, {"words": "nobody knows them"}).status_code == 302
    assert "거절됨" in desk_of(chief).get(LIST).content.decode()


def test_it_makes_the_account_with_its_roles_and_leads_to_the_second_factor(link, client):
    assert client.get(link).status_code == 200
    answer = client.post(link, NEW)
    assert answer["Location"] == "/admin/enrol/", answer.context["form"].errors
    user = User.objects.get(username="saebom")
    assert (user.roles, user.region, user.is_staff) == ({Role.REGISTRAR}, "11680", True)
    assert client.get("/admin/").status_code == 302  # not before the second factor
    client.get("/admin/enrol/")
    client.post("/admin/enrol/", {"code": f"{totp(TOTPDevice.objects.get(user=user).bin_key):06d}"})
    assert client.get("/admin/registry/citizen/").status_code == 200
    assert Event.objects.get(tag=Tag.CLERK_JOINED).actor == user
    assert client.get(link).status_code == 410 and client.post(link, NEW | {"username": "twice"}).status_code == 410


def test_it_keeps_no_link_that_could_be_used(link):
    kept = ClerkInvitation.objects.get()
    token = link.rstrip("/").rpartition("/")[2]
    assert token.encode() not in bytes(kept.token_hash)
    assert mail.Mail.objects.get().text == ""  # erased once it was sent


def test_it_ends_a_link_after_three_days_and_when_it_is_taken_back(chief, link, client):
    token = link.rstrip("/").rpartition("/")[2]
    with pytest.raises(invitations.InvitationOver):
        invitations.find(token, timezone.now() + timedelta(days=3, seconds=1))
    kept = ClerkInvitation.objects.get()
    withdraw = reverse("admin:registry_clerkinvitation_withdraw", args=[kept.pk])
    assert desk_of(chief).post(withdraw, {"reason": "slip"}).status_code == 302
    assert client.get(link).status_code == 410
    assert Event.objects.get(tag=Tag.CLERK_INVITATION_WITHDRAWN).reason == "slip"


def test_it_asks_nobody_any_more_for_what_was_taken_back_before_it_was_granted(chief, second):
    invite(chief)
    assert approvals.waiting_for(second, timezone.now()).exists()
    invitations.withdraw(ClerkInvitation.objects.get(), by=second, reason="slip", now=timezone.now())
    approval = Approval.objects.get()
    assert approval.state == Approval.State.WITHDRAWN and not approvals.waiting_for(second, timezone.now()).exists()
    assert Event.objects.get(tag=Tag.APPROVAL_WITHDRAWN).actor == second
    with pytest.raises(approvals.NoLongerOpen):
        approvals.grant(approval, by=second, now=timezone.now())
    assert not mail.Mail.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("username", "CHIEF"), ("again", "other"), ("password", "12345678"), ("last_name", ""), ("username", "a b")],
)
def test_it_says_what_is_wrong_and_makes_no_account(link, client, field, value):
    sent = NEW | {field: value} | ({"again": value} if field == "password" else {})
    assert field in client.post(link, sent).context["form"].errors
    assert not User.objects.filter(username="saebom").exists()


def test_it_says_that_there_is_no_mail_server(chief, settings):
    settings.EMAIL_HOST = ""
    answer = invite(chief)
    assert answer.status_code == 200 and not ClerkInvitation.objects.exists()
    form = answer.context["adminform"].form
    assert form.non_field_errors() == [str(mail.NoMail())] and form["email"].value() == "new@agency.example"
