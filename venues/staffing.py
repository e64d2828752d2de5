"""Who works for an operator: invited by a link in an SMS, with a role, until removed.

A link carries 128 random bits, is kept hashed, and is good once within seven days. It was sent to the number, so
whoever opens it has proven that number.
"""

import secrets as randomness
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import PhoneNumber

from registry import audit, secrets
from registry.errors import DomainError
from registry.models import Message, Tag, User
from venues import notices
from venues.models import Invitation, Operator, Staff

LIFETIME = timedelta(days=7)
AT_ONCE = 20  # invitations of an operator that wait
A_DAY = 60  # invitations of an operator, withdrawn ones counted as well
TO_ONE_A_DAY = 3  # invitations to a number, whoever invites: nobody is pestered through us


class TooManyInvitations(DomainError):
    code = "too_many_invitations"
    status = 429
    message = _("Twenty invitations are waiting already. Withdraw one that is not needed, then invite again.")


class EnoughToday(DomainError):
    code = "enough_today"
    status = 429
    message = _("Enough invitations were sent there today. Please try again tomorrow.")


class InvitationOver(DomainError):
    code = "invitation_over"
    status = 410
    message = _("This invitation was used, was withdrawn, or is older than seven days. Ask the owner for a new one.")


class AlreadyStaff(DomainError):
    code = "already_staff"
    message = _("You work for this operator already.")


class WorksHere(DomainError):
    code = "works_here"
    message = _("Whoever has this number works here already.")


class LastOwner(DomainError):
    code = "last_owner"
    message = _("The only owner cannot be removed. Ask the agency if the business has a new owner.")


class NotStaff(DomainError):
    code = "not_staff"
    status = 404
    message = _("This person has been removed already.")


@transaction.atomic
def invite(
    operator: Operator, *, phone: PhoneNumber, role: Staff.Role, by: User, now: datetime, address: str | None = None
) -> Invitation:
    """Send somebody a link by SMS; it takes the place of one that waits for the same number. Raises WorksHere,
    TooManyInvitations, EnoughToday."""
    Operator.objects.select_for_update().get(pk=operator.pk)  # so that the count holds
    number = secrets.blind_index("phone", phone.as_e164)
    if Staff.objects.filter(operator=operator, user__account__phone_index=number).exists():
        raise WorksHere
    for earlier in Invitation.objects.good(now).filter(operator=operator):
        if earlier.phone == phone.as_e164:
            withdraw(earlier, by=by, now=now, address=address)
    if Invitation.objects.good(now).filter(operator=operator).count() >= AT_ONCE:
        raise TooManyInvitations
    _not_pestering(operator, number, now)
    token = randomness.token_urlsafe(16)
    invitation = Invitation.objects.create(
        operator=operator,
        role=role,
        phone=phone.as_e164,
        token_hash=secrets.token_hash(token),
        made_by=by,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    notices.invite(phone, token, who=_known_as(operator), now=now)
    audit.record(Tag.STAFF_INVITED, by=by, target=operator, address=address, invitation=invitation.pk, role=str(role))
    return invitation


def _known_as(operator: Operator) -> str:
    """The name that staff know: of the one venue, or of the operator where there are several or none yet."""
    names = list(operator.venues.values_list("name", flat=True)[:2])
    return names[0] if len(names) == 1 else operator.name


def _not_pestering(operator: Operator, number: bytes, now: datetime) -> None:
    """`number` as it is indexed. Raises EnoughToday."""
    since = now - timedelta(days=1)
    to_number = Message.objects.filter(phone_index=number, purpose="notice", created_at__gt=since).count()
    if to_number >= TO_ONE_A_DAY or operator.invitations.filter(created_at__gt=since).count() >= A_DAY:  # type: ignore[attr-defined]
        raise EnoughToday


def invitation_of(token: str, *, now: datetime) -> Invitation:
    """The invitation that a link stands for, as long as it is good. Raises InvitationOver."""
    good = Invitation.objects.good(now).select_related("operator")
    found = good.filter(token_hash=secrets.token_hash(token)).first()
    if found is None:
        raise InvitationOver
    return found


@transaction.atomic
def join(invitation: Invitation, *, user: User, now: datetime, address: str | None = None) -> Staff:
    """Take an invitation up. Of several at once, one wins. Raises InvitationOver, AlreadyStaff."""
    if not Invitation.objects.good(now).filter(pk=invitation.pk).update(used_at=now, used_by=user):
        raise InvitationOver
    try:
        with transaction.atomic():
            staff = Staff.objects.create(operator=invitation.operator, user=user, role=invitation.role)
    except IntegrityError as error:
        raise AlreadyStaff from error
    audit.record(
        Tag.STAFF_JOINED,
        by=user,
        target=invitation.operator,
        address=address,
        role=staff.role,
        invitation=invitation.pk,
    )
    return staff


@transaction.atomic
def withdraw(invitation: Invitation, *, by: User, now: datetime, address: str | None = None) -> None:
    """Make a link worthless. Raises InvitationOver."""
    if not Invitation.objects.good(now).filter(pk=invitation.pk).update(withdrawn_at=now):
        raise InvitationOver
    audit.record(Tag.INVITATION_WITHDRAWN, by=by, target=invitation.operator, address=address, invitation=invitation.pk)


@transaction.atomic
def remove(staff: Staff, *, by: User, reason: str, address: str | None = None) -> None:
    """End somebody's part at once, in every session they have. Raises LastOwner, NotStaff."""
    Operator.objects.select_for_update().get(pk=staff.operator_id)
    owners = Staff.objects.filter(operator=staff.operator_id, role=Staff.Role.OWNER)
    if staff.role == Staff.Role.OWNER and owners.count() == 1:
        raise LastOwner
    if not Staff.objects.filter(pk=staff.pk).delete()[0]:
        raise NotStaff
    audit.record(
        Tag.STAFF_REMOVED,
        by=by,
        target=staff.operator,
        reason=reason,
        address=address,
        user=staff.user_id,
        role=staff.role,
    )
