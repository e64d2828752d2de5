"""Drafts of policies for tests: as the form sends them, and as they stand before publishing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from registry import jobs, policy
from registry.admin.policy_form import values_of
from registry.models import PolicyVersion, User
from registry.policymaking import publishing
from registry.validity import Rules
from venues import category_rules, policies

NO_INLINES = {
    f"category_rules-{name}": value for name, value in {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0}.items()
}  # fmt: skip


def form(**fields: Any) -> dict[str, Any]:
    """What the page of a draft sends: the rules in force, in 30 days, but for `fields`."""
    now = PolicyVersion.objects.published().latest("effective_on")
    values = values_of(Rules.from_json(now.rules))
    sent = {name: value for name, value in values.items() if value is not None and value is not False}
    sent |= {name: getattr(now, name) for name in publishing.COPIED if name != "rules"}
    day = (timezone.localdate() + timedelta(days=30)).isoformat()
    return {"title": "시험", "effective_on": day, "floor_from": ""} | sent | NO_INLINES | fields


def page_of(version: PolicyVersion, action: str = "change") -> str:
    return reverse(f"admin:registry_policyversion_{action}", args=[version.pk])


def draft(*, by: User | None = None, day: date | None = None, **changes: Any) -> PolicyVersion:
    """A draft with the rules and categories in force today; `changes` are of the rules."""
    now = policy.in_force_on(timezone.localdate())
    rules = Rules.from_json(now.rules).as_json() | changes
    day = day or timezone.localdate() + timedelta(days=30)
    version = PolicyVersion.objects.create(title="시험", effective_on=day, rules=rules, author=by)
    category_rules.copy(now, version)
    return version


def previewed(version: PolicyVersion, *, by: User) -> PolicyVersion:
    """With a fresh preview."""
    job = policies.begin_preview(version, by=by, now=timezone.now())
    assert not jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == job.State.DONE, job.error
    version.refresh_from_db()
    return version
