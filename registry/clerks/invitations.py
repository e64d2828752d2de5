"""A clerk is invited by mail: one asks, a second person grants, the link goes out, its reader sets up the account.

The link is good for three days and once; we keep its hash.
"""

import secrets as random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registry import approvals, audit, mail, regions, secrets
from registry.clerks import mail_texts, roles
from registry.errors import DomainError
from registry.models import Approval, ClerkInvitation, Role, Tag, User

GOOD_FOR = timedelta(days=3)
DEED = "invite_clerk"


class InvitationOver(DomainError):
    code = "invitation_over"
    status = 410
    message = _("This invitation was used, taken back, or is past. Please ask whoever invited you for another.")


class NameTaken(DomainError):
    code = "name_taken"
    message = _("This user name is taken. Please choose another.")


@transaction.atomic
def ask(
    email: str, given: list[str], region: str, *, by: User, reason: str, now: datetime, address: str | None = None
) -> ClerkInvitation:
    """Ask a second person to invite somebody with these roles. Raises mail.NoMail, OutsideRegion."""
    if not settings.EMAIL_HOST:
        raise mail.NoMail
    invitation = ClerkInvitation.objects.create(
        email=email, roles=sorted(given), region=region, inviter=by, asked_at=now
    )
    approvals.ask(DEED, target=invitation, by=by, reason=reason, now=now, address=address)
    return invitation


def _invitation_of(approval: Approval) -> ClerkInvitation:
    return ClerkInvitation.objects.get(pk=UUID(approval.target_key))


def _in_words(approval: Approval) -> Any:
    invitation = _invitation_of(approval)
    return format_html(
        "<strong>{}</strong> {}: {}. {}: {}.", invitation.email, gettext("Roles"), invitation.role_names,
        gettext("Region"), regions.called(invitation.region) or gettext("the whole country"),
    )  # fmt: skip


@approvals.deed(
    DEED,
    title=_("Invite a clerk"),
    permission="registry.add_user",
    describe=_in_words,
    region=lambda invitation, values: invitation.region,
)
def _send(approval: Approval, by: User, now: datetime) -> None:
    """Mail the link. Raises InvitationOver where it was taken back meanwhile."""
    invitation, token = _invitation_of(approval), random.token_urlsafe(24)
    fresh = ClerkInvitation.objects.filter(pk=invitation.pk, withdrawn_at=None, token_hash=None)
    if not fresh.update(token_hash=secrets.token_hash(token), ends_at=now + GOOD_FOR):
        raise InvitationOver
    link = settings.SITE_URL + reverse("admin:join", args=[token])
    subject, text = mail_texts.invitation(link, invitation.roles, now + GOOD_FOR)
    mail.enqueue(invitation.email, subject, text, useful_for=GOOD_FOR, now=now)
    audit.record(
        Tag.CLERK_INVITED, by=by, target=invitation, reason=approval.reason, roles=invitation.roles,
        region=invitation.region, asked_by=approval.requester.username,
    )  # fmt: skip


@transaction.atomic
def withdraw(
    invitation: ClerkInvitation, *, by: User, reason: str, now: datetime, address: str | None = None
) -> None:  # fmt: skip
    """Take an invitation back: its link is dead at once, and nobody is asked to grant it any more. Raises
    InvitationOver."""
    approvals.call_off(DEED, target=invitation, by=by, now=now, address=address)  # first, as whoever grants it does
    unused = ClerkInvitation.objects.filter(pk=invitation.pk, joined=None, withdrawn_at=None)
    if not unused.update(withdrawn_at=now):
        raise InvitationOver
    audit.record(Tag.CLERK_INVITATION_WITHDRAWN, by=by, target=invitation, reason=reason, address=address)


def find(token: str, now: datetime) -> ClerkInvitation:
    """The open invitation of a link. Raises InvitationOver."""
    invitation = ClerkInvitation.objects.open(now).filter(token_hash=secrets.token_hash(token)).first()
    if invitation is None:
        raise InvitationOver
    return invitation


@transaction.atomic
def join(
    invitation: ClerkInvitation, *, username: str, last_name: str, first_name: str, password: str, now: datetime,
    address: str | None = None,
) -> User:  # fmt: skip
    """Make the account of whoever followed the link. The second factor comes next, before anything else is opened.

    Raises InvitationOver, NameTaken.
    """
    user = User(
        username=username, last_name=last_name, first_name=first_name, email=invitation.email, is_staff=True,
        region=invitation.region,
    )  # fmt: skip
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise NameTaken from error
    if not ClerkInvitation.objects.open(now).filter(pk=invitation.pk).update(joined=user):
        raise InvitationOver
    roles.give(user, *(Role(value) for value in invitation.roles))
    audit.record(Tag.CLERK_JOINED, by=user, target=user, address=address, roles=invitation.roles, region=user.region)
    return user
