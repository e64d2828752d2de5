"""Phone checks with their codes, the SMS of a month, and what is counted of them by the minute."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta

from config.scale import plan as numbers
from config.scale.copying import Lines, Part, line, parts
from config.scale.plan import Plan
from registry.models import Code, Message, Tally, Verification
from registry.secrets import blind_index, encrypt

CHECKS_WITHIN = 2 * 86_400  # seconds: a check is kept for two days
MESSAGES_WITHIN = 29 * 86_400
TALLIED = 24 * 60  # minutes


def _checks(plan: Plan, first: int, stop: int) -> Iterator[tuple[int, datetime, str]]:
    """Number, beginning and phone of each, newest first."""
    for number in range(first, stop):
        at = plan.now - timedelta(seconds=60 + number * (CHECKS_WITHIN - 60) / plan.sizes.checks)
        yield number, at, numbers.phone(number * 7 % plan.sizes.people)


def verifications(plan: Plan) -> list[Part]:
    columns = "id phone phone_index address_index started_at tries_left confirmed_at"
    return parts(plan, Verification, columns, _verifications, plan.sizes.checks)


def _verifications(plan: Plan, first: int, stop: int) -> Lines:
    for number, at, phone in _checks(plan, first, stop):
        confirmed = at + timedelta(seconds=20 + number % 60) if number % 10 else None
        yield line(
            plan.key("check", number), encrypt(phone.encode(), purpose="verification.phone"),
            blind_index("phone", phone), blind_index("address", f"192.0.2.{number % 254}"), at,
            4 if confirmed else 5 - number // 10 % 6, confirmed,
        )  # fmt: skip


def codes(plan: Plan) -> list[Part]:
    columns = "verification_id message_id hash phone_index address_index prefix_index created_at"
    return parts(plan, Code, columns, _codes, min(plan.sizes.checks, plan.sizes.messages))


def _codes(plan: Plan, first: int, stop: int) -> Lines:
    for number, at, phone in _checks(plan, first, stop):
        yield line(
            plan.key("check", number), plan.key("message", number), os.urandom(32), blind_index("phone", phone),
            blind_index("address", f"192.0.2.{number % 254}"), blind_index("prefix", phone[:-4]), at,
        )  # fmt: skip


def messages(plan: Plan) -> list[Part]:
    """The first carry the codes; older ones were reminders."""
    columns = "id phone phone_index text purpose status created_at not_after next_try_at tries taken_at delivered_at provider_id provider_reference error"  # noqa: E501
    return parts(plan, Message, columns, _messages, plan.sizes.messages)


def _messages(plan: Plan, first: int, stop: int) -> Lines:
    older = max(1, plan.sizes.messages - plan.sizes.checks)
    for number in range(first, stop):
        of_code = number < plan.sizes.checks
        if of_code:
            _number, at, phone = next(_checks(plan, number, number + 1))
        else:
            at = plan.now - timedelta(seconds=3600 + (number - plan.sizes.checks) * MESSAGES_WITHIN / older)
            phone = numbers.phone(number * 3 % plan.sizes.people)
        failed = number % 200 == 199
        taken = None if failed else at + timedelta(seconds=1)
        yield line(
            plan.key("message", number), encrypt(phone.encode(), purpose="message.phone"), blind_index("phone", phone),
            None, "code" if of_code else "reminder", "failed" if failed else "delivered", at,
            at + timedelta(minutes=3 if of_code else 600), at, 1, taken, taken and taken + timedelta(seconds=2),
            plan.provider, f"made-{number}", "rejected" if failed else "",
        )  # fmt: skip


def tallies(plan: Plan) -> list[Part]:
    return parts(plan, Tally, "minute provider_id what detail shard count", _tallies, TALLIED)


def _tallies(plan: Plan, first: int, stop: int) -> Lines:
    for number in range(first, stop):
        minute = plan.now.replace(second=0, microsecond=0) - timedelta(minutes=number)
        for what, detail, count in (("taken", "200", 40), ("delivered", "3000", 39), ("refused", "rejected", 1)):
            yield line(minute, plan.provider, what, detail, 0, count)
