"""Partner apps: phone check and pass through an app's server, for a phone that keeps its own keys."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from registry import news
from registry.citizens import devices, records, requests
from registry.format import base64url, passcode
from registry.models import (
    Code,
    Device,
    Event,
    Message,
    PartnerApp,
    PartnerUse,
    PassRecord,
    Request,
    Review,
    Revocation,
    Role,
    Tag,
    Verification,
)
from registry.partners import apps, use
from registry.sms import texts
from tests.checkins.faults import vault_away
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.apps import ROOT, App, AppPhone
from tests.registry.clerks import desk_of, make_clerk
from tests.registry.phones import Phone, status_and_code

pytestmark = pytest.mark.django_db
NUMBER = "01000001001"


@pytest.fixture
def other(service):
    return App(service, "다른톡")


@pytest.fixture
def phone(simulator, app):
    """Of somebody with a second dose, with the app."""
    citizen = CitizenFactory(name="홍길동", birth="1990-01-01", phone="+821000001001")
    PassRecordFactory(citizen=citizen)
    return AppPhone(simulator, app, NUMBER)


# --- the pass


def test_it_proves_a_number_and_hands_out_strips_that_the_phone_can_show(phone, app):
    answer = phone.prove()
    assert answer.status_code == 200
    days = answer.json()["days"]
    assert days[0]["pass"] == 1 and len(days) > 21
    assert passcode.decode_strip(base64url.decode(days[0]["strip"]))
    device = Device.objects.get()
    assert device.partner_id == app.row.pk and str(device.pk) == phone.device
    assert "gate" not in str(answer.cookies) and not answer.cookies


def test_it_tells_an_app_neither_why_a_pass_is_valid_nor_whose_it_is(phone):
    content = phone.prove().json()
    assert not content.keys() & {"masked_name", "review", "ended", "starts"}
    assert "basis" not in content["days"][0] and content["days"][0]["until"]


def test_it_writes_down_in_which_app_a_pass_was_issued(phone, app):
    phone.prove(), phone.renew(), phone.end()
    tags = [Tag.PHONE_VERIFIED, Tag.PASS_ISSUED, Tag.PASS_ISSUED, Tag.APP_PASS_ENDED]
    events = list(Event.objects.filter(tag__in=tags).order_by("pk").values_list("tag", "detail__partner"))
    assert events == [(tag, app.row.pk) for tag in tags]


def test_it_names_the_app_in_the_message(phone):
    phone.begin()
    assert Message.objects.get().text.startswith("[문지기] 시험톡 인증번호(code) ")


@pytest.mark.parametrize("name", ["가" * 80, "Health Pass of the Republic"])
def test_it_cuts_a_long_name_so_that_the_message_is_one_sms(name):
    text = texts.code_in_app("123456", name)
    assert texts.size(text) <= texts.LONGEST and "123456" in text and name[:5] in text


def test_it_renews_for_the_phone_that_signs_and_for_no_server_alone(phone, app):
    phone.prove()
    assert phone.renew().status_code == 200
    unsigned = phone.post(f"{ROOT}/strips", {"day_keys": phone.day_keys()})
    assert status_and_code(unsigned) == (401, "bad_signature")


def test_a_monthly_check_in_the_app_needs_no_name(phone):
    phone.prove()
    phone.verification = None
    phone.begin()
    assert phone.confirm(phone.receive(), signed=True, device_key=None).status_code == 200
    assert Device.objects.active().count() == 1


def test_the_app_can_give_a_pass_back(phone):
    phone.prove()
    assert phone.end().status_code == 204
    assert status_and_code(phone.renew()) == (401, "unknown_device")
    assert not Revocation.objects.exists(), "the pass in our own wallet stays as it is"


# --- one person, several places


def test_an_app_takes_no_pass_from_our_own_wallet_nor_from_another_app(phone, other, simulator):
    own, third = Phone(simulator, NUMBER), AppPhone(simulator, other, NUMBER)
    assert [each.prove().status_code for each in (own, phone, third)] == [200] * 3
    assert Device.objects.active().count() == 3 and not Revocation.objects.exists()
    assert phone.renew().status_code == third.renew().status_code == 200


def test_a_new_phone_in_the_same_app_takes_the_place_of_the_one_before(phone, app, simulator):
    phone.prove()
    newer = AppPhone(simulator, app, NUMBER)
    newer.prove()
    assert (phone.renew().status_code, newer.renew().status_code) == (401, 200)


def test_a_pass_is_unknown_to_every_other_app_and_to_our_own_wallet(phone, other):
    phone.prove()
    own = phone.signed_post("/api/v1/pass/strips", {"day_keys": phone.day_keys()})
    assert status_and_code(own) == (401, "unknown_device")
    phone.through(other)
    assert status_and_code(phone.renew()) == status_and_code(phone.end()) == (401, "unknown_device")
    assert Device.objects.active().exists()


def test_a_phone_in_an_app_learns_that_its_pass_has_changed_and_no_other_place_does(phone, other):
    mark = phone.prove().json()["days"][0]["mark"]
    path = f"{ROOT}/news/{mark}"
    assert phone.signed_get(path).json()["news"] is False
    registrar = make_clerk(Role.REGISTRAR, username="registrar")
    records.revoke(PassRecord.objects.get(), by=registrar, reason="오류", now=timezone.now())
    assert phone.signed_get(path).json()["news"] is True
    assert status_and_code(phone.signed_get(f"/api/v1/pass/news/{mark}")) == (401, "unknown_device")
    phone.through(other)
    assert status_and_code(phone.signed_get(path)) == (401, "unknown_device")


def test_an_app_does_not_learn_that_its_holder_waits_for_a_clerk(phone):
    mark = phone.prove().json()["days"][0]["mark"]
    citizen, now = Device.objects.get().citizen, timezone.now()
    Review.objects.create(citizen=citizen, other=CitizenFactory(), kind=Review.Kind.POSSIBLY_SAME, opened_at=now)
    requests.open_request(citizen, Request.Kind.CORRECTION, "2차 접종 누락", now=now)
    told = phone.signed_get(f"{ROOT}/news/{mark}").json()
    assert (told["news"], told["again_s"]) == (False, news.USUAL)


def test_a_check_is_unknown_to_every_other_app_and_to_our_own_wallet(phone, other, simulator):
    phone.begin()
    code, own = phone.receive(), Phone(simulator, NUMBER)
    own.verification = phone.verification
    phone.through(other)
    for stranger in (own, phone):
        assert status_and_code(stranger.confirm(code)) == (404, "unknown_verification")
    assert own.client.get(f"{own.root}/{own.verification}").status_code == 404
    assert phone.begin().json()["verification"] != own.verification, "nor does a code of another app add to it"
    assert Verification.objects.get(pk=own.verification).tries_left == 5


def test_the_holder_sees_the_apps_on_the_own_page_and_ends_the_pass_there(phone, app, simulator):
    own = Phone(simulator, NUMBER)
    own.prove(), phone.prove()
    page = own.signed_get("/api/v1/pass/me").json()
    (in_app,) = [device for device in page["devices"] if device["app"]]
    assert in_app["app"] == {"name": "시험톡", "device": phone.device} and in_app["ended"] is None
    end = f"/api/v1/pass/apps/{phone.device}/end"
    assert own.signed_post(end).status_code == 204
    assert status_and_code(phone.renew()) == (401, "unknown_device")
    assert Revocation.objects.count() == 1, "what the app holds is void"
    assert status_and_code(own.signed_post(end)) == (409, "already_ended")
    assert own.signed_post("/api/v1/pass/strips", {"day_keys": own.day_keys()}).status_code == 200


@pytest.mark.parametrize("lost", ["in the app", "in our wallet"])
def test_a_clerk_blocks_one_phone_and_leaves_the_others(phone, simulator, service, lost):
    own = Phone(simulator, NUMBER)
    own.prove(), phone.prove()
    blocked, left = (phone, own) if lost == "in the app" else (own, phone)
    devices.block(Device.objects.get(pk=blocked.device), by=service, reason="lost", now=timezone.now())
    assert {str(device.pk) for device in Device.objects.active()} == {left.device}
    assert Revocation.objects.count() == 1, "what the lost one holds is void"


def test_nobody_ends_the_pass_of_somebody_else_nor_their_own_by_that_way(phone, simulator):
    phone.prove()
    stranger = Phone(simulator, "01000001002", name="성춘향")
    stranger.prove()
    for device in (phone.device, stranger.device):
        assert status_and_code(stranger.signed_post(f"/api/v1/pass/apps/{device}/end")) == (409, "already_ended")
    assert Device.objects.active().count() == 2


# --- keys, quotas, limits


def test_it_knows_nobody_without_the_key_of_an_app(phone, app, service):
    for header in ("", "Bearer ", f"Basic {app.key}", "Bearer wrong"):
        phone.client = Client(headers={"Authorization": header})
        assert status_and_code(phone.begin()) == (401, "unknown_key")
    assert not Code.objects.exists()


def test_a_new_key_leaves_the_old_one_good_for_a_day_unless_it_leaked(phone, app, service):
    now = timezone.now()
    old, app.key = app.key, apps.renew_key(app.row, by=service, now=now, reason="yearly", leaked=False)
    both = [Client(headers={"Authorization": f"Bearer {key}"}) for key in (old, app.key)]
    assert [client.get(f"{ROOT}/use").status_code for client in both] == [200, 200]
    with time_machine.travel(now + apps.OVERLAP + timedelta(seconds=1)):
        assert [client.get(f"{ROOT}/use").status_code for client in both] == [401, 200]
    apps.renew_key(app.row, by=service, now=now, reason="seen elsewhere", leaked=True)
    assert [client.get(f"{ROOT}/use").status_code for client in both] == [401, 401]


def test_a_closed_app_gets_nothing_and_its_passes_stay_good_for_their_days(phone, app, service, simulator):
    own = Phone(simulator, NUMBER)
    own.prove(), phone.prove()
    apps.close(app.row, by=service, now=timezone.now(), reason="contract ended")
    assert status_and_code(phone.renew()) == status_and_code(phone.begin()) == (401, "unknown_key")
    assert not Revocation.objects.exists()
    (in_app,) = [device for device in own.signed_get("/api/v1/pass/me").json()["devices"] if device["app"]]
    assert in_app["ended"]
    with pytest.raises(apps.AppClosed):
        apps.close(app.row, by=service, now=timezone.now(), reason="again")


def test_no_more_codes_leave_than_the_days_quota_and_passes_go_on(phone, app):
    phone.prove()
    PartnerApp.objects.update(daily_quota=1)
    refused = phone.begin()
    assert status_and_code(refused) == (429, "quota_used") and 0 < int(refused["Retry-After"]) <= 86_401
    assert phone.renew().status_code == 200
    assert Code.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert phone.begin().status_code == 202


def test_what_no_code_was_sent_for_uses_no_quota(phone, app):
    phone.number = "+12025550123"
    assert status_and_code(phone.begin()) == (422, "unknown_prefix")
    assert app.used() == {"refused:unknown_prefix": 1}


def test_it_sends_no_more_codes_to_a_number_than_our_own_wallet_would(phone):
    assert [phone.begin().status_code for _ in range(6)] == [202] * 5 + [429]


def test_what_an_app_says_of_addresses_fills_nobody_elses_limits(app, simulator):
    for n in range(30):
        assert AppPhone(simulator, app, f"0100000{n:04d}").begin().status_code == 202
    assert AppPhone(simulator, app, "01000000030").begin().status_code == 429
    assert Phone(simulator, "01000000031").begin(REMOTE_ADDR="192.0.2.1").status_code == 202


def test_it_answers_alike_for_known_and_unknown_numbers(phone, app, simulator, django_assert_num_queries):
    unknown = AppPhone(simulator, app, "01000001999")
    answers = []
    for each in (phone, unknown):
        with django_assert_num_queries(9):
            answers.append(each.begin())
    known, stranger = ({**answer.json(), "verification": ""} for answer in answers)
    assert known == stranger and answers[0].status_code == answers[1].status_code == 202


def test_it_counts_what_an_app_did_and_was_refused(phone, app):
    phone.begin()
    phone.confirm("000000" if phone.receive() != "000000" else "000001")
    phone.prove(), phone.renew(), phone.end()
    assert phone.post(phone.root, {"phone": 1}).status_code == 400
    counts = app.used()
    assert counts == {
        "asked": 2, "confirmed": 1, "passes": 2, "ended": 1, "refused:wrong_code": 1, "refused:malformed": 1,
    }  # fmt: skip
    assert use.forget(timezone.now() + timedelta(days=500)) > 0 and not PartnerUse.objects.exists()


# --- when we cannot tell


def test_it_never_says_that_somebody_has_no_pass_for_lack_of_data(phone):
    phone.prove()
    phone.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    with vault_away():
        answer = phone.renew()
    assert status_and_code(answer) == (503, "cannot_tell_now") and int(answer["Retry-After"]) > 0
    assert "days" not in answer.json() and "says nothing about the person" in answer.json()["detail"]


# --- the service desk


@pytest.fixture
def usual_limits(settings):
    """The tests' own gate has more places than threads."""
    names = ("scan", "pass", "news", "verify", "finish", "portal", "desk", "receipts", "labs", "apps", "rest")
    settings.GATE_LIMITS = dict.fromkeys(names, 2)


