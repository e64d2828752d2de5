"""Against those who have SMS sent at our expense: a budget by day, a limit for each block of numbers."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from phonenumber_field.phonenumber import PhoneNumber

from registry.models import Budget, Code, Message, Spent
from registry.sms import budget, outbox, texts
from registry.sms.budget import BudgetSpent
from tests.factories import CitizenFactory
from tests.registry.crowds import at_once
from tests.registry.phones import points

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/verifications"


def ask(number, address="192.0.2.1"):
    return Client().post(ROOT, {"phone": number}, content_type="application/json", REMOTE_ADDR=address)


def limit(**fields):
    Budget.objects.update_or_create(pk=1, defaults=fields)


def test_when_the_budget_is_spent_it_says_so_and_until_when():
    limit(daily=1)
    assert ask("01000002401").status_code == 202
    answer = ask("01000002402", "192.0.2.2")
    assert (answer.status_code, answer.json()["code"]) == (503, "budget_spent")
    assert 0 < int(answer["Retry-After"]) <= 86_400
    assert Message.objects.count() == Code.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert ask("01000002402", "192.0.2.2").status_code == 202


def test_a_batch_of_reminders_holds_one_row_and_none_that_codes_wait_for():
    phone = PhoneNumber.from_string("+821000002404")
    for purpose in ("reminder",) * 20 + ("code",) * 20:
        outbox.enqueue(phone, "x", purpose=purpose, useful_for=timedelta(minutes=1), now=timezone.now())
    held = Spent.objects.filter(shard__gte=budget.SHARDS)
    assert [row.count for row in held] == [20]
    assert sum(row.count for row in Spent.objects.exclude(pk__in=held)) == 20


def test_reminders_stop_before_codes_and_notices_never_do():
    limit(daily=10, reminder_share=50)
    now = timezone.now()
    phone = PhoneNumber.from_string("+821000002403")

    def put(purpose):
        outbox.enqueue(phone, "x", purpose=purpose, useful_for=timedelta(minutes=1), now=now)

    for _ in range(5):
        put("reminder")
    assert budget.room_for_reminders(now) == 0
    with pytest.raises(BudgetSpent):
        put("reminder")
    for _ in range(5):
        put("code")
    with pytest.raises(BudgetSpent):
        put("code")
    put("notice")
    assert sum(Spent.objects.values_list("count", flat=True)) == 11


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_counted_right():
    phone, now = PhoneNumber.from_string("+821000002405"), timezone.now()

    def spend(_n):
        for _ in range(20):
            outbox.enqueue(phone, "x", purpose="code", useful_for=timedelta(minutes=1), now=now)

    at_once(spend, 4)
    assert budget.of_day(timezone.localdate(now)).spent == 80


def test_a_block_of_numbers_gets_so_many_codes_and_others_go_on():
    limit(prefix_ten_minutes=3, prefix_day=4)
    for n in range(3):
        assert ask(f"0100000{2410 + n}", f"192.0.2.{n}").status_code == 202
    answer = ask("01000002419", "192.0.2.9")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert 0 < int(answer["Retry-After"]) <= 600
    assert ask("01000012419", "192.0.2.9").status_code == 202
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert ask("01000002420", "192.0.2.9").status_code == 202
        later = ask("01000002421", "192.0.2.9")
        assert later.status_code == 429 and int(later["Retry-After"]) > 3600  # the day's
    limit(prefix_ten_minutes=0, prefix_day=0)
    assert ask("01000002422", "192.0.2.9").status_code == 202


def test_a_code_guessed_from_many_addresses_has_five_tries_in_all():
    begun = ask("01000002430").json()["verification"]
    body = {"code": "000000", "name": "홍길동", "birth_date": "1990-01-01"}
    body |= {"device_key": points(1)[0], "day_keys": {}}
    answers = [
        Client().post(f"{ROOT}/{begun}/confirm", body, content_type="application/json", REMOTE_ADDR=f"198.51.100.{n}")
        for n in range(7)
    ]
    codes = [answer.json()["code"] for answer in answers]
    assert codes.count("wrong_code") <= 5 and codes[-1] == "no_tries_left", codes


def test_a_known_number_and_an_unknown_one_cost_and_answer_the_same():
    CitizenFactory(phone="+821000002441")
    ask("01000002440", "192.0.2.40")
    seen = []
    for n, number in enumerate(("01000002441", "01000002442")):
        with CaptureQueriesContext(connection) as captured:
            answer = ask(number, f"192.0.2.{50 + n}")
        assert (answer.status_code, set(answer.json())) == (202, {"verification", "delivery", "tries_left"})
        statements = [query["sql"].split("(")[0][:60] for query in captured.captured_queries]
        seen.append([each for each in statements if "SAVEPOINT" not in each])
    assert seen[0] == seen[1]
    assert not any("registry_citizen" in query for queries in seen for query in queries)


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("site", ["https://pass.munjigi.go.kr", "https://a-rather-long-name-of-a-host.munjigi.example"])
def test_every_text_fits_one_sms(language, site):
    day = timezone.localdate().replace(month=12, day=30)
    written = [
        texts.code("123456", site.removeprefix("https://")),
        texts.phone_check_due(language, day, site),
        texts.pass_ends(language, day, site),
        texts.safe_number(language, "12가34나"),
        texts.number_claimed(language),
        texts.request_answered(language, site),
    ]
    for text in written:
        assert len(text.encode("euc-kr")) <= texts.LONGEST, text
        assert "[문지기]" in text if language == "ko" or "인증번호" in text else "[Munjigi]" in text
