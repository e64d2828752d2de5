"""What the registry starts with: vaccines, the policy versions of 2021 and 2022, roles, an SMS provider, keys.

Everything is left alone where it exists, so that what a clerk changed stays changed.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from registry import policy, signing, vault
from registry.clerks import roles
from registry.models import Budget, OutageRule, PolicyVersion, Provider, RevealRule, Vaccine

SEEDS = Path(__file__).parent / "seeds"


def read(name: str) -> Any:
    return json.loads((SEEDS / name).read_text())


def seed(*, today_policy: bool = False) -> None:
    """Load what is lacking. `today_policy` adds, for demo and tests, a version in force today with 2022's rules."""
    now = timezone.now()
    with transaction.atomic():
        roles.seed_roles()
        Vaccine.objects.bulk_create([Vaccine(**row) for row in read("vaccines.json")], ignore_conflicts=True)
        Provider.objects.get_or_create(name="http", defaults={"kind": Provider.Kind.HTTP})
        Budget.objects.get_or_create(pk=1)
        OutageRule.objects.get_or_create(pk=1)
        RevealRule.objects.get_or_create(pk=1)
        for row in read("policies.json"):
            if today_policy or not row.get("today"):
                _seed_policy(row)
    policy.forget()
    signing.make_keys_ahead(vault.today(now))
    vault.make_keys_ahead(vault.today(now))


def _seed_policy(row: dict[str, Any]) -> None:
    effective_on = date.fromisoformat(row["effective_on"])
    if not PolicyVersion.objects.published().filter(effective_on=effective_on).exists():
        PolicyVersion.objects.create(
            title=row["title"], effective_on=effective_on, rules=row["rules"], published_at=timezone.now()
        )