def test_the_desk_shows_a_new_key_once_and_what_was_used(service, usual_limits):
    desk = desk_of(service)
    facts = {"name": "새 앱", "daily_quota": "100", "per_minute": "60", "places": "2"}
    answer = desk.post("/admin/registry/partnerapp/add/", facts)
    row = PartnerApp.objects.get()
    assert "no-store" in answer["Cache-Control"] and row.kind == "app"
    client = Client(headers={"Authorization": f"Bearer {answer.context['key']}"})
    client.post(f"{ROOT}/verifications", {"phone": "1", "address": "192.0.2.1"}, content_type="application/json")
    page = desk.get(reverse("admin:registry_partnerapp_change", args=[row.pk])).text
    assert answer.context["key"] not in page and "unknown_prefix" in page
    assert desk.get("/admin/registry/partnerapp/").status_code == 200
    assert desk.get(reverse("admin:registry_partner_change", args=[row.pk])).status_code in (302, 404), "no lab"


def test_the_desk_changes_quotas_renews_the_key_and_closes(service, app, usual_limits):
    desk, row = desk_of(service), app.row
    address = reverse("admin:registry_partnerapp_change", args=[row.pk])
    answer = desk.post(address, {"daily_quota": "7", "per_minute": "60", "places": "3"})
    assert answer.status_code == 302, answer.context["errors"]
    row.refresh_from_db()
    assert (row.daily_quota, row.per_minute, row.places) == (7, 60, 3)
    answer = desk.post(reverse("admin:registry_partnerapp_renew_key", args=[row.pk]), {"reason": "yearly"})
    assert answer.context["key"] and app.used() == {}, "the one before is good as well"
    desk.post(reverse("admin:registry_partnerapp_close", args=[row.pk]), {"reason": "contract ended"})
    assert "contract ended" in desk.get(address).text
    tags = Event.objects.filter(target=f"partnerapp:{row.pk}").order_by("pk").values_list("tag", flat=True)
    assert list(tags) == [Tag.APP_ADDED, Tag.APP_CHANGED, Tag.APP_KEY_RENEWED, Tag.APP_CLOSED]


