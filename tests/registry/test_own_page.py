"""A citizen's own page: all that is held, for the holder alone; language and requests."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from phonenumber_field.phonenumber import PhoneNumber

from registry.citizens import requests
from registry.models import (
    Citizen,
    Consent,
    Device,
    Event,
    Message,
    Outage,
    PolicyVersion,
    Relation,
    Request,
    SafeNumber,
    Tag,
)
from registry.reverification import outages
from registry.secrets import blind_index
from registry.sms import outbox, texts
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.clerks import make_clerk
from tests.registry.holders import Holder

pytestmark = pytest.mark.django_db
ME, LANGUAGE, REQUESTS = "/api/v1/pass/me", "/api/v1/pass/language", "/api/v1/pass/requests"
NUMBER = "+821000001234"
ALL_PATHS = (LANGUAGE, REQUESTS, "/api/v1/pass/withdrawal")


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def citizen(now):
    return CitizenFactory(verified=True, phone=NUMBER, phone_since=now - timedelta(days=10))


@pytest.fixture
def holder(citizen):
    return Holder(citizen)


def sent(number, at, *, purpose="code"):
    phone = PhoneNumber.from_string(number)
    return outbox.enqueue(phone, "a text", purpose=purpose, useful_for=timedelta(minutes=30), now=at)


def page(holder):
    answer = holder.get(ME)
    assert answer.status_code == 200, answer.content
    assert answer["Cache-Control"] == "no-store"
    return answer.json()


def test_it_tells_what_each_record_means_and_from_when_to_when(holder, citizen):
    today = timezone.localdate()
    PassRecordFactory(citizen=citizen, dose=1, day=today - timedelta(days=90))
    PassRecordFactory(citizen=citizen, day=today - timedelta(days=60))
    PassRecordFactory(citizen=citizen, day=date(2021, 7, 6), vaccine_id="janssen", dose=1)
    PassRecordFactory(citizen=citizen, pcr=True, day=today, revoked_at=timezone.now())
    told = page(holder)
    assert {record["state"]: (record["counts_from"], record["counts_until"]) for record in told["records"]} == {
        "partial": (None, None),
        "counts": (f"{today - timedelta(days=45)}", f"{today + timedelta(days=120)}"),
        "ended": ("2021-07-21", "2022-01-02"),
        "revoked": (f"{today}", f"{today + timedelta(days=2)}"),
    }
    assert [record["revoked_on"] for record in told["records"]] == [f"{today}", None, None, None]
    assert told["records"][1]["vaccine"] == {"ko": "화이자", "en": "Pfizer"}
    assert (told["today"]["valid"], told["today"]["until"]) == (True, f"{today + timedelta(days=120)}")
    assert told["due_on"] < told["usable_until"] and told["renewal_opens_on"] < told["due_on"]


def test_it_masks_name_and_number_and_marks_this_phone(holder, citizen):
    Holder(CitizenFactory(verified=True))
    SafeNumber.objects.create(text="12가34나", phone=NUMBER, phone_index=citizen.phone_index, issued_at=timezone.now())
    Consent.objects.create(citizen=citizen, given_by=citizen, version="2026-11", at=timezone.now())
    text = holder.get(ME).content.decode()
    assert "홍길동" not in text and "1000001234" not in text and "1990" not in text
    told = page(holder)
    assert (told["masked_name"], told["masked_phone"], told["safe_number"]) == ("홍*동", "010-****-1234", "12가34나")
    assert [consent["by_guardian"] for consent in told["consents"]] == [False]


def test_it_tells_which_phone_holds_the_pass_and_which_did(holder, citizen):
    newer = Holder(citizen)
    told = [(device["here"], bool(device["ended"])) for device in page(newer)["devices"]]
    assert told == [(True, False), (False, True)]


def test_it_tells_what_was_sent_when_without_its_text(holder, now):
    sent(NUMBER, now - timedelta(hours=1))
    sent(NUMBER, now, purpose="reminder")
    sent("+821000009999", now)
    assert [(m["purpose"], m["delivery"]) for m in page(holder)["messages"]] == [
        ("reminder", "queued"),
        ("code", "dropped"),
    ]
    assert "a text" not in holder.get(ME).content.decode()


def test_it_keeps_the_former_holders_messages_from_who_has_the_number_now(holder, citizen, now):
    sent(NUMBER, citizen.phone_since - timedelta(days=1))
    assert page(holder)["messages"] == []


def test_it_shows_a_ward_its_guardian_and_the_guardian_the_messages(holder, citizen, now):
    sent(NUMBER, now)
    ward = CitizenFactory(
        verified=True, name="홍아이", phone=NUMBER, phone_since=now, guardian=citizen, relation=Relation.CHILD
    )
    told = page(Holder(ward))
    assert (told["guardian"], told["messages"]) == ({"masked_name": "홍*동"}, [])
    told = page(holder)
    assert told["wards"] == [{"masked_name": "홍*이", "relation": "child", "carried": True}]
    assert len(told["messages"]) == 1
    Device.objects.filter(citizen=ward).update(ended_at=now)
    assert page(holder)["wards"][0]["carried"] is False, "as after the guardian took a new phone"


def test_it_tells_of_an_outage(holder, now):
    Outage.objects.create(opened_at=now, began_at=now - timedelta(minutes=5), cause="no code arrives")
    outages.forget()
    try:
        assert page(holder)["outage"]
    finally:
        Outage.objects.all().delete()
        outages.forget()


def test_it_costs_the_same_queries_however_much_there_is(holder, citizen, now, django_assert_max_num_queries):
    queries = 12  # ten, and the policy and the outage where this process has to look anew
    with django_assert_max_num_queries(queries):
        page(holder)
    for n in range(4):
        PassRecordFactory(citizen=citizen, day=now.date() - timedelta(days=100 * n), dose=n + 1)
        CitizenFactory(name=f"홍{n}", phone=NUMBER, guardian=citizen, relation=Relation.CHILD)
        sent(NUMBER, now)
        Consent.objects.create(citizen=citizen, given_by=citizen, version="2026-11", at=now)
    holder = Holder(citizen)
    with django_assert_max_num_queries(queries):
        page(holder)


def test_it_answers_no_stranger(holder):
    stranger = Holder(CitizenFactory(verified=True))
    unsigned = Client().get(ME)
    assert (unsigned.status_code, unsigned.json()["code"]) == (401, "bad_signature")
    assert stranger.get(ME, device=holder.device.pk).json()["code"] == "bad_signature"
    for path in ALL_PATHS:
        assert Client().post(path, "{}", "application/json").status_code == 401
        assert stranger.post(path, {"erase": True}, device=holder.device.pk).json()["code"] == "bad_signature"
    Device.objects.filter(pk=holder.device.pk).update(ended_at=timezone.now())
    assert holder.get(ME).json()["code"] == "unknown_device"
    for path in ALL_PATHS:
        assert holder.post(path, {}).json()["code"] == "unknown_device"


def test_it_keeps_the_language_that_was_chosen(holder, citizen):
    for _ in range(2):
        assert holder.post(LANGUAGE, {"language": "en"}).status_code == 204
    assert Citizen.objects.get(pk=citizen.pk).language == "en"
    assert Event.objects.filter(tag=Tag.LANGUAGE_CHANGED).count() == 1
    assert holder.post(LANGUAGE, {"language": "xx"}).status_code == 400


def test_it_takes_one_open_request_of_each_kind(holder):
    asked = holder.post(REQUESTS, {"kind": "correction", "text": " 2차 접종일이 다릅니다.\u202e\n확인해 주세요. "})
    assert asked.status_code == 201
    assert asked.json()["text"] == "2차 접종일이 다릅니다.\n확인해 주세요."
    again = holder.post(REQUESTS, {"kind": "correction", "text": "한 번 더"})
    assert (again.status_code, again.json()["code"]) == (409, "already_asked")
    assert holder.post(REQUESTS, {"kind": "number", "text": "제 번호입니다"}).status_code == 201
    assert [request["kind"] for request in page(holder)["requests"]] == ["number", "correction"]
    event = Event.objects.filter(tag=Tag.REQUEST_OPENED).first()
    assert "접종" not in str(event.detail)


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "correction", "text": ""},
        {"kind": "correction", "text": "\u200b\u0000"},
        {"kind": "correction", "text": "가" * 1001},
        {"kind": "correction", "text": 7},
        {"kind": "correction"},
        {"kind": "erasure", "text": "everything"},
        {"kind": "other", "text": "hello"},
        {"kind": "compared", "text": "hello"},
        {"kind": "refusal", "text": "hello", "reference": "ABCD-234"},
    ],
)
def test_it_takes_no_request_without_words_or_of_another_kind(holder, body):
    assert holder.post(REQUESTS, body).status_code in {400, 422}
    assert not Request.objects.exists()


def test_it_takes_the_reference_of_a_refusal_however_it_is_typed(holder):
    asked = holder.post(REQUESTS, {"kind": "refusal", "text": "왜 안 되나요", "reference": "abcd 2345"})
    assert (asked.status_code, asked.json()["reference"]) == (201, "ABCD-2345")
    assert page(holder)["requests"][0]["reference"] == "ABCD-2345"


def test_it_answers_once_and_says_so_by_sms_in_the_citizens_language(holder, citizen, now):
    holder.post(LANGUAGE, {"language": "en"})
    holder.post(REQUESTS, {"kind": "correction", "text": "제 기록이 다릅니다"})
    request, clerk = Request.objects.get(), make_clerk()
    requests.answer(request, text="고쳤습니다.", by=clerk, now=now)
    with pytest.raises(requests.AlreadyAnswered):
        requests.answer(request, text="아닙니다.", by=clerk, now=now)
    (told,) = page(holder)["requests"]
    assert told["answer"] == "고쳤습니다." and told["closed_at"]
    message = Message.objects.get(purpose="notice")
    assert message.text.startswith("[Munjigi]") and "고쳤" not in message.text
    assert bytes(message.phone_index) == blind_index("phone", citizen.phone)


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("site", ["http://localhost:8000", "https://pass.go.kr", "https://" + "long." * 12 + "go.kr"])
def test_it_says_so_within_one_sms(language, site):
    assert len(texts.request_answered(language, site).encode("euc-kr")) <= texts.LONGEST


def test_it_tells_of_new_rules_ahead_of_their_day_in_both_languages(holder):
    day = timezone.localdate() + timedelta(days=9)
    words = {"citizen_notice_ko": "접종 후 180일까지입니다.", "citizen_notice_en": "Through 180 days."}
    rules = PolicyVersion.objects.published().first().rules
    version = PolicyVersion.objects.create(title="시험", effective_on=day, rules=rules, **words)
    assert page(holder)["notices"] == []
    PolicyVersion.objects.filter(pk=version.pk).update(published_at=timezone.now())
    assert page(holder)["notices"] == [
        {"on": day.isoformat(), "ko": words["citizen_notice_ko"], "en": words["citizen_notice_en"]}
    ]
