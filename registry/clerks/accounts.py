"""Accounts of clerks: what another person does to them. What gives power needs a second person (registry/approvals.py):
roles, a region, an account opened again, and the ways in (registry/clerks/ways_in.py). What takes it away is done at
once. A clerk of a region does this to clerks of that region, for that region, and to nobody else.
"""

from datetime import datetime
from functools import partial
from typing import Any

from axes.utils import reset as forget_tries
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registry import approvals, audit, regions
from registry.clerks import roles
from registry.errors import DomainError
from registry.models import Approval, Role, Tag, User


class OwnAccount(DomainError):
    code = "own_account"
    status = 403
    message = _("This is your own account: somebody else must do this.")


class NotAbove(DomainError):
    code = "not_above"
    status = 403
    message = _("Only a superuser may do this to a superuser.")


class NothingNew(DomainError):
    code = "nothing_new"
    status = 422
    message = _("The account has these roles and this region already.")


class Closed(DomainError):
    code = "closed"
    message = _("The account is closed already.")


class NotClosed(DomainError):
    code = "not_closed"
    message = _("The account is open already.")


def check_may_change(user: User, by: User) -> None:
    """Raises OwnAccount, NotAbove, OutsideRegion."""
    if user.pk == by.pk:
        raise OwnAccount
    if user.is_superuser and not by.is_superuser:
        raise NotAbove
    if not by.covers(user.region):
        raise approvals.OutsideRegion


def region_of(user: User, values: dict[str, Any]) -> str:
    """What is asked for about an account concerns its region; where it is to have another, what the two share."""
    wanted = values.get("region", user.region)
    shared = (region for region in (user.region, wanted, user.region[:2]) if wanted.startswith(region))
    return next((region for region in shared if user.region.startswith(region)), "")


def role_names(values: list[str]) -> str:
    """Roles in words."""
    return ", ".join(str(Role(value).label) for value in values) or gettext("none")


def account_in_words(user: User, told: str) -> Any:
    """An account and what is told of it, as a request about it is shown (safe HTML)."""
    return format_html("<strong>{}</strong>: {}", user.username, told)


# --- roles and region


def ask_for_roles(
    user: User, given: list[str], region: str, *, by: User, reason: str, now: datetime, address: str | None = None
) -> Approval:
    """Ask a second person to make these the clerk's roles, and this the region.

    Raises OwnAccount, NotAbove, OutsideRegion, NothingNew, approvals.AlreadyAsked.
    """
    check_may_change(user, by)
    if set(given) == user.roles and region == user.region:
        raise NothingNew
    values = {"roles": sorted(given), "region": region}
    return approvals.ask(
        "change_roles", target=user, values=values, by=by, reason=reason, now=now, address=address
    )  # fmt: skip


def user_of(approval: Approval) -> User:
    """Whose account an approval is about."""
    return User.objects.get(pk=int(approval.target_key))


def page_of(approval: Approval) -> str:
    return reverse("admin:registry_user_change", args=[approval.target_key])


account_deed = partial(approvals.deed, permission="registry.change_user", page=page_of, region=region_of)


def _roles_in_words(approval: Approval) -> Any:
    user, values = user_of(approval), approval.values
    return format_html(
        "<strong>{}</strong> {}: {} → {}. {}: {} → {}.",
        user.username, gettext("Roles"), role_names(sorted(user.roles)), role_names(values["roles"]),
        gettext("Region"), regions.called(user.region) or gettext("the whole country"),
        regions.called(values["region"]) or gettext("the whole country"),
    )  # fmt: skip


@account_deed(
    "change_roles",
    title=_("Change a clerk's roles"),
    describe=_roles_in_words,
)
def _change_roles(approval: Approval, by: User, now: datetime) -> None:
    """Nobody grants their own: not what they asked for, and not what is about them. It holds from the next request."""
    user = user_of(approval)
    check_may_change(user, by)
    before: dict[str, Any] = {"before": sorted(user.roles), "region_before": user.region}
    roles.give(user, *(Role(value) for value in approval.values["roles"]))
    User.objects.filter(pk=user.pk).update(region=approval.values["region"])
    audit.record(
        Tag.ROLES_CHANGED, by=by, target=user, reason=approval.reason, **before, after=approval.values["roles"],
        region=approval.values["region"], asked_by=approval.requester.username,
    )  # fmt: skip


# --- closing and opening


@transaction.atomic
def close(user: User, *, by: User, reason: str, address: str | None = None) -> None:
    """Close an account: its sessions end at once, nobody signs in with it. Raises OwnAccount, NotAbove, OutsideRegion,
    Closed."""
    check_may_change(user, by)
    if not User.objects.filter(pk=user.pk, is_active=True).update(
        is_active=False, sessions_ended=F("sessions_ended") + 1
    ):
        raise Closed
    audit.record(Tag.CLERK_LEFT, by=by, target=user, reason=reason, address=address)


def ask_to_open(user: User, *, by: User, reason: str, now: datetime, address: str | None = None) -> Approval:
    """Ask a second person to open a closed account again, with the roles it had.

    Raises OwnAccount, NotAbove, OutsideRegion, NotClosed, approvals.AlreadyAsked.
    """
    check_may_change(user, by)
    if user.is_active:
        raise NotClosed
    return approvals.ask("open_account", target=user, by=by, reason=reason, now=now, address=address)


def _with_roles(approval: Approval) -> Any:
    user = user_of(approval)
    return account_in_words(user, role_names(sorted(user.roles)))


@account_deed(
    "open_account",
    title=_("Open a closed account again"),
    describe=_with_roles,
)
def _open(approval: Approval, by: User, now: datetime) -> None:
    user = user_of(approval)
    check_may_change(user, by)
    if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        raise NotClosed
    audit.record(
        Tag.CLERK_BACK, by=by, target=user, reason=approval.reason, asked_by=approval.requester.username
    )  # fmt: skip


@transaction.atomic
def lift_lock(user: User, *, by: User, address: str | None = None) -> None:
    """Forget wrong tries, so that the account can be signed in to at once. Raises as `check_may_change`."""
    check_may_change(user, by)
    audit.record(Tag.LOCK_LIFTED, by=by, target=user, address=address)
    forget_tries(username=user.username)
