"""What the categories of venues ask for under a policy: copied to a draft, told in words, and checked for gaps."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext

from registry import policy
from registry.errors import DomainError
from registry.models import PolicyVersion
from registry.policymaking.publishing import Unsound
from venues.models import Category, CategoryRule

DAY = timedelta(days=1)


@transaction.atomic
def copy_from_policy_in_force(draft: PolicyVersion, day: date) -> None:
    """Give a new draft the rules that are in force on `day`; where no policy is in force, none asks for a pass."""
    try:
        now = policy.in_force_on(day)
    except DomainError:
        now = None
    copy(now, draft)


@transaction.atomic
def copy(source: PolicyVersion | None, draft: PolicyVersion) -> None:
    """Give a draft one rule for each category, as `source` has it: without days that are over when the draft begins."""
    rules = {rule.category_id: rule for rule in CategoryRule.objects.filter(policy=source)} if source else {}
    for category in Category.objects.all():
        old = rules.get(category.pk)
        if old is None or (old.asks_until and old.asks_until < draft.effective_on):
            CategoryRule.objects.create(policy=draft, category=category, asks=False)
            continue
        since = old.asks_from if old.asks_from and old.asks_from > draft.effective_on else None
        CategoryRule.objects.create(
            policy=draft, category=category, asks=old.asks, asks_from=since, asks_until=old.asks_until, alone=old.alone
        )


def in_words(version: PolicyVersion) -> dict[Any, str]:
    """What each category asks for under a version, in words."""
    rules = {rule.category_id: rule for rule in CategoryRule.objects.filter(policy=version)}
    return {category: _words(rules.get(category.pk)) for category in Category.objects.all()}


def _words(rule: CategoryRule | None) -> str:
    if rule is None or not rule.asks:
        return gettext("asks for no pass")
    told = gettext("asks for a pass")
    if rule.asks_from:
        told += " " + gettext("from {day}").format(day=date_format(rule.asks_from))
    if rule.asks_until:
        told += " " + gettext("through {day}").format(day=date_format(rule.asks_until))
    return told + (", " + gettext("a guest without one may sit alone") if rule.alone else "")


def check(version: PolicyVersion) -> None:
    """That the days on which the categories ask leave no gap. Raises Unsound."""
    found = [f"{rule.category}: {words}" for rule, words in problems(version, _of(version))]
    if found:
        raise Unsound(problems=" ".join(found))


def _of(version: PolicyVersion) -> list[CategoryRule]:
    return list(CategoryRule.objects.filter(policy=version).select_related("category").order_by("category__position"))


def problems(version: PolicyVersion, rules: list[CategoryRule]) -> Iterator[tuple[CategoryRule, str]]:
    """Rules of a draft (saved or not) that never hold, or that leave days on which nobody is asked though a pass is
    asked for on the day before the draft and later on under it."""
    first = version.effective_on
    later = PolicyVersion.objects.published().filter(effective_on__gt=first).exclude(pk=version.pk)
    after = later.order_by("effective_on").values_list("effective_on", flat=True).first()
    before = _asking_on(first - DAY, version)
    for rule in rules:
        if not rule.asks:
            continue
        since = max(rule.asks_from or first, first)
        if rule.asks_until and rule.asks_until < since:
            yield rule, gettext("“until” lies before the first day. Untick “asks for a pass”, or enter a later day.")
        elif after and since >= after:
            words = gettext("Another version begins on {day}, before this one asks. Untick “asks for a pass”.")
            yield rule, words.format(day=date_format(after))
        elif since > first and rule.category_id in before:
            words = gettext(
                "A pass is asked for until {last}, and from {since} again: on the days between, nobody would be asked. "
                "Leave “from” empty, or publish a version of its own for those days."
            )
            yield rule, words.format(last=date_format(first - DAY), since=date_format(since))


def _asking_on(day: date, version: PolicyVersion) -> set[str]:
    """The categories that ask on a day, without this version."""
    others = PolicyVersion.objects.published().filter(effective_on__lte=day).exclude(pk=version.pk)
    now = others.order_by("-effective_on").first()
    return {rule.category_id for rule in CategoryRule.objects.filter(policy=now) if rule.asks_on(day)} if now else set()
