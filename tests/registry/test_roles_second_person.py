"""What gives a clerk power needs a second person: roles, an account opened again, a new password."""

import re

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from registry import approvals, mail
from registry.clerks import ways_in
from registry.models import Approval, Event, Mail, Role, Tag, User
from tests.registry.clerks import PASSWORD, desk_of, make_clerk, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief():
    return make_clerk(Role.SERVICE, username="chief")


@pytest.fixture
def second():
    return make_clerk(Role.SERVICE, username="second")


@pytest.fixture
def other():
    other = make_clerk(Role.AUDITOR, username="other")
    User.objects.filter(pk=other.pk).update(email="other@agency.example")
    return other


def page(user, deed):
    return reverse(f"admin:registry_user_{deed}", args=[user.pk])


def grant(user):
    """The second person grants what is open, at the desk."""
    approval = Approval.objects.get(state=Approval.State.ASKED)
    return desk_of(user).post(reverse("admin:registry_approval_grant", args=[approval.pk]), {"words": ""})


def ask_for_roles(chief, other, *roles, region=""):
    data = {"roles": [*roles], "region": region, "reason": "new desk"}
    return desk_of(chief).post(page(other, "change_roles"), data)


def test_it_changes_roles_when_a_second_person_grants_it(chief, second, other):
    assert ask_for_roles(chief, other, Role.REGISTRAR, region="11").status_code == 302
    other.refresh_from_db()
    assert (other.roles, other.region) == ({Role.AUDITOR}, "")
    assert grant(chief).status_code == 403
    assert grant(second).status_code == 302
    changed = User.objects.get(pk=other.pk)
    assert (changed.roles, changed.region) == ({Role.REGISTRAR}, "11")
    event = Event.objects.get(tag=Tag.ROLES_CHANGED)
    assert (event.actor, event.reason, event.detail["asked_by"]) == (second, "new desk", "chief")
    assert (event.detail["before"], event.detail["after"]) == (["auditor"], ["registrar"])


def test_it_lets_nobody_grant_their_own_roles(chief, second):
    ask_for_roles(chief, second, Role.SERVICE, Role.REGISTRAR)
    refused = grant(second)
    assert refused.context["form"].non_field_errors()
    assert User.objects.get(pk=second.pk).roles == {Role.SERVICE}
    assert Approval.objects.get().state == Approval.State.ASKED


def test_it_says_that_nothing_would_change_and_that_a_region_is_none(chief, other):
    client = desk_of(chief)
    same = client.post(page(other, "change_roles"), {"roles": [Role.AUDITOR], "region": "", "reason": "x"})
    assert same.context["form"].non_field_errors()
    wrong = client.post(page(other, "change_roles"), {"roles": [], "region": "1168", "reason": "x"})
    assert "region" in wrong.context["form"].errors
    assert not Approval.objects.exists()


def test_it_mails_a_link_for_a_new_password_and_nobody_else_learns_it(
    chief, second, other, client, settings, mailoutbox
):
    settings.EMAIL_HOST = "localhost"
    assert desk_of(chief).post(page(other, "send_password_link"), {"reason": "forgotten"}).status_code == 302
    assert not Mail.objects.exists()
    grant(second)
    mail.sweep(timezone.now())
    [sent] = mailoutbox
    assert sent.to == ["other@agency.example"]
    link = re.search(r"https?://[^/]+(/admin/new-password/\S+)", sent.body).group(1)
    form = client.get(link, follow=True)
    new = {"password": "another-sesame-2468", "again": "another-sesame-2468"}
    assert "again" in client.post(form.request["PATH_INFO"], new | {"again": "x"}).context["form"].errors
    assert client.post(form.request["PATH_INFO"], new)["Location"] == "/admin/login/"
    other.refresh_from_db()
    assert other.check_password(new["password"])
    assert client.get(link, follow=True).status_code == 410  # good once
    assert Event.objects.filter(tag=Tag.PASSWORD_LINK_SENT, target=f"user:{other.pk}").exists()
    assert new["password"] not in str(list(Event.objects.values()))


def test_it_changes_a_mail_address_when_a_second_person_grants_it_and_tells_the_former(
    chief, second, other, settings, mailoutbox
):
    settings.EMAIL_HOST = "localhost"
    asked = desk_of(chief).post(page(other, "change_address"), {"email": "new@agency.example", "reason": "moved"})
    assert asked.status_code == 302
    approval = Approval.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT confidential, values::text FROM registry_approval")
        assert "new@agency" not in str([bytes(one) if one != "{}" else "" for one in cursor.fetchone()])
    assert approval.confidential == "new@agency.example"
    shown = desk_of(second).get(reverse("admin:registry_approval_change", args=[approval.pk])).content.decode()
    assert "other@agency.example" in shown and "new@agency.example" in shown
    other.refresh_from_db()
    assert other.email == "other@agency.example"
    assert grant(second).status_code == 302
    other.refresh_from_db()
    approval.refresh_from_db()
    assert other.email == "new@agency.example" and approval.confidential is None
    mail.sweep(timezone.now())
    assert [sent.to for sent in mailoutbox] == [["other@agency.example"]]
    event = Event.objects.get(tag=Tag.ADDRESS_CHANGED)
    assert (event.actor, event.detail) == (second, {"asked_by": "chief"})


