"""The access log of two years: citizens' checks, and clerks who looked somebody up, at a page, at a field."""

from datetime import timedelta
from random import Random

from config.scale.copying import Lines, Part, line, parts
from config.scale.plan import Plan
from registry.models import Event, Tag

KEPT = 2 * 365 * 86_400  # seconds
OFTEN = (
    (Tag.PHONE_VERIFIED, 30, False), (Tag.PASS_ISSUED, 30, False), (Tag.PERSON_SEARCHED, 15, True),
    (Tag.PERSON_SEEN, 15, True), (Tag.PERSON_REVEALED, 3, True), (Tag.RECORD_ADDED, 7, True),
)  # what, how often, whether by a clerk  # fmt: skip
HOW = ("전화 문의", "방문 민원", "국민신문고", "병원 요청", "보건소 요청", "본인 요청", "보호자 요청", "업소 문의")
WHAT = (
    "접종 이력 확인",
    "번호 변경",
    "증명서 재발급",
    "이름 정정",
    "생년월일 정정",
    "동명이인 확인",
    "종이 출입증",
    "빨간색 판정",
)


def events(plan: Plan) -> list[Part]:
    """Oldest first, as they were written."""
    return parts(plan, Event, "at tag actor_id address target reason detail", _events, plan.sizes.events)


def _events(plan: Plan, first: int, stop: int) -> Lines:
    chance = Random(first)  # noqa: S311 -- made-up rows
    weights = [often for _tag, often, _by in OFTEN]
    for number in range(first, stop):
        tag, _often, by_clerk = chance.choices(OFTEN, weights)[0]
        at = plan.now - timedelta(seconds=KEPT * (1 - number / plan.sizes.events))
        target = f"citizen:{plan.person(chance.randrange(plan.sizes.people))}"
        actor = chance.choice(plan.clerks) if by_clerk else None
        why = _reason(chance) if tag == Tag.PERSON_REVEALED else ""
        yield line(at, tag.value, actor, f"192.0.2.{chance.randrange(1, 255)}", target, why, {})


def _reason(chance: Random) -> str:
    """With a number, as requests have: of a log of few different words the database's statistics know too little."""
    return f"가상의 사유: {chance.choice(HOW)}, {chance.choice(WHAT)}, 접수 {chance.randrange(1, 500)}"
