"""Proving a number: verifications, their codes, the devices that hold a pass, and what was revoked."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.fields import EncryptedTextField
from registry.models.partners import Partner
from registry.models.people import Citizen, User
from registry.models.sms import Message


class Verification(models.Model):
    """One attempt of one browser to prove a number: several codes may be sent, five tries are given in all."""

    TRIES = 5

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    phone = EncryptedTextField(_("phone"), purpose="verification.phone")
    phone_index = models.BinaryField(editable=False)
    address_index = models.BinaryField(editable=False)
    started_at = models.DateTimeField(_("started at"))
    tries_left = models.PositiveSmallIntegerField(_("tries left"), default=TRIES)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    partner = models.ForeignKey(  # the app that asked; none in our own wallet
        Partner, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("partner app")
    )

    class Meta:
        verbose_name = _("phone check")
        verbose_name_plural = _("phone checks")
        indexes = [
            models.Index(fields=["phone_index", "started_at"], name="verification_number"),
            models.Index(fields=["-started_at"], name="verification_newest"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class CodeQuerySet(models.QuerySet["Code"]):
    def to_number(self, phone_index: bytes) -> Self:
        return self.filter(phone_index=phone_index)

    def from_address(self, address_index: bytes) -> Self:
        return self.filter(address_index=address_index)

    def since(self, moment: datetime) -> Self:
        return self.filter(created_at__gt=moment)


class Code(models.Model):
    """A 6-digit code on its way to a number; only its hash is kept. Good for three minutes from when it was taken."""

    LIFETIME = timedelta(minutes=3)

    verification = models.ForeignKey(Verification, models.CASCADE, related_name="codes")
    message = models.OneToOneField(Message, models.SET_NULL, null=True, related_name="code")
    hash = models.BinaryField(editable=False)
    phone_index = models.BinaryField(editable=False)
    address_index = models.BinaryField(editable=False)
    prefix_index = models.BinaryField(editable=False, null=True)  # of the number's first 7 digits, such as 010-1234
    created_at = models.DateTimeField()

    objects = CodeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["phone_index", "created_at"], name="code_number"),
            models.Index(fields=["address_index", "created_at"], name="code_address"),
            models.Index(fields=["prefix_index", "-created_at"], name="code_prefix"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def sent_at(self) -> datetime | None:
        """When the provider took the message."""
        return self.message.taken_at if self.message else None

    @property
    def expires_at(self) -> datetime | None:
        """When the code ends; None as long as its message is on the way to the provider."""
        return self.sent_at + self.LIFETIME if self.sent_at else None

    def delivery(self, now: datetime) -> str:
        """What a citizen is told: as `Message.delivery`, and dropped where the message is gone."""
        return self.message.delivery(now) if self.message else "dropped"


class DeviceQuerySet(models.QuerySet["Device"]):
    def active(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def carried_by(self, partner: Partner | None) -> Self:
        """In an app of this partner's; in our own wallet where there is none."""
        return self.filter(partner=partner)

    def held(self) -> "Device | None":
        """The one of these that holds a pass, with its holder, as they stand now, locked until the transaction ends:
        whoever revokes at the same moment sees what is signed, or what is signed says so."""
        rows = self.active().select_related("citizen", "partner").order_by("pk")
        rows = rows.select_for_update(of=("citizen", "self"), no_key=True)  # in this order, as all do who change both
        return rows.first() or rows.first()  # once more: its holder may have been merged into somebody meanwhile


class Device(models.Model):
    """A phone that holds a pass, in our wallet or in a partner's app: its long-term public key, and the hash of the
    token that lets a browser restore it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    citizen = models.ForeignKey(Citizen, models.CASCADE, related_name="devices", verbose_name=_("person"))
    public_key = models.BinaryField(editable=False)
    token_hash = models.BinaryField(unique=True, editable=False)
    created_at = models.DateTimeField(_("created at"))
    seen_at = models.DateTimeField(_("last seen at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    partner = models.ForeignKey(  # none: our own wallet
        Partner, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("in the app of")
    )

    objects = DeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")

    def __str__(self) -> str:
        return str(self.id)


class Revocation(models.Model):
    """Strips of a citizen signed before `since` are no longer good. Pseudonyms are derived when the file is made."""

    citizen = models.ForeignKey(  # stays where the person is erased, as long as a strip may live (decisions/0012)
        Citizen, models.DO_NOTHING, db_constraint=False, related_name="revocations", verbose_name=_("person")
    )
    since = models.DateTimeField(_("since"))
    reason = models.TextField(_("reason"))
    paper = models.BooleanField(_("paper pass as well"), default=False)  # one may have been alive
    by = models.ForeignKey(User, models.PROTECT, null=True, verbose_name=_("by"))

    class Meta:
        verbose_name = _("revocation")
        verbose_name_plural = _("revocations")
        indexes = [models.Index(fields=["since"], name="revocation_since")]

    def __str__(self) -> str:
        return f"{self.citizen_id} {self.since:%Y-%m-%d %H:%M}"


class SafeNumberQuerySet(models.QuerySet["SafeNumber"]):
    def of_number(self, phone_index: bytes) -> Self:
        """The one that stands for a number now."""
        return self.filter(phone_index=phone_index, ended_at__isnull=True)


class SafeNumber(models.Model):
    """개인안심번호, "12가34나": what a citizen writes on a paper list instead of the phone number. One for each number,
    the same until the number changes hands, and never given twice; only the agency knows whose it is."""

    text = models.CharField(_("safe number"), max_length=6, primary_key=True)
    phone = EncryptedTextField(_("phone"), purpose="safe_number.phone")
    phone_index = models.BinaryField(editable=False)
    issued_at = models.DateTimeField(_("issued at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)  # the number changed hands
    held_by = models.ForeignKey(
        Citizen, models.SET_NULL, null=True, related_name="+", verbose_name=_("held by")
    )  # who had the number when it ended; until then it is whoever has the number

    objects = SafeNumberQuerySet.as_manager()

    class Meta:
        verbose_name = _("safe number")
        verbose_name_plural = _("safe numbers")
        indexes = [models.Index(fields=["-issued_at"], name="safe_number_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["phone_index"],
                condition=models.Q(ended_at__isnull=True),
                name="one_safe_number_per_number",
            )
        ]

    def __str__(self) -> str:
        return self.text


class PaperPass(models.Model):
    """A pass that a clerk printed: that there is one, so that revoking its holder voids it as well, which a revocation
    keeps for itself. Its pseudonym is derived when needed and stands nowhere."""

    citizen = models.ForeignKey(Citizen, models.CASCADE, related_name="paper_passes", verbose_name=_("person"))
    printed_at = models.DateTimeField(_("printed at"))
    until = models.DateField(_("good through"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("printed by"))

    class Meta:
        verbose_name = _("paper pass")
        verbose_name_plural = _("paper passes")
        indexes = [models.Index(fields=["citizen", "-printed_at"], name="paper_pass_of_citizen")]

    def __str__(self) -> str:
        return f"{self.printed_at:%Y-%m-%d}"
