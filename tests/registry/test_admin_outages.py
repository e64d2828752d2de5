"""The service desk declares and closes outages, sets their rule, sees the forecast and moves due dates off a peak."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from registry.models import Citizen, Event, Outage, OutageRule, Role, Spreading, Tag
from registry.reverification import outages, spreading
from tests.factories import CitizenFactory
from tests.queries import at_most
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db

OPEN = reverse("admin:registry_outage_open_outage")
SPREAD = reverse("admin:registry_spreading_respread")


@pytest.fixture(autouse=True)
def fresh():
    outages.forget()
    yield
    outages.forget()


@pytest.fixture
def desk():
    return desk_of(make_clerk(Role.SERVICE))


def due(count: int, days: int) -> None:
    day = timezone.localdate() + timedelta(days=days)
    at = timezone.now() - timedelta(days=20)
    rows = [
        Citizen(name="홍길동", birth="1990-01-01", name_index=b"n", verified_at=at, due_on=day) for _ in range(count)
    ]
    Citizen.objects.bulk_create(rows)


def test_a_clerk_declares_an_outage_and_closes_it(desk):
    began = timezone.localtime() - timedelta(minutes=30)
    form = {"began_at_0": f"{began:%Y-%m-%d}", "began_at_1": f"{began:%H:%M}", "cause": "통신사 장애"}
    assert desk.get(OPEN).status_code == 200
    answer = desk.post(OPEN, form)
    outage = Outage.objects.get()
    assert answer["Location"] == reverse("admin:registry_outage_change", args=[outage.pk])
    assert outage.opened_by.username == "clerk" and abs(outage.began_at - began) < timedelta(minutes=1)
    page = desk.get(answer["Location"]).content.decode()
    close = reverse("admin:registry_outage_close_outage", args=[outage.pk])
    assert "통신사 장애" in page and close in page and reverse("outage", args=[outage.pk]) in page
    assert OPEN not in desk.get("/admin/registry/outage/").content.decode(), "one at a time"
    second = desk.post(OPEN, form, headers={"accept-language": "en"})
    assert "An outage is open already" in second.content.decode() and Outage.objects.count() == 1
    assert desk.post(close, {"note": ""}).context["form"].errors
    assert desk.post(close, {"note": "복구 확인"}).status_code == 302
    outage.refresh_from_db()
    assert outage.note == "복구 확인" and outage.closed_by.username == "clerk"
    assert Event.objects.get(tag=Tag.OUTAGE_CLOSED).address
    second = desk.post(close, {"note": "x"}, headers={"accept-language": "en"})
    assert "closed already" in second.content.decode()
    outage.refresh_from_db()
    assert outage.note == "복구 확인"
    spreading.carry_on(timezone.now())
    assert desk.get("/admin/registry/outage/").status_code == 200
    assert close not in desk.get(answer["Location"]).content.decode()


def test_it_says_why_one_opened_by_itself(desk):
    now = timezone.now()
    measured = {"kind": "not_arriving", "asked": 40, "arrived": 3, "share": 7, "minutes": 5}
    measured["providers"] = [{"name": "seoul-sms", "asked": 40, "arrived": 3}]
    outage = Outage.objects.create(opened_at=now, began_at=now, cause="x", measured=measured)
    page = desk.get(reverse("admin:registry_outage_change", args=[outage.pk]), headers={"accept-language": "en"})
    assert "Of 40 codes asked for in 5 minutes, 3 arrived (7%)" in page.content.decode()
    assert "seoul-sms" in page.content.decode()


def test_a_clerk_changes_the_rule_and_that_is_on_record(desk):
    page = reverse("admin:registry_outagerule_change", args=[1])
    assert desk.get("/admin/registry/outagerule/")["Location"] == page
    assert desk.get(page).status_code == 200
    assert desk.post(page, {"enabled": "on", "share": 30, "minutes": 10, "least": 50}).status_code == 302
    assert (OutageRule.objects.get().share, OutageRule.objects.get().least) == (30, 50)
    detail = Event.objects.get(tag=Tag.OUTAGE_RULE_CHANGED).detail
    assert (detail["before"]["share"], detail["after"]["share"]) == (50, 30)
    assert desk.post(page, {"share": 0, "minutes": 10, "least": 50}).status_code == 200


def test_it_shows_the_forecast_with_mean_and_peak(desk):
    due(30, 3)
    due(10, 4)
    CitizenFactory(verified_at=timezone.now(), due_on=timezone.localdate() - timedelta(days=2))
    with at_most(16):
        page = desk.get("/admin/registry/spreading/")
    assert page.context["forecast"].peak == (timezone.localdate() + timedelta(days=3), 30)
    assert page.context["forecast"].mean == 1.0 and page.context["in_grace"] == 1
    assert "<svg" in page.content.decode() and " style=" not in page.content.decode().split("desk-forecast")[1]


def test_it_previews_a_spreading_and_writes_nothing_until_asked(desk):
    due(60, 3)
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    assert desk.get(SPREAD).status_code == 200
    page = desk.get(SPREAD, {"due_from": day, "due_to": day})
    assert page.context["found"].moving > 0 and page.context["peak_before"] == 60 > page.context["peak_after"]
    assert not Spreading.objects.exists()
    assert desk.post(SPREAD, {"due_from": day, "due_to": day, "reason": ""}).context["form"].errors
    answer = desk.post(SPREAD, {"due_from": day, "due_to": day, "reason": "월요일 몰림"})
    assert answer.status_code == 302
    row = Spreading.objects.get()
    assert row.by.username == "clerk" and row.total == page.context["found"].moving
    spreading.carry_on(timezone.now())
    assert desk.get(reverse("admin:registry_spreading_change", args=[row.pk])).status_code == 200
    again = desk.get(SPREAD, {"due_from": "2020-01-01", "due_to": "2020-01-02"})
    assert again.context["form"].non_field_errors()


def test_others_look_and_change_nothing():
    now = timezone.now()
    outage = Outage.objects.create(opened_at=now, began_at=now, cause="x")
    maker, registrar = desk_of(make_clerk(Role.POLICY_MAKER)), desk_of(make_clerk(Role.REGISTRAR, username="other"))
    for page in ("/admin/registry/spreading/", "/admin/registry/outage/"):
        assert maker.get(page).status_code == 200 and registrar.get(page).status_code == 403
    close = reverse("admin:registry_outage_close_outage", args=[outage.pk])
    rule = reverse("admin:registry_outagerule_change", args=[1])
    for page in (OPEN, SPREAD, close):
        assert maker.post(page, {"note": "x", "reason": "x"}).status_code == 403
    assert maker.post(rule, {"share": 1, "minutes": 1, "least": 1}).status_code == 403
    assert Outage.objects.open().exists()