def test_the_desk_gives_an_app_no_place_that_belongs_to_others(service, app, settings, usual_limits):
    settings.WEB_THREADS = 30
    address = reverse("admin:registry_partnerapp_change", args=[app.row.pk])
    answer = desk_of(service).post(address, {"daily_quota": "7", "per_minute": "60", "places": "20"})
    assert answer.status_code == 200 and "28" in str(answer.context["adminform"].form.errors["places"])


def test_a_clerk_of_a_region_sees_apps_and_decides_on_none(app, usual_limits):
    desk, page = desk_of(make_clerk(Role.SERVICE, username="local", region="11680")), "admin:registry_partnerapp"
    assert "시험톡" in desk.get(reverse(f"{page}_changelist")).text
    assert desk.get(reverse(f"{page}_add")).status_code == 403
    assert desk.post(reverse(f"{page}_change", args=[app.row.pk]), {"places": "1"}).status_code == 403
    for deed in ("renew_key", "close"):
        assert desk.post(reverse(f"{page}_{deed}", args=[app.row.pk]), {"reason": "mine"}).status_code == 403


def test_a_registrar_has_nothing_to_do_with_apps():
    assert desk_of(make_clerk(Role.REGISTRAR)).get("/admin/registry/partnerapp/").status_code == 403
