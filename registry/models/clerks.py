"""How a clerk comes in: an invitation by mail, and the mails that wait to be sent."""

import uuid
from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.fields import EncryptedTextField
from registry.models.people import Role, User


class ClerkInvitationQuerySet(models.QuerySet["ClerkInvitation"]):
    def open(self, now: datetime) -> Self:
        """Sent, and neither used, taken back nor past."""
        return self.filter(joined=None, withdrawn_at=None, ends_at__gt=now)


class ClerkInvitation(models.Model):
    """An account that somebody is to make for themselves. Its link is mailed once a second person has granted it; what
    we keep of the link is its hash."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = EncryptedTextField(_("mail address"), purpose="clerk_invitation.email")
    roles = ArrayField(models.CharField(max_length=20, choices=Role), verbose_name=_("roles"))
    region = models.CharField(_("region"), max_length=5, blank=True)
    inviter = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("invited by"))
    asked_at = models.DateTimeField(_("asked at"))
    token_hash = models.BinaryField(null=True, unique=True, editable=False)
    ends_at = models.DateTimeField(_("link good until"), null=True)
    joined = models.OneToOneField(User, models.PROTECT, null=True, related_name="+", verbose_name=_("account"))
    withdrawn_at = models.DateTimeField(_("taken back at"), null=True)

    objects = ClerkInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation of a clerk")
        verbose_name_plural = _("invitations of clerks")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(token_hash=None, ends_at=None)
                | models.Q(token_hash__isnull=False, ends_at__isnull=False),
                name="sent_clerk_invitation_ends",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.email

    @property
    def role_names(self) -> str:
        return ", ".join(str(Role(role).label) for role in self.roles)


class Mail(models.Model):
    """A mail that waits to be sent; its text is encrypted, and erased once it is sent or given up."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    address = EncryptedTextField(purpose="mail.address")
    subject = models.CharField(max_length=200)
    text = EncryptedTextField(purpose="mail.text")
    created_at = models.DateTimeField()
    not_after = models.DateTimeField()
    next_try_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=models.Q(sent_at=None, given_up_at=None), name="mail_due"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.subject
