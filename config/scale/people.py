"""People, what is on record about them, and what they and clerks have to do with each other."""

import os
from datetime import date, datetime, time, timedelta
from random import Random

from config.scale import plan as numbers
from config.scale.copying import Lines, Part, line, parts
from config.scale.plan import Plan
from registry.citizens.names import name_key
from registry.models import Citizen, Device, PassRecord, Reminder, Request, Review, SafeNumber
from registry.secrets import blind_index, encrypt
from registry.validity import SEOUL

FAMILY = "김이박최정강조윤장임한오서신권황안송류홍전고문양손배백허남심"
GIVEN = "가나다라마바사아자하거너더러머버서어저허고노도로모보소오조호"
ISSUERS = 40
KINDS, OFTEN = list(PassRecord.Kind), (86, 7, 5, 2)
SAFE = 31_360_000  # numbers of 4 digits and 2 of 56 syllables
SYLLABLES = [f"{chr(0xAC00 + (first * 21 + vowel) * 28)}" for first in (0, 2, 3, 5, 6, 7, 9, 11, 12, 14, 15, 16, 17, 18)
             for vowel in (0, 4, 8, 13)]  # fmt: skip


def citizens(plan: Plan) -> list[Part]:
    columns = (
        "id name birth phone name_index phone_index region language guardian_id relation phone_since verified_at "
        "due_on created_at"
    )
    return parts(plan, Citizen, columns, _citizens, plan.sizes.people)


def _citizens(plan: Plan, first: int, stop: int) -> Lines:
    for number in range(first, stop):
        chance = Random(number)  # noqa: S311 -- made-up rows
        name = chance.choice(FAMILY) + chance.choice(GIVEN) + chance.choice(GIVEN)
        ward = numbers.is_ward(number)  # of the one before, who is in the same part
        born = date(2013, 1, 1) if ward else date(1935, 1, 1)
        birth = born + timedelta(days=chance.randrange(365 * 7 if ward else 365 * 75))
        phone = numbers.phone(number - ward) if numbers.has_phone(number) else None
        verified = at = due = None
        if numbers.is_verified(number):
            due = plan.due_on(number - ward)
            verified = datetime.combine(due - timedelta(days=30), time(9), SEOUL)
            at = verified + timedelta(seconds=number % 30_000)
        yield line(
            plan.person(number), encrypt(name.encode(), purpose="citizen.name"),
            encrypt(birth.isoformat().encode(), purpose="citizen.birth"),
            phone and encrypt(phone.encode(), purpose="citizen.phone"),
            blind_index("name", name_key(name, birth)), phone and blind_index("phone", phone),
            chance.choice(plan.regions), "en" if number % 30 == 0 else "ko",
            plan.person(number - 1) if ward else None, "child" if ward else "",
            verified and verified - timedelta(days=60), at, due,
            plan.now - timedelta(seconds=chance.randrange(400 * 86_400)),
        )  # fmt: skip


def records(plan: Plan) -> list[Part]:
    """One for each person, and then further ones; most are vaccinations, the second a booster."""
    columns = "citizen_id kind day vaccine_id dose result_at immunodeficiency issuer certificate_number created_at revoked_at revoke_reason"  # noqa: E501
    return parts(plan, PassRecord, columns, _records, plan.sizes.records)


def _records(plan: Plan, first: int, stop: int) -> Lines:
    for number in range(first, stop):
        chance = Random(number)  # noqa: S311 -- made-up rows
        further = number // plan.sizes.people
        kind = chance.choices(KINDS, OFTEN)[0]
        day = plan.today - timedelta(
            days=chance.randrange(2 if kind == PassRecord.Kind.PCR_NEGATIVE else 90 if further else 200)
        )
        vaccine = dose = result = None
        if kind == PassRecord.Kind.VACCINATION:
            vaccine, doses = chance.choice(plan.vaccines)
            dose = doses + min(further, 2)
        elif kind == PassRecord.Kind.PCR_NEGATIVE:
            result = datetime.combine(day, time(chance.randrange(24)), SEOUL)
        revoked = number % 100 == 99
        yield line(
            plan.person(number % plan.sizes.people), kind.value, day, vaccine, dose, result,
            kind == PassRecord.Kind.EXEMPTION and number % 2 == 0, f"가상 의원 {number % ISSUERS + 1:02d}",
            f"M{number:09d}", datetime.combine(day, time(18), SEOUL), plan.now if revoked else None,
            "가상의 사유" if revoked else "",
        )  # fmt: skip


