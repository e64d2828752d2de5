"""Proving a number: the code by SMS, five tries, three minutes, and nothing told about who is known. How often is in
test_verification_limits.py, what comes at once in test_verification_races.py."""

import json
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from registry import tasks
from registry.models import Citizen, Code, Message, Verification
from registry.phone import verification
from registry.sms import outbox, texts
from tests.factories import CitizenFactory
from tests.registry.phones import ROOT, Phone, another, status_and_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone(simulator):
    return Phone(simulator, "01000001001")


def test_it_sends_a_code_of_six_digits_and_a_month_of_strips_for_it(phone):
    begun = phone.begin()
    assert begun.status_code == 202
    assert begun.json() == {"verification": phone.verification, "delivery": "queued", "tries_left": 5}
    assert phone.status() == {"delivery": "queued", "sent_at": None, "expires_at": None, "tries_left": 5}
    code = phone.receive()
    status = phone.status()
    assert (status["delivery"], status["expires_at"] - status["sent_at"]) == ("sent", 180_000)
    answer = phone.confirm(code)
    assert answer.status_code == 200, answer.content
    body = answer.json()
    today = timezone.localdate()
    assert body["review"] is False and body["masked_name"] == "홍*동"
    assert today + timedelta(days=21) <= today.fromisoformat(body["due_on"]) <= today + timedelta(days=30)
    assert body["days"][0]["day"] == today.isoformat() and body["days"][-1]["day"] == body["usable_until"]
    cookie = answer.cookies["device"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/api/v1/pass")


def test_the_message_fits_one_sms_and_binds_the_code_to_our_host(phone, settings):
    settings.SITE_URL = "https://munjigi.example"
    phone.begin()
    code = phone.receive()
    text = phone.simulator.messages(phone.number)[0]["text"]
    assert text.endswith(f"\n@munjigi.example #{code}")
    assert len(text.encode("euc-kr")) <= 90
    assert "@" not in texts.code(code, "a-very-long-name-of-a-host.munjigi.example")


def test_it_keeps_no_code_in_clear_and_hashes_it_for_its_own_check_alone(phone):
    phone.begin()
    code, row = phone.receive(), Code.objects.get()
    assert code.encode() not in bytes(row.hash)
    assert bytes(row.hash) == verification._code_hash(row.verification_id, code)
    assert bytes(row.hash) != verification._code_hash(uuid.uuid4(), code)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM registry_message")
        assert code.encode() not in bytes(cursor.fetchone()[0])
    outbox.sweep(timezone.now() + Message.RECEIPT_WITHIN)
    assert not Message.objects.exclude(text=None).exists()


@pytest.mark.parametrize("number", ["0212345678", "15881234", "+12025550123", "07012345678", "abc", "010", "1" * 40])
def test_it_names_what_to_do_with_a_number_that_is_no_korean_mobile(client: Client, number):
    answer = client.post(ROOT, json.dumps({"phone": number}), "application/json", headers={"Accept-Language": "en"})
    assert status_and_code(answer) == (422, "unknown_prefix")
    assert "clerk" in answer.json()["detail"]
    assert answer["Content-Type"] == "application/problem+json"
    assert not Verification.objects.exists()


@pytest.mark.parametrize("number", ["010-0000-1002", "+82 10 0000 1002", "82 10-0000-1002", "０１０００００１００２"])
def test_it_takes_a_number_however_it_is_written(client: Client, number):
    assert client.post(ROOT, json.dumps({"phone": number}), "application/json").status_code == 202
    assert Verification.objects.get().phone == "+821000001002"


def test_it_explains_a_malformed_body_in_the_language_of_each_caller(client: Client):
    def told(language):
        answer = client.post(ROOT, {"phone": "1" * 41}, "application/json", headers={"Accept-Language": language})
        assert status_and_code(answer) == (400, "malformed")
        return answer.json()["errors"]["phone"][0]

    english, korean = told("en"), told("ko")
    assert "40" in english and "40" in korean and english != korean == told("ko")


@pytest.mark.parametrize("body", ["null", "[]", '"text"', "7"])
def test_it_takes_nothing_but_an_object(client: Client, body):
    answer = client.post(ROOT, body, "application/json")
    assert status_and_code(answer) == (400, "malformed")
    assert list(answer.json()["errors"]) == ["non_field_errors"]


def test_it_counts_five_tries_and_says_how_many_are_left(phone):
    phone.begin()
    code = phone.receive()
    for left in (4, 3, 2, 1, 0):
        answer = phone.confirm(another(code))
        assert status_and_code(answer) == (422, "wrong_code")
        assert answer.json()["tries_left"] == phone.status()["tries_left"] == left
    assert answer.json()["detail"] == str(verification.NoTriesLeft()), "with the last it says what to do, not “0 left”"
    assert status_and_code(phone.confirm(code)) == (429, "no_tries_left")
    assert not Citizen.objects.exists()


def test_it_takes_the_right_code_at_the_fifth_try(phone):
    phone.begin()
    code = phone.receive()
    for _ in range(4):
        phone.confirm(another(code))
    assert phone.confirm(code).status_code == 200


def test_it_still_takes_earlier_codes_of_the_same_check(phone):
    phone.begin()
    first, check = phone.receive(), phone.verification
    phone.begin()
    assert phone.verification == check
    phone.receive()
    assert phone.confirm(first).status_code == 200


def test_it_ends_a_code_three_minutes_after_the_provider_took_it_and_no_earlier(phone):
    phone.begin()
    code, taken = phone.receive(), Message.objects.get().taken_at
    with time_machine.travel(taken + timedelta(seconds=181), tick=False):
        for typed in (code, another(code)):
            assert status_and_code(phone.confirm(typed)) == (410, "code_expired")
        assert phone.status()["tries_left"] == 5
    with time_machine.travel(taken + timedelta(seconds=179), tick=False):
        assert phone.confirm(code).status_code == 200


def test_it_starts_the_three_minutes_only_when_the_provider_took_it(phone):
    phone.simulator.stop()
    with time_machine.travel(timezone.now() - timedelta(minutes=20), tick=True):
        phone.begin()
        outbox.sweep(timezone.now())
        assert phone.status()["delivery"] == "delayed"
    phone.simulator.start()
    code = phone.receive()
    assert phone.status()["delivery"] == "sent"
    assert phone.confirm(code).status_code == 200


def test_it_says_delayed_when_nothing_moves_and_dropped_when_it_is_over(phone):
    phone.begin()
    with time_machine.travel(timezone.now() + timedelta(seconds=11), tick=False):
        assert phone.status()["delivery"] == "delayed"
    with time_machine.travel(timezone.now() + timedelta(minutes=30), tick=False):
        assert phone.status()["delivery"] == "dropped"
        assert status_and_code(phone.confirm("123456")) == (410, "code_expired")


def test_it_tells_an_expired_code_from_a_wrong_one_while_another_is_good(phone):
    phone.begin()
    old = phone.receive()
    with time_machine.travel(timezone.now() + timedelta(minutes=4), tick=True):
        phone.begin()
        new = phone.receive()
        assert status_and_code(phone.confirm(old)) == (410, "code_expired")
        assert phone.status()["tries_left"] == 4
        assert phone.confirm(new).status_code == 200


def test_a_check_is_used_once(phone):
    phone.begin()
    code = phone.receive()
    assert phone.confirm(code).status_code == 200
    assert status_and_code(phone.confirm(code)) == (410, "code_used")


def test_it_knows_no_check_of_another_name(client: Client, phone):
    phone.verification = str(uuid.uuid4())
    assert status_and_code(phone.confirm("123456")) == (404, "unknown_verification")
    assert client.get(f"{ROOT}/{phone.verification}").status_code == 404


def test_it_begins_another_check_where_the_named_one_is_over_or_of_another_number(phone, simulator):
    phone.begin()
    first = phone.verification
    Verification.objects.update(tries_left=0)
    phone.begin()
    assert phone.verification != first
    stranger = Phone(simulator, "01000001003")
    stranger.verification = phone.verification
    stranger.begin()
    assert stranger.verification != phone.verification


def test_it_asks_the_database_the_same_whether_or_not_a_number_is_known(simulator):
    CitizenFactory(phone="+821000001004")
    known, unknown = Phone(simulator, "01000001004"), Phone(simulator, "01000001005")
    statements = []
    for phone in (known, unknown):
        with Statements() as seen:
            answer = phone.begin()
            code = phone.receive()
            wrong = phone.confirm(another(code))
        statements.append(seen.shapes)
        assert (answer.status_code, wrong.status_code) == (202, 422)
        assert not any("registry_citizen" in shape for shape in seen.shapes)
    assert statements[0] == statements[1]


class Statements:
    """The statements run, without their values."""

    def __enter__(self):
        self.shapes = []
        self._hook = connection.execute_wrapper(self._note)
        self._hook.__enter__()
        return self

    def __exit__(self, *args):
        self._hook.__exit__(*args)

    def _note(self, execute, sql, params, many, context):
        self.shapes.append(sql.split('"s')[0] if "SAVEPOINT" in sql else sql)  # savepoints have numbers
        return execute(sql, params, many, context)


@pytest.mark.parametrize(
    "change",
    [
        {"code": "12345"},
        {"code": "1234567"},
        {"code": "12345a"},
        {"code": "１２３４５６"},
        {"code": 123456},
        {"name": ""},
        {"name": "x" * 81},
        {"name": "홍\u0000길동"},
        {"name": "홍\u200b길동"},
        {"name": "\ud800"},
        {"name": 5},
        {"name": None},
        {"birth_date": None},
        {"birth_date": "1899-12-31"},
        {"birth_date": "2999-01-01"},
        {"birth_date": "1990-02-30"},
        {"birth_date": "19900101"},
        {"birth_date": 19900101},
        {"device_key": "abc"},
        {"device_key": None},
        {"day_keys": []},
        {"day_keys": {"2022-01-03": "abc"}},
        {"day_keys": {"heute": "abc"}},
        {"day_keys": None},
    ],
)
def test_it_refuses_what_makes_no_sense_without_taking_a_try(phone, change):
    phone.begin()
    answer = phone.confirm(**{"code": "123456"} | change)
    assert status_and_code(answer) == (400, "malformed"), answer.content
    assert phone.status()["tries_left"] == 5


@pytest.mark.parametrize(
    "body",
    ["", "[]", '{"phone": ""}', "nonsense", '"x"', "null", "[" * 20_000,
     '{"phone": NaN}', '{"phone": 1000001234}', '{"phone": ["0"]}',
     '{"phone": "01000001234", "verification": "x"}', '{"phone": "\ud800"}', b"\xff\xfe", '{"x": "' + "y" * 40_000],
)  # fmt: skip
def test_it_refuses_bodies_that_are_no_small_json_object(client: Client, body):
    raw = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    answer = client.post(ROOT, raw, "application/json")
    assert status_and_code(answer) == (400, "malformed")
    assert answer["Content-Type"] == "application/problem+json"


def test_a_key_off_the_curve_costs_neither_code_nor_try(phone):
    phone.begin()
    code = phone.receive()
    assert status_and_code(phone.confirm(code, device_key="A" * 86)) == (422, "bad_key")
    assert phone.confirm(code).status_code == 200


def test_it_forgets_numbers_after_two_days_and_messages_after_thirty(phone):
    phone.begin()
    phone.receive()
    now = timezone.now()
    assert (verification.forget(now + timedelta(days=1)), outbox.forget(now + timedelta(days=29))) == (0, 0)
    assert (verification.forget(now + timedelta(days=3)), Code.objects.count(), Message.objects.count()) == (1, 0, 1)
    assert outbox.forget(now + timedelta(days=31)) == 1


def test_it_forgets_all_that_is_old_however_much_it_is(phone, monkeypatch):
    for module in (verification, outbox):
        monkeypatch.setattr(module, "FORGOTTEN_AT_ONCE", 1)
    long_ago = timezone.now() - timedelta(days=31)
    for _n in range(3):
        verification.begin(verification.korean_mobile(phone.number), address="192.0.2.1", now=long_ago)
    Message.objects.update(status=Message.Status.DROPPED, text=None)
    tasks.forget_checks()
    assert not Verification.objects.exists()
    assert not Message.objects.exists()
