"""Those who run venues, their venues and scanners, and what they apply for."""

import os
from datetime import timedelta

from config.scale import plan as numbers
from config.scale.copying import Lines, Part, line, parts
from config.scale.plan import Plan
from registry.models import User
from registry.secrets import blind_index, encrypt
from venues.models import Account, Application, Operator, Scanner, Staff, Venue
from venues.models.places import WEIGHTS

PREFIX = "made-"  # of the names by which users sign in; none of them has a password
BRANCHES = ("본점", "역전점", "중앙점", "시장점", "공원점")


def business_number(number: int) -> str:
    """Ten digits, the last computed, with a first that no tax office has; one for each number under eight million."""
    nine = f"9{number // 9000 // 89 % 100:02d}{11 + number // 9000 % 89:02d}{1 + number % 9000:04d}"
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, nine, strict=True))
    return nine + str((10 - (total + int(nine[8]) * 5 // 10) % 10) % 10)


def users(plan: Plan) -> list[Part]:
    """One owner for each operator."""
    columns = "id username password is_staff is_superuser is_active date_joined"
    return parts(plan, User, columns, _users, plan.sizes.operators)


def _users(plan: Plan, first: int, stop: int) -> Lines:
    for number in range(first, stop):
        joined = plan.now - timedelta(minutes=number)
        yield line(plan.first_user + number, f"{PREFIX}owner-{number:07d}", "!", False, False, True, joined)


def accounts(plan: Plan) -> list[Part]:
    columns = "user_id name phone phone_index proven_at terms agreed_at"
    return parts(plan, Account, columns, _accounts, plan.sizes.operators)


def _accounts(plan: Plan, first: int, stop: int) -> Lines:
    for number in range(first, stop):
        phone, at = numbers.phone(9_000_000 + number), plan.now - timedelta(minutes=number)
        name = encrypt("가상 사업주".encode(), purpose="account.name")
        sealed = encrypt(phone.encode(), purpose="account.phone")
        yield line(plan.first_user + number, name, sealed, blind_index("phone", phone), at, "1", at)


def operators(plan: Plan) -> list[Part]:
    return parts(plan, Operator, "id name business_number created_at", _operators, plan.sizes.operators)


def _operators(plan: Plan, first: int, stop: int) -> Lines:
    for number in range(first, stop):
        at = plan.now - timedelta(minutes=number)
        key = plan.first_operator + number
        yield line(key, f"가상 상사 {number:06d}", business_number(key), at)


def staff(plan: Plan) -> list[Part]:
    return parts(plan, Staff, "operator_id user_id role", _staff, plan.sizes.operators)


def _staff(plan: Plan, first: int, stop: int) -> Lines:
    for number in range(first, stop):
        yield line(plan.first_operator + number, plan.first_user + number, "owner")


def venues(plan: Plan) -> list[Part]:
    columns = "id operator_id name category_id region address capacity status created_at"
    return parts(plan, Venue, columns, _venues, plan.sizes.venues)


def _venues(plan: Plan, first: int, stop: int) -> Lines:
    for number in range(first, stop):
        yield line(
            plan.first_venue + number, plan.first_operator + numbers.operator_of(number), name_of(number),
            plan.categories[number % len(plan.categories)], plan.venue_region(number),
            f"가상로 {number}", 20 + number % 80, "suspended" if number % 500 == 499 else "open",
            plan.now - timedelta(minutes=number),
        )  # fmt: skip


def name_of(venue: int) -> str:
    return f"가상 {venue:06d} {BRANCHES[venue % len(BRANCHES)]}"


def scanners(plan: Plan) -> list[Part]:
    """One at each venue."""
    columns = "id venue_id name token_hash paired_at paired_by_id seen_at"
    return parts(plan, Scanner, columns, _scanners, plan.sizes.venues)


def _scanners(plan: Plan, first: int, stop: int) -> Lines:
    for number in range(first, stop):
        owner = plan.first_user + numbers.operator_of(number)
        seen = plan.now - timedelta(seconds=number % 90_000)
        paired = plan.now - timedelta(days=30, minutes=number % 9000)
        key = plan.first_scanner + number
        yield line(key, plan.first_venue + number, "입구", os.urandom(32), paired, owner, seen)


def applications(plan: Plan) -> list[Part]:
    """One for forty venues; of twenty, one waits and one was asked back."""
    columns = "kind applicant_id operator_id operator_name business_number venue_id venue_name category_id region address capacity status sent_at decided_at decided_by_id"  # noqa: E501
    return parts(plan, Application, columns, _applications, plan.sizes.applications)


def _applications(plan: Plan, first: int, stop: int) -> Lines:
    for number in range(first, stop):
        venue = number * 40
        operator = numbers.operator_of(venue)
        at = plan.now - timedelta(minutes=number * 9)
        status = {0: "waiting", 1: "asked", 2: "rejected"}.get(number % 20, "approved")
        decided = (None, None) if number % 20 < 2 else (at + timedelta(hours=20), plan.clerks[0])
        approved = status == "approved"
        yield line(
            "venue", plan.first_user + operator, plan.first_operator + operator if approved else None,
            f"가상 상사 {operator:06d}", business_number(plan.first_operator + operator),
            plan.first_venue + venue if approved else None, name_of(venue),
            plan.categories[venue % len(plan.categories)], plan.venue_region(venue), f"가상로 {venue}", 40, status, at,
            *decided,
        )  # fmt: skip
