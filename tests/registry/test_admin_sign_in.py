"""Nobody without a second factor gets past the sign-in."""

import re
from itertools import chain

import pytest
from django.contrib import admin
from django.urls import NoReverseMatch, reverse
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from registry.clerks import second_factor
from registry.models import Event, Role, Tag, User
from tests.registry.clerks import PASSWORD, code_of, make_clerk, sign_in

pytestmark = pytest.mark.django_db


def pages() -> list[str]:
    """The address of every kind of page of the site."""
    found = [reverse(f"admin:{name}") for name in ("index", "jsi18n", "autocomplete", "search", "password_change")]
    found += [reverse("admin:checkins_entry_changelist"), reverse("admin:registry_citizen_search")]
    for model, desk in admin.site._registry.items():
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        found += [reverse(base + "_changelist"), reverse(base + "_add"), reverse(base + "_change", args=["1"])]
        found += [reverse(base + "_history", args=["1"]), reverse(base + "_delete", args=["1"])]
        deeds = [each["items"] if isinstance(each, dict) else [each] for each in desk.actions_detail]
        for action in chain.from_iterable(deeds):
            try:
                found.append(reverse(f"{base}_{action}", args=["1"]))
            except NoReverseMatch:
                pytest.fail(action)
    return found


def bare(**kwargs) -> User:
    return User.objects.create_user("clerk", password=PASSWORD, is_staff=True, is_superuser=True, **kwargs)


def test_it_lets_nobody_in_without_a_second_factor(client):
    user = bare()
    client.force_login(user)
    for page in pages():
        for method in (client.get, client.post):
            answer = method(page)
            assert answer.status_code == 302, page
            assert answer["Location"].startswith("/admin/login/"), page


def test_it_leads_a_clerk_without_a_second_factor_to_enrolment_and_nowhere_else(client):
    user = bare()
    answer = client.post("/admin/login/", {"username": "clerk", "password": PASSWORD, "code": ""})
    assert answer["Location"].startswith("/admin/enrol/")
    assert "_auth_user_id" not in client.session
    assert client.get("/admin/").status_code == 302
    page = client.get("/admin/enrol/")
    assert "Cache-Control" in page and "no-store" in page["Cache-Control"]
    assert client.get("/admin/enrol/qr.svg")["Content-Type"] == "image/svg+xml"
    device = TOTPDevice.objects.get(user=user)
    assert second_factor.secret(device) in page.content.decode()
    wrong = client.post("/admin/enrol/", {"code": "000000"})
    assert wrong.context["form"].errors
    TOTPDevice.objects.update(throttling_failure_timestamp=None, throttling_failure_count=0)
    done = client.post("/admin/enrol/", {"code": f"{totp(device.bin_key):06d}"})
    codes = re.findall(r"<code>(\w{4}-\w{4})</code>", done.content.decode())
    assert len(codes) == 10
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/enrol/").status_code == 302
    tags = list(Event.objects.values_list("tag", flat=True))
    assert tags.count(Tag.SIGNED_IN) == 1 and Tag.SECOND_FACTOR_SET in tags


def test_it_shows_no_enrolment_to_who_did_not_give_the_password(client):
    assert client.get("/admin/enrol/")["Location"] == "/admin/login/"
    assert client.post("/admin/enrol/", {"code": "1"})["Location"] == "/admin/login/"
    assert client.get("/admin/enrol/qr.svg").status_code == 404


def test_it_signs_in_with_password_and_code_and_keeps_the_evidence():
    user = make_clerk(Role.AUDITOR)
    client = sign_in(user)
    assert client.get("/admin/").status_code == 200
    event = Event.objects.get(tag=Tag.SIGNED_IN)
    assert (event.actor, event.address) == (user, "127.0.0.1")


def test_it_asks_for_the_code_and_refuses_a_wrong_or_used_one(client):
    user = make_clerk()
    data = {"username": user.username, "password": PASSWORD}
    assert "code" in client.post("/admin/login/", data).context["form"].errors
    code = code_of(user)
    assert client.post("/admin/login/", data | {"code": code}).status_code == 302
    client.logout()
    assert "code" in client.post("/admin/login/", data | {"code": code}).context["form"].errors


def test_it_takes_a_backup_code_once(client):
    user = make_clerk()
    device = StaticDevice.objects.create(user=user, name="backup codes")
    StaticToken.objects.create(device=device, token="abcd2345")
    data = {"username": user.username, "password": PASSWORD, "code": "ABCD-2345"}
    assert client.post("/admin/login/", data).status_code == 302
    assert client.get("/admin/").status_code == 200
    client.logout()
    assert "code" in client.post("/admin/login/", data).context["form"].errors


def test_it_pauses_after_wrong_codes_and_says_for_how_long(client):
    user = make_clerk()
    data = {"username": user.username, "password": PASSWORD, "code": "000000"}
    for _try in range(3):
        answer = client.post("/admin/login/", data)
    assert re.search(r"\d", str(answer.context["form"].errors["code"]))
    TOTPDevice.objects.update(throttling_failure_count=4)
    answer = client.post("/admin/login/", data | {"code": code_of(user)})
    assert "code" in answer.context["form"].errors


def test_it_locks_a_user_name_after_ten_wrong_passwords_and_says_so(client):
    user = make_clerk()
    for _try in range(10):
        answer = client.post("/admin/login/", {"username": user.username, "password": "wrong", "code": ""})
    assert answer.status_code == 429
    assert "15" in str(answer.context["form"].non_field_errors())
    right = {"username": user.username, "password": PASSWORD, "code": code_of(user)}
    assert client.post("/admin/login/", right).status_code == 429
    other = make_clerk(username="other")
    sign_in(other)  # from the same address: an office shares one


def test_it_refuses_an_owner_and_a_closed_account(client):
    for username, fields in (("owner", {"is_staff": False}), ("gone", {"is_staff": True, "is_active": False})):
        User.objects.create_user(username, password=PASSWORD, **fields)
        answer = client.post("/admin/login/", {"username": username, "password": PASSWORD, "code": ""})
        assert answer.status_code == 200 and answer.context["form"].non_field_errors()


def test_it_sends_to_no_foreign_address(client):
    user = make_clerk()
    data = {"username": user.username, "password": PASSWORD, "code": code_of(user), "next": "https://evil.example/"}
    assert client.post("/admin/login/", data)["Location"] == "/admin/"


def test_it_relaxes_the_content_policy_for_the_admin_alone(client):
    user = make_clerk(Role.AUDITOR)
    policy = sign_in(user, client).get("/admin/")["Content-Security-Policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "'unsafe-eval'" in scripts and "'unsafe-inline'" not in scripts
    assert "unsafe" not in client.get("/health/live")["Content-Security-Policy"]


def test_it_has_no_page_with_the_secrets_of_second_factors():
    registered = {model._meta.label for model in admin.site._registry}
    assert not {label for label in registered if label.startswith(("otp_", "axes.", "auth."))}
