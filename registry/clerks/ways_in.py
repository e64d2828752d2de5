"""The ways into a clerk's account that others can open: the mail address, a link for a new password, a second factor
set up anew. Whoever holds all three holds the account, so each needs a second person (registry/approvals.py), who reads
when and by whom each of them was last changed.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.html import format_html, format_html_join
from django.utils.http import urlsafe_base64_encode
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registry import approvals, audit, mail
from registry.clerks import mail_texts, second_factor
from registry.clerks.accounts import account_deed, account_in_words, check_may_change, user_of
from registry.errors import DomainError
from registry.models import Approval, Event, Tag, User

TOLD_FOR = timedelta(days=3)  # a mail about a changed address is of no use later


class NoAddress(DomainError):
    code = "no_address"
    status = 422
    message = _("This account has no mail address, so no link can be mailed. Ask for an address first.")


class SameAddress(DomainError):
    code = "same_address"
    status = 422
    message = _("The account has this mail address already.")


# --- what the second person reads


def _address_changed() -> Q:
    """Also in the days when one clerk could."""
    return Q(tag=Tag.ADDRESS_CHANGED) | Q(tag=Tag.CLERK_CHANGED, detail__fields__contains="email")


def changes_in_words(user: User) -> str:
    """What was last changed about the ways in, when and by whom, as the access log has it: safe HTML, a line each."""
    about = Event.objects.filter(target=audit.name_of(user)).select_related("actor")
    changes = [
        (_("Mail address last changed"), _latest(about.filter(_address_changed()))),
        (_("Second factor last reset"), _latest(about.filter(tag=Tag.SECOND_FACTOR_RESET))),
        (_("Link for a new password last sent"), _latest(about.filter(tag=Tag.PASSWORD_LINK_SENT))),
    ]
    return format_html_join(mark_safe("<br>"), "{}: {}", changes)


def _latest(events: QuerySet[Event]) -> str:
    event = events.order_by("-at").first()
    if event is None:
        return gettext("never, as far as the access log goes back")
    names = [name for name in (event.detail.get("asked_by"), event.actor and event.actor.username) if name]
    return f"{timezone.localtime(event.at):%Y-%m-%d %H:%M} ({' + '.join(names)})"


def _changes(approval: Approval) -> str:
    return changes_in_words(user_of(approval))


def _with_address(approval: Approval) -> Any:
    user = user_of(approval)
    return account_in_words(user, user.email or gettext("no mail address yet"))


# --- the mail address


def ask_for_address(
    user: User, email: str, *, by: User, reason: str, now: datetime, address: str | None = None
) -> Approval:  # fmt: skip
    """Ask a second person to make this the account's mail address, to which links go.

    Raises OwnAccount, NotAbove, OutsideRegion, SameAddress, approvals.AlreadyAsked.
    """
    check_may_change(user, by)
    if email == user.email:
        raise SameAddress
    return approvals.ask(
        "change_address", target=user, confidential=email, by=by, reason=reason, now=now, address=address
    )  # fmt: skip


def _address_in_words(approval: Approval) -> Any:
    words = _with_address(approval)
    if approval.confidential:
        words = format_html("{} → <strong>{}</strong>", words, approval.confidential)
    return words


@account_deed(
    "change_address",
    title=_("Change a clerk's mail address"),
    describe=_address_in_words,
    to_read=_changes,
)
def _change_address(approval: Approval, by: User, now: datetime) -> None:
    """The former address is told, so that its reader can say that it was not them."""
    user = user_of(approval)
    check_may_change(user, by)
    User.objects.filter(pk=user.pk).update(email=approval.confidential)
    if user.email and settings.EMAIL_HOST:
        mail.enqueue(user.email, *mail_texts.other_address(user.username), useful_for=TOLD_FOR, now=now)
    audit.record(
        Tag.ADDRESS_CHANGED, by=by, target=user, reason=approval.reason, asked_by=approval.requester.username
    )  # fmt: skip


# --- a new password


def check_reachable(user: User) -> None:
    """Whether a link can be mailed to the account's holder. Raises NoAddress, mail.NoMail."""
    if not user.email:
        raise NoAddress
    if not settings.EMAIL_HOST:
        raise mail.NoMail


def ask_for_password_link(
    user: User, *, by: User, reason: str, now: datetime, address: str | None = None
) -> Approval:  # fmt: skip
    """Ask a second person to have a link mailed by which the account's holder sets a new password.

    Raises OwnAccount, NotAbove, OutsideRegion, NoAddress, mail.NoMail, approvals.AlreadyAsked.
    """
    check_may_change(user, by)
    check_reachable(user)
    return approvals.ask("password_link", target=user, by=by, reason=reason, now=now, address=address)


@account_deed(
    "password_link",
    title=_("Mail a link to set a new password"),
    describe=_with_address,
    to_read=_changes,
)
def _send_password_link(approval: Approval, by: User, now: datetime) -> None:
    user = user_of(approval)
    check_may_change(user, by)
    if not user.email:
        raise NoAddress
    key, token = urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)
    link = settings.SITE_URL + reverse("admin:new_password", args=[key, token])
    useful_for = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    subject, text = mail_texts.new_password(link, user.username, now + useful_for)
    mail.enqueue(user.email, subject, text, useful_for=useful_for, now=now)
    audit.record(
        Tag.PASSWORD_LINK_SENT, by=by, target=user, reason=approval.reason, asked_by=approval.requester.username
    )


# --- the second factor


def ask_to_reset(user: User, *, by: User, reason: str, now: datetime, address: str | None = None) -> Approval:
    """Ask a second person to take the account's app and backup codes away, so that its holder sets up new ones.

    Raises OwnAccount, NotAbove, OutsideRegion, approvals.AlreadyAsked.
    """
    check_may_change(user, by)
    return approvals.ask("reset_second_factor", target=user, by=by, reason=reason, now=now, address=address)


@account_deed(
    "reset_second_factor",
    title=_("Reset a clerk's second factor"),
    describe=_with_address,
    to_read=_changes,
)
def _reset(approval: Approval, by: User, now: datetime) -> None:
    user = user_of(approval)
    check_may_change(user, by)
    second_factor.reset(user, by=by, reason=approval.reason, asked_by=approval.requester.username)