def devices(plan: Plan) -> list[Part]:
    """One for each person whose number is checked and who is not carried by another."""
    columns = "id citizen_id public_key token_hash created_at seen_at ended_at"
    return parts(plan, Device, columns, _devices, plan.sizes.people)


def _devices(plan: Plan, first: int, stop: int) -> Lines:
    for number in range(first, stop):
        if numbers.is_verified(number) and not numbers.is_ward(number):
            at = datetime.combine(plan.due_on(number) - timedelta(days=30), time(9), SEOUL)
            citizen = plan.person(number)
            yield line(plan.key("device", number), citizen, os.urandom(64), os.urandom(32), at, at, None)


def safe_numbers(plan: Plan) -> list[Part]:
    """For one person in twenty."""
    columns = "text phone phone_index issued_at ended_at held_by_id"
    return parts(plan, SafeNumber, columns, _safe_numbers, plan.sizes.people // 20)


def _safe_numbers(plan: Plan, first: int, stop: int) -> Lines:
    for number in range(first, stop):
        digits = number * 2_654_435_761 % SAFE  # prime: no two are the same
        letters = SYLLABLES[digits // 10_000 // 56] + SYLLABLES[digits // 10_000 % 56]
        phone = numbers.phone(number * 20)
        at = plan.now - timedelta(minutes=number)
        sealed, index = encrypt(phone.encode(), purpose="safe_number.phone"), blind_index("phone", phone)
        yield line(f"{digits % 10_000:04d}{letters}", sealed, index, at, None, None)


def requests(plan: Plan) -> list[Part]:
    """For one person in a thousand; of ten, one is open."""
    columns = "id citizen_id kind text opened_at answer closed_at closed_by_id"
    return parts(plan, Request, columns, _requests, max(1, plan.sizes.people // 1000))


def _requests(plan: Plan, first: int, stop: int) -> Lines:
    words = encrypt("가상의 요청입니다.".encode(), purpose="request.text")
    answer = encrypt("가상의 답변입니다.".encode(), purpose="request.answer")
    kinds = list(Request.Kind)
    for number in range(first, stop):
        at = plan.now - timedelta(minutes=number * 7)
        closing = (answer, at + timedelta(hours=5), plan.clerks[0]) if number % 10 else (None, None, None)
        yield line(
            plan.key("request", number), plan.person(number * 1000), kinds[number % len(kinds)].value, words, at,
            *closing,
        )  # fmt: skip


def reviews(plan: Plan) -> list[Part]:
    """For one person in a thousand; of ten, one is open."""
    columns = "kind citizen_id other_id opened_at closed_at closed_by_id answer"
    return parts(plan, Review, columns, _reviews, plan.sizes.people // 1000)


def _reviews(plan: Plan, first: int, stop: int) -> Lines:
    for number in range(first, stop):
        at = plan.now - timedelta(minutes=number * 11)
        closing = (at + timedelta(hours=3), plan.clerks[0], "가상의 판단") if number % 10 else (None, None, "")
        pair = plan.person(number * 1000 + 1), plan.person(number * 1000 + 2)
        yield line(Review.Kind.POSSIBLY_SAME.value, *pair, at, *closing)


def reminders(plan: Plan) -> list[Part]:
    """For one person in twenty: of a due date, sent."""
    columns = "citizen_id kind on days_before send_at message_id done_at"
    return parts(plan, Reminder, columns, _reminders, plan.sizes.people // 20)


def _reminders(plan: Plan, first: int, stop: int) -> Lines:
    for number in range(first, stop):
        due = plan.due_on(number * 20)
        at = datetime.combine(due - timedelta(days=7), time(10), SEOUL)
        yield line(
            plan.person(number * 20), Reminder.Kind.PHONE_CHECK.value, due, 7, at, None, at if at < plan.now else None
        )
