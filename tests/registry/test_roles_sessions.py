"""A session from another address opens nothing before it was proven again; what is denied is on record."""

import pytest
from django.urls import reverse

from registry.models import Event, Role, Tag
from tests.factories import CitizenFactory
from tests.registry.clerks import PASSWORD, code_of, desk_of, make_clerk, sign_in

pytestmark = pytest.mark.django_db
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.99"}


@pytest.fixture
def clerk():
    return make_clerk(Role.REGISTRAR)


def code(clerk):
    """A fresh one: that of signing in was used."""
    return {"password": PASSWORD, "code": code_of(clerk, steps=1)}


def test_it_asks_again_and_goes_back_to_the_page(clerk):
    stolen = sign_in(clerk)
    page = "/admin/registry/citizen/?q=x"
    asked = stolen.get(page, **ELSEWHERE)
    assert asked["Location"] == "/admin/again/?next=%2Fadmin%2Fregistry%2Fcitizen%2F%3Fq%3Dx"
    assert stolen.get(asked["Location"], **ELSEWHERE).status_code == 200
    answer = stolen.post(asked["Location"], code(clerk) | {"next": page}, **ELSEWHERE)
    assert answer["Location"] == page, answer.context["form"].errors
    assert stolen.get(page, **ELSEWHERE).status_code == 200
    assert stolen.get(page).status_code == 302  # it moved
    tags = list(Event.objects.filter(tag__startswith="session_").order_by("pk").values_list("tag", "address"))
    assert tags[:2] == [(Tag.SESSION_ELSEWHERE, "192.0.2.99"), (Tag.SESSION_CONFIRMED, "192.0.2.99")]


def test_it_does_nothing_that_a_stolen_session_sends(clerk):
    citizen = CitizenFactory()
    stolen = sign_in(clerk)
    reveal = reverse("admin:registry_citizen_show_name", args=[citizen.pk])
    for _try in range(2):
        assert stolen.post(reveal, {"reason": "x"}, **ELSEWHERE)["Location"].startswith("/admin/again/")
    assert not Event.objects.filter(tag=Tag.PERSON_REVEALED).exists()
    assert Event.objects.filter(tag=Tag.SESSION_ELSEWHERE).count() == 1  # told once an address
    assert stolen.post(reveal, {"reason": "x"}).status_code == 200  # where it belongs it goes on


def test_it_refuses_a_wrong_password_and_keeps_asking(clerk):
    stolen = sign_in(clerk)
    answer = stolen.post("/admin/again/", code(clerk) | {"password": "wrong"}, **ELSEWHERE)
    assert answer.status_code == 200 and answer.context["form"].errors
    assert stolen.get("/admin/", **ELSEWHERE).status_code == 302
    assert Event.objects.get(tag=Tag.SIGN_IN_REFUSED).detail == {"wrong": "password"}


def test_it_lets_nobody_prove_the_session_of_another(clerk):
    thief = make_clerk(username="thief")
    stolen = sign_in(clerk)
    data = {"username": "thief", "password": PASSWORD, "code": code_of(thief)}
    assert stolen.post("/admin/again/", data, **ELSEWHERE).status_code == 200
    assert stolen.get("/admin/", **ELSEWHERE).status_code == 302


def test_it_lets_a_session_from_elsewhere_sign_out(clerk):
    stolen = sign_in(clerk)
    assert stolen.post("/admin/logout/", **ELSEWHERE).status_code in (200, 302)
    assert stolen.get("/admin/").status_code == 302


def test_it_notes_what_was_denied_by_role_and_by_region():
    clerk = make_clerk(Role.REGISTRAR, username="seoul", region="11")
    desk, other = desk_of(clerk), CitizenFactory(region="26350")
    assert desk.get("/admin/registry/event/").status_code == 403
    page = reverse("admin:registry_citizen_change", args=[other.pk])
    assert desk.get(page).status_code == 404
    assert desk.post(reverse("admin:registry_citizen_show_name", args=[other.pk]), {"reason": "x"}).status_code == 404
    told = [(event.actor, event.detail.get("key", "")) for event in Event.objects.filter(tag=Tag.DENIED).order_by("pk")]
    assert told == [(clerk, ""), (clerk, str(other.pk)), (clerk, str(other.pk))]


def test_it_notes_no_denial_of_what_is_not_there(clerk):
    missing = reverse("admin:registry_citizen_change", args=["00000000-0000-4000-8000-000000000000"])
    assert desk_of(clerk).get(missing).status_code == 404
    assert not Event.objects.filter(tag=Tag.DENIED).exists()
