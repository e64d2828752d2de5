"""What needs a second person: asked for by one clerk, granted or refused by another."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.fields import EncryptedTextField
from registry.models.people import User


class ApprovalQuerySet(models.QuerySet["Approval"]):
    def open(self, now: datetime) -> Self:
        return self.filter(state=Approval.State.ASKED, ends_at__gt=now)

    def of(self, target: str) -> Self:
        """Those that ask for something to be done to `target` ("model:key")."""
        return self.filter(target=target)

    def within(self, user: User) -> Self:
        """Those about this clerk's region, and those about what is of none and so every clerk's. What concerns the
        whole country is for clerks without a region."""
        if not user.region:
            return self
        return self.filter(models.Q(region__startswith=user.region) | models.Q(region=Approval.ANY_REGION))


class Approval(models.Model):
    """One deed that waits for a second person. Granting it does it, in the same transaction.

    `deed` names what `registry.approvals` knows how to do, `target` ("model:key") to what, `values` with what: JSON
    without personal data; what of it is personal stands in `confidential` until it is decided. `region` is that of what
    it is about when it was asked for ("": the whole country).
    """

    ANY_REGION = "any"  # of somebody who came by phone: every clerk's

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for a second person")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("request", "Withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    deed = models.CharField(_("deed"), max_length=40)
    target = models.CharField(_("of what"), max_length=80)
    values = models.JSONField(_("values"), default=dict)
    region = models.CharField(_("region"), max_length=5, blank=True, default="", db_default="")
    confidential = EncryptedTextField(purpose="approval.confidential", null=True, editable=False)
    reason = models.TextField(_("why"))
    requester = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked at"))
    ends_at = models.DateTimeField(_("open until"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASKED)
    decider = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided at"), null=True)
    words = models.TextField(_("what was said"), blank=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        indexes = [
            models.Index(fields=["-asked_at"], name="approval_newest"),
            models.Index(fields=["target"], name="approval_target"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["deed", "target"], condition=models.Q(state="asked"), name="one_open_approval_of_a_deed"
            ),
            models.CheckConstraint(
                condition=models.Q(state="asked", decider__isnull=True, decided_at__isnull=True)
                | models.Q(state="withdrawn", decided_at__isnull=False)
                | models.Q(state__in=["granted", "refused"], decider__isnull=False, decided_at__isnull=False),
                name="decided_approval_has_a_decider",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="granted") | ~models.Q(decider=models.F("requester")),
                name="decider_is_not_requester",
                violation_error_message=_("A second person must decide."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.requester} {timezone.localtime(self.asked_at):%Y-%m-%d %H:%M}"

    @property
    def target_key(self) -> str:
        """The key of what it is about."""
        return self.target.partition(":")[2]

    def is_open(self, now: datetime) -> bool:
        return self.state == self.State.ASKED and now < self.ends_at

    def is_within(self, user: User) -> bool:
        """The same as `within`, of one."""
        return self.region == self.ANY_REGION or user.covers(self.region)

    @property
    def is_over(self) -> bool:
        """Whether it ended unanswered."""
        return self.state == self.State.ASKED and self.ends_at <= timezone.now()