def test_it_leads_to_an_address_first_where_an_account_has_none(chief, second, other, settings):
    settings.EMAIL_HOST = "localhost"
    User.objects.filter(pk=other.pk).update(email="")
    asked = desk_of(chief).get(page(other, "send_password_link"), follow=True)
    assert asked.redirect_chain == [(page(other, "change_address"), 302)]
    text = asked.content.decode()
    assert str(ways_in.NoAddress()) in text and "other" in text and "(–)" not in text
    desk_of(chief).post(page(other, "change_address"), {"email": "first@agency.example", "reason": "none yet"})
    grant(second)
    assert "first@agency.example" in desk_of(chief).get(page(other, "send_password_link")).content.decode()


def test_it_says_that_no_link_can_be_mailed_before_a_reason_is_typed(chief, other, settings):
    settings.EMAIL_HOST = ""
    asked = desk_of(chief).get(page(other, "send_password_link"), follow=True)
    assert asked.redirect_chain == [(page(other, "change"), 302)]
    assert str(mail.NoMail()) in asked.content.decode()


def test_it_says_what_is_wrong_with_a_new_address(chief, other):
    for email in ("", "none", "other@agency.example"):
        answer = desk_of(chief).post(page(other, "change_address"), {"email": email, "reason": "x"})
        assert answer.context["form"].errors
    assert not Approval.objects.exists()


@pytest.mark.parametrize("deed", ["send_password_link", "reset_second_factor"])
def test_the_second_person_reads_when_and_by_whom_the_ways_in_were_changed(chief, second, other, settings, deed):
    settings.EMAIL_HOST = "localhost"
    desk_of(chief).post(page(other, "change_address"), {"email": "new@agency.example", "reason": "moved"})
    grant(second)
    desk_of(chief).post(page(other, deed), {"reason": "lost"})
    approval = Approval.objects.get(state=Approval.State.ASKED)
    third = make_clerk(Role.SERVICE, username="third")
    shown = desk_of(third).get(reverse("admin:registry_approval_change", args=[approval.pk])).content.decode()
    at = timezone.localtime(Event.objects.get(tag=Tag.ADDRESS_CHANGED).at)
    assert f"{at:%Y-%m-%d %H:%M} (chief + second)" in shown


def test_it_closes_an_account_at_once_and_ends_its_sessions(chief, second, other):
    theirs = sign_in(other)
    assert desk_of(chief).post(page(other, "close_account"), {"reason": "left"}).status_code == 302
    assert theirs.get("/admin/").status_code == 302
    assert desk_of(chief).post(page(other, "open_account"), {"reason": "is back"}).status_code == 302
    assert not User.objects.get(pk=other.pk).is_active
    grant(second)
    assert User.objects.get(pk=other.pk).is_active
    assert theirs.get("/admin/").status_code == 302  # no session comes back to life
    assert [
        *Event.objects.filter(tag__in=[Tag.CLERK_LEFT, Tag.CLERK_BACK]).order_by("pk").values_list("reason", flat=True)
    ] == [
        "left",
        "is back",
    ]


def test_it_lifts_a_lock_and_says_so(chief, other, client):
    for _try in range(10):
        client.post("/admin/login/", {"username": "other", "password": "wrong", "code": ""})
    desk = desk_of(chief)
    assert [user.username for user in desk.get("/admin/registry/user/?state=locked").context["cl"].result_list] == [
        "other"
    ]
    assert desk.post(page(other, "unlock")).status_code == 302
    assert Event.objects.get(tag=Tag.LOCK_LIFTED).target == f"user:{other.pk}"
    sign_in(other)
    assert Event.objects.filter(tag=Tag.SIGN_IN_REFUSED, target=f"user:{other.pk}", actor=None).count() == 10


def test_it_has_no_page_left_on_which_one_clerk_gives_roles_or_passwords(chief, other):
    """The service role once amounted to all roles."""
    desk = desk_of(chief)
    form = {"username": "other", "groups": ["1"], "roles": [Role.SERVICE], "is_superuser": "on", "is_active": "on"}
    form |= {"region": "11", "password": "x", "last_name": "김", "first_name": "", "email": "a@agency.example"}
    assert desk.post(reverse("admin:registry_user_change", args=[other.pk]), form).status_code == 302
    changed = User.objects.get(pk=other.pk)
    assert (changed.last_name, changed.roles, changed.region, changed.is_superuser) == ("김", {Role.AUDITOR}, "", False)
    assert changed.email == "other@agency.example"
    assert changed.check_password(PASSWORD)
    assert desk.get("/admin/registry/user/add/").status_code == 403
    assert desk.get(f"/admin/registry/user/{other.pk}/password/").status_code in (302, 404)
    assert Event.objects.get(tag=Tag.CLERK_CHANGED).detail == {"fields": ["last_name"]}


def test_it_needs_a_role_to_be_the_second_person(chief, other):
    ask_for_roles(chief, other, Role.REGISTRAR)
    stranger = make_clerk(Role.REGISTRAR, username="stranger")
    assert grant(stranger).status_code in (403, 404)
    with pytest.raises(approvals.NotYours):
        approvals.grant(Approval.objects.get(), by=stranger, now=timezone.now())
