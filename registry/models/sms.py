"""The SMS outbox, and the providers it goes through."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.fields import EncryptedTextField


class Provider(models.Model):
    """A way for SMS to leave. Address and credentials stand in the environment; the row says under which names."""

    SETTINGS = "SMS_"  # how the names begin of settings that may be sent to a provider

    class Kind(models.TextChoices):
        HTTP = "http", _("Generic HTTP")

    name = models.CharField(_("name"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    address_setting = models.CharField(_("setting with the address"), max_length=40, default="SMS_HTTP_URL")
    key_setting = models.CharField(_("setting with the key"), max_length=40, default="SMS_HTTP_KEY")
    enabled = models.BooleanField(_("enabled"), default=True)
    weight = models.PositiveSmallIntegerField(_("weight"), default=100)

    class Meta:
        verbose_name = _("SMS provider")
        verbose_name_plural = _("SMS providers")

    def __str__(self) -> str:
        return self.name


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, now: datetime) -> Self:
        """Queued and to be tried now; or taken up by a worker that did not come back."""
        return self.filter(status__in=Message.OPEN, next_try_at__lte=now)


class Message(models.Model):
    """A text on its way: encrypted until it is sent, erased after; past its use it is dropped, not sent late."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        DROPPED = "dropped", _("Dropped: too late")
        FAILED = "failed", _("Refused by the provider")

    OPEN = (Status.QUEUED, Status.SENDING)
    DELAYED_AFTER = timedelta(seconds=10)

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, editable=False
    )  # the provider's idempotency key as well
    phone = EncryptedTextField(_("phone"), purpose="message.phone", null=True)
    phone_index = models.BinaryField(editable=False)
    text = EncryptedTextField(_("text"), purpose="message.text", null=True)
    purpose = models.CharField(_("purpose"), max_length=20)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.QUEUED)
    created_at = models.DateTimeField(_("created at"))
    not_after = models.DateTimeField(_("of use until"))
    next_try_at = models.DateTimeField(_("next try at"))
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    taken_at = models.DateTimeField(_("taken by the provider at"), null=True)
    provider = models.ForeignKey(Provider, models.PROTECT, null=True, verbose_name=_("provider"))
    provider_reference = models.CharField(_("provider's reference"), max_length=80, blank=True)
    error = models.CharField(_("last error"), max_length=200, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("SMS")
        verbose_name_plural = _("SMS outbox")
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="message_due",
                condition=models.Q(status__in=["queued", "sending"]),
            ),
            models.Index(fields=["-created_at"], name="message_newest"),
            models.Index(fields=["status", "-created_at"], name="message_status"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["queued", "sending"]) | models.Q(text__isnull=True),
                name="text_is_erased_when_done",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="sent") | models.Q(taken_at__isnull=False),
                name="sent_message_was_taken",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.id}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    def delivery(self, now: datetime) -> str:
        """In a word for who waits for it: queued, sent, delayed (a try failed, or it takes long), dropped."""
        if self.status == self.Status.SENT:
            return "sent"
        if not self.is_open or now >= self.not_after:
            return "dropped"
        return "delayed" if self.error or now - self.created_at > self.DELAYED_AFTER else "queued"
