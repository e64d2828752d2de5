"""A policy version with what the venues have of it: previewed as a job, published and its floor set by two people."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registry import approvals, jobs, vault
from registry.models import Approval, Job, PolicyPreview, PolicyVersion, User
from registry.policymaking import preview, publishing
from registry.policymaking.effects import figures
from venues import category_rules, manifest
from venues.models import CategoryRule, Venue

PREVIEW, PUBLISH, FLOOR = "policy_preview", "policy_publish", "policy_floor"
MAY = "registry.change_policyversion"


def page_of(version: int | str) -> str:
    return reverse("admin:registry_policyversion_change", args=[version])


def _of(approval: Approval) -> PolicyVersion:
    """The version that an approval is about."""
    return PolicyVersion.objects.get(pk=approval.target_key)


# --- the preview


def begin_preview(version: PolicyVersion, *, by: User, now: datetime, address: str | None = None) -> Job:
    """Ask for the preview of a draft; the page of the version shows how far it is."""
    return preview.begin(PREVIEW, version, by=by, now=now, address=address)


@jobs.kind(
    PREVIEW,
    title=_("Preview of a policy"),
    permission="registry.view_policyversion",
    page=lambda job: page_of(job.values["version"]),
)
def step_of_preview(job: Job, now: datetime) -> bool:
    """A part of the people; with the last one the venues."""
    version = PolicyVersion.objects.get(pk=job.values["version"])
    if preview.step(job, version):
        return True
    preview.keep(job, version, venues=effects(version, job.at["bases"]), now=now)
    return False


def effects(version: PolicyVersion, bases: list[list[int]]) -> list[object]:
    """For each category of which something changes on one of the preview's days: [category, open venues, what it asks
    on each day without the draft and with it], where asking is [asks, alone]."""
    rules = {(rule.policy_id, rule.category_id): rule for rule in CategoryRule.objects.filter(policy__in=_flat(bases))}
    venues = dict(Venue.objects.open().values_list("category").annotate(n=Count("pk")).order_by())
    found: list[object] = []
    for category in sorted({category for _policy, category in rules}):
        days = [
            [_asked(rules.get((number, category)), day) for number in numbers]
            for day, numbers in zip(preview.days_of(version), bases, strict=True)
        ]
        if any(before != after for before, after in days):
            found.append([category, venues.get(category, 0), days])
    return found


def _flat(bases: list[list[int]]) -> Iterable[int]:
    return {number for numbers in bases for number in numbers}


def _asked(rule: CategoryRule | None, day: date) -> list[bool]:
    asks = bool(rule and rule.asks_on(day))
    return [asks, bool(asks and rule and rule.alone)]


# --- publishing


@transaction.atomic
def ask_to_publish(
    version: PolicyVersion, *, reason: str, by: User, now: datetime, address: str | None = None
) -> Approval:
    """Ask a second person to publish a draft. Raises what `publishing.check` does, Unsound for the categories too, and
    AlreadyAsked."""
    publishing.check(version, now=now)
    category_rules.check(version)
    values = {"revision": version.revision}
    return approvals.ask(PUBLISH, target=version, by=by, reason=reason, now=now, values=values, address=address)


def _describe_publishing(approval: Approval) -> str:
    version = _of(approval)
    words = gettext("“{title}”, in force from {day}.")
    told = format_html(words, title=version.title, day=date_format(version.effective_on))
    found = PolicyPreview.objects.filter(version=version).first()
    if found is None:
        return told
    first = figures([((bits, group, province), people) for bits, group, province, people in found.people], 0)
    words = gettext("On that day {lose} people lose a valid pass and {gain} gain one; {same} unchanged.")
    return format_html(
        "{} {}", told, words.format(lose=f"{first.lose:,}", gain=f"{first.gain:,}", same=f"{first.unchanged:,}")
    )


@approvals.deed(
    PUBLISH,
    title=_("Publish a policy"),
    permission=MAY,
    describe=_describe_publishing,
    page=lambda approval: page_of(approval.target_key),
)
def publish(approval: Approval, decider: User, now: datetime) -> None:
    """Bring a draft into force as it stood when it was asked for."""
    version = _of(approval)
    if version.revision != approval.values["revision"]:
        raise preview.DraftChanged
    category_rules.check(version)
    publishing.publish(version, by=decider, now=now)
    transaction.on_commit(manifest.forget)


# --- the floor


@transaction.atomic
def ask_for_floor(
    version: PolicyVersion, day: date, *, reason: str, by: User, now: datetime, address: str | None = None
) -> Approval:
    """Ask a second person to have passes that are older than a published version end on a day. The number of phones
    that have to fetch theirs anew stands on the request. Raises NotPublished, Unsound, AlreadyAsked."""
    if not version.published_at:
        raise publishing.NotPublished
    version.floor_from = day
    publishing.check_floor(version, today=vault.today(now))
    values = {"day": day.isoformat(), "phones": preview.phones(version, day, now=now)}
    return approvals.ask(FLOOR, target=version, by=by, reason=reason, now=now, values=values, address=address)


def _describe_floor(approval: Approval) -> str:
    day, phones = date.fromisoformat(approval.values["day"]), approval.values["phones"]
    words = gettext(
        "Passes older than version {version} end on {day}. {phones} phones have to be opened with a network by then; "
        "the others show a pass that scanners call outdated."
    )
    return format_html(words, version=_of(approval), day=date_format(day), phones=f"{phones:,}")


@approvals.deed(
    FLOOR,
    title=_("End older passes"),
    permission=MAY,
    describe=_describe_floor,
    page=lambda approval: page_of(approval.target_key),
)
def set_floor(approval: Approval, decider: User, now: datetime) -> None:
    """Have older passes end, as asked for."""
    day = date.fromisoformat(approval.values["day"])
    publishing.set_floor(_of(approval), day, by=decider, now=now, reason=approval.reason)


# --- back to an older version


@transaction.atomic
def go_back_to(
    old: PolicyVersion, *, title: str, effective_on: date, by: User, now: datetime, address: str | None = None
) -> PolicyVersion:
    """A draft with all rules of a published version, its preview under way. Raises NotPublished."""
    draft = publishing.back_to(old, title=title, effective_on=effective_on, by=by, address=address)
    category_rules.copy(old, draft)
    begin_preview(draft, by=by, now=now, address=address)
    return draft
