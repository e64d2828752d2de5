"""What the categories of venues ask for under a policy."""

from datetime import date

from django.db import transaction

from registry import policy
from registry.errors import DomainError
from registry.models import PolicyVersion
from venues.models import CategoryRule


@transaction.atomic
def copy_from_policy_in_force(draft: PolicyVersion, day: date) -> None:
    """Give a new draft the rules that are in force on `day`: without a rule a category would ask for no pass at all.

    Where no policy is in force there is nothing to copy.
    """
    try:
        now = policy.in_force_on(day)
    except DomainError:
        return
    for rule in CategoryRule.objects.filter(policy_id=now.pk).order_by("category__position"):
        CategoryRule.objects.create(
            policy=draft, category_id=rule.category_id, asks=rule.asks, asks_from=rule.asks_from,
            asks_until=rule.asks_until, alone=rule.alone,
        )  # fmt: skip
