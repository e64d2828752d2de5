"""The categories of venues and, for each policy version that we ship, which of them ask for a pass (seeds/*.json)."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from registry.models import PolicyVersion
from venues.models import Category, CategoryRule

SEEDS = Path(__file__).parent / "seeds"
TODAY_POLICY = date(2024, 1, 1)


def read(name: str) -> list[dict[str, Any]]:
    """The rows of a seed file."""
    return list(json.loads((SEEDS / name).read_text(encoding="utf-8")))


@transaction.atomic
def seed(*, today_policy: bool = False) -> None:
    """Add what is missing, and never touch what a clerk has written, changed or deleted.

    A policy's rules are written once, as a whole: their history tells that it was done, even where a clerk has removed
    them all since. `today_policy` adds the rules of the demo's policy of 2024-01-01. Call it after registry.seeding.
    """
    for position, row in enumerate(read("categories.json")):
        Category.objects.get_or_create(code=row["code"], defaults=row | {"position": position})
    for row in read("category_rules.json"):
        effective_on = date.fromisoformat(row["effective_on"])
        if effective_on != TODAY_POLICY or today_policy:
            _seed_rules(effective_on, row["rules"])


def _seed_rules(effective_on: date, rules: dict[str, dict[str, Any]]) -> None:
    policy = PolicyVersion.objects.published().filter(effective_on=effective_on).first()
    history: QuerySet[Any] = CategoryRule.history.all()  # type: ignore[attr-defined]
    if policy is None or history.filter(policy_id=policy.pk).exists():
        return
    known = set(Category.objects.values_list("code", flat=True))
    for code, rule in rules.items():
        if code in known:
            CategoryRule.objects.create(policy=policy, category_id=code, **rule)
