"""How a draft becomes a policy in force: checked, previewed, published by a second person; and how it is taken back."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from registry import audit, policy, vault
from registry.errors import DomainError
from registry.models import PolicyPreview, PolicyVersion, Tag, User
from registry.policymaking import checks, preview
from registry.validity import Rules

FLOOR_NOTICE = timedelta(days=7)
COPIED = (
    "rules", "reverify_days", "due_earliest", "due_latest", "grace_days", "renewal_opens_days",
    "outage_extension_days",
)  # fmt: skip


class OwnPolicy(DomainError):
    code = "own_policy"
    status = 403
    message = _("You wrote it yourself: a second person must publish it.")


class AlreadyPublished(DomainError):
    code = "already_published"
    message = _("This version is already published.")


class Unsound(DomainError):
    """`problems` says in words what is wrong and what to do."""

    code = "unsound_policy"
    status = 422
    message = _("It cannot be published like this: {problems}")


class NoFreshPreview(DomainError):
    code = "no_fresh_preview"
    message = _("It cannot be published without a fresh preview. {why}")


class TooSoon(DomainError):
    code = "too_soon"
    status = 422
    message = _(
        "Older passes may end at the earliest 7 days after publishing. Publish without that day; if it has to be "
        "sooner, ask for it afterwards with “End older passes”."
    )


class NotPublished(DomainError):
    code = "not_published"
    message = _("This version is not published.")


def changed(version: PolicyVersion) -> None:
    """Note that a draft is another one than before: its preview and requests to publish it do not count any more."""
    PolicyVersion.objects.filter(pk=version.pk).update(revision=F("revision") + 1)
    version.refresh_from_db(fields=["revision"])


def fresh_preview(version: PolicyVersion, *, now: datetime) -> PolicyPreview:
    """The version's preview. Raises NoFreshPreview."""
    found = PolicyPreview.objects.filter(version=version).first()
    if found is None:
        raise NoFreshPreview(why=_("There is none yet: press “Preview”."))
    if why := preview.stale(found, version, now=now):
        raise NoFreshPreview(why=why)
    return found


def check(version: PolicyVersion, *, now: datetime) -> None:
    """That a draft may be published as it stands. Raises AlreadyPublished, InvalidRules, Unsound, TooSoon,
    NoFreshPreview."""
    if version.published_at:
        raise AlreadyPublished
    today, others = vault.today(now), PolicyVersion.objects.published()
    problems = [*checks.of_rules(policy.rules_of(version)), *checks.of_days(version, others, today=today)]
    if problems:
        raise Unsound(problems=" ".join(problem.message for problem in problems))
    if version.floor_from and version.floor_from < today + FLOOR_NOTICE:
        raise TooSoon
    fresh_preview(version, now=now)


@transaction.atomic
def publish(version: PolicyVersion, *, by: User, now: datetime, address: str | None = None) -> None:
    """Bring a version into force from its effective day.

    Raises OwnPolicy, AlreadyPublished, InvalidRules, Unsound, TooSoon, NoFreshPreview.
    """
    if version.author_id == by.pk:
        raise OwnPolicy
    check(version, now=now)
    drafts = PolicyVersion.objects.filter(pk=version.pk, revision=version.revision, published_at__isnull=True)
    if not drafts.update(published_at=now, approver=by):
        raise AlreadyPublished
    day = version.effective_on.isoformat()
    audit.record(Tag.POLICY_PUBLISHED, by=by, target=version, address=address, effective_on=day)
    transaction.on_commit(policy.forget)


@transaction.atomic
def set_floor(version: PolicyVersion, day: date, *, by: User, now: datetime, reason: str = "") -> None:
    """Have passes that are older than a published version end on a day, also sooner than in a week: phones that were
    not opened by then show a pass that scanners call outdated. Raises NotPublished, Unsound."""
    if not version.published_at:
        raise NotPublished
    version.floor_from = day
    check_floor(version, today=vault.today(now))
    PolicyVersion.objects.filter(pk=version.pk).update(floor_from=day)
    count = preview.phones(version, day, now=now)
    audit.record(Tag.POLICY_FLOOR_SET, by=by, target=version, reason=reason, floor_from=f"{day}", phones=count)
    transaction.on_commit(policy.forget)


def check_floor(version: PolicyVersion, *, today: date) -> None:
    """That older passes may end on the version's day. Raises Unsound."""
    others = PolicyVersion.objects.published().exclude(pk=version.pk)
    problems = [problem.message for problem in checks.of_floor(version, others)]
    if version.floor_from and version.floor_from < today:
        problems.append(str(_("The day is over. Enter today or a later day.")))
    if problems:
        raise Unsound(problems=" ".join(problems))


@transaction.atomic
def back_to(
    old: PolicyVersion, *, title: str, effective_on: date, by: User, address: str | None = None
) -> PolicyVersion:
    """A draft with the rules of a published version, to be previewed and published like any other. Rules keep their
    meaning: the rows of the old version are not touched."""
    if not old.published_at:
        raise NotPublished
    copied = {name: getattr(old, name) for name in COPIED}
    draft = PolicyVersion.objects.create(
        title=title, effective_on=effective_on, back_to=old, author=by, **copied | {"rules": rules_as_now(old)}
    )
    audit.record(Tag.POLICY_COPIED, by=by, target=draft, address=address, of=old.number)
    return draft


def rules_as_now(version: PolicyVersion) -> dict[str, object]:
    """The version's rules in the shape that is written today."""
    return Rules.from_json(version.rules).as_json()
