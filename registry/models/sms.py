"""The SMS outbox, and the providers it goes through."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.fields import EncryptedTextField


class ProviderQuerySet(models.QuerySet["Provider"]):
    def usable(self) -> Self:
        return self.filter(enabled=True, weight__gt=0)


class Provider(models.Model):
    """A way for SMS to leave. Address and keys stand in the environment under names that begin with `settings`."""

    SETTINGS = "SMS_"  # how the names begin of settings that may be sent to a provider

    class Kind(models.TextChoices):
        HTTP = "http", _("Generic HTTP")
        TWILIO = "twilio", _("Twilio")
        SOLAPI = "solapi", _("SOLAPI")

    name = models.SlugField(_("name"), max_length=40, unique=True)  # stands in the address that receipts come to
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    settings = models.CharField(
        _("settings begin with"),
        max_length=30,
        default="SMS_HTTP",
        validators=[RegexValidator(r"\ASMS_[A-Z0-9_]+\Z", _("Capitals, digits and _ only, beginning with SMS_."))],
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    weight = models.PositiveSmallIntegerField(_("weight"), default=100, validators=[MaxValueValidator(1000)])
    health = models.FloatField(_("health"), default=1.0, editable=False)  # 0 to 1, as of health_at
    health_at = models.DateTimeField(null=True, editable=False)
    health_why = models.CharField(_("last trouble"), max_length=80, blank=True, editable=False)
    probed_at = models.DateTimeField(null=True, editable=False)  # while it is ill: when it was last tried

    objects = ProviderQuerySet.as_manager()

    class Meta:
        verbose_name = _("SMS provider")
        verbose_name_plural = _("SMS providers")
        constraints = [
            models.CheckConstraint(condition=models.Q(settings__startswith="SMS_"), name="settings_are_for_providers"),
            models.CheckConstraint(condition=models.Q(health__gte=0, health__lte=1), name="health_is_a_share"),
        ]

    def __str__(self) -> str:
        return self.name


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, now: datetime) -> Self:
        """Queued and to be tried now; or taken up by a worker that did not come back; or put off further than any
        pause, which only a clock does that was set back since."""
        now_or_never = models.Q(next_try_at__lte=now) | models.Q(next_try_at__gt=now + Message.LONGEST_WAIT)
        return self.filter(now_or_never, status__in=Message.OPEN)

    def retriable(self, now: datetime) -> Self:
        """Given up although still of use, with the text at hand."""
        given_up = (Message.Status.FAILED, Message.Status.UNDELIVERED)
        return self.filter(status__in=given_up, not_after__gt=now, text__isnull=False)

    def to_erase(self, now: datetime) -> Self:
        """Done, with a text that nobody needs any more: past its use, or no receipt came while it could have helped."""
        waited = models.Q(status=Message.Status.SENT, taken_at__lte=now - Message.RECEIPT_WITHIN)
        useless = models.Q(not_after__lte=now)
        return self.filter(waited | useless, text__isnull=False, status__in=Message.KEEPS_TEXT)


class Message(models.Model):
    """A text on its way: encrypted as long as it may have to be sent again, erased after; past its use it is dropped,
    not sent late (docs/decisions/0010)."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Arrived")
        UNDELIVERED = "undelivered", _("Did not arrive")
        DROPPED = "dropped", _("Dropped: too late")
        FAILED = "failed", _("Refused by the provider")

    class Purpose(models.TextChoices):
        CODE = "code", _("one-time code")
        REMINDER = "reminder", _("reminder")
        SAFE_NUMBER = "safe_number", _("safe number")
        NOTICE = "notice", _("notice")

    OPEN = (Status.QUEUED, Status.SENDING)
    TAKEN = (Status.SENT, Status.DELIVERED)
    KEEPS_TEXT = (Status.SENT, Status.UNDELIVERED, Status.FAILED)  # beside the open ones, for a while
    DELAYED_AFTER = timedelta(seconds=10)
    LONGEST_WAIT = timedelta(minutes=2)  # longer than any pause between tries, and any claim
    RECEIPT_WITHIN = timedelta(minutes=3)  # a code lives so long: after it another text is of more use than this one

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, editable=False
    )  # the provider's idempotency key as well
    phone = EncryptedTextField(_("phone"), purpose="message.phone", null=True)
    phone_index = models.BinaryField(editable=False)
    text = EncryptedTextField(_("text"), purpose="message.text", null=True)
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose)
    status = models.CharField(_("status"), max_length=11, choices=Status, default=Status.QUEUED)
    created_at = models.DateTimeField(_("created at"))
    not_after = models.DateTimeField(_("of use until"))
    next_try_at = models.DateTimeField(_("next try at"))
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    tried = ArrayField(models.BigIntegerField(), default=list, editable=False)  # providers of this round
    refused_by = ArrayField(models.BigIntegerField(), default=list, editable=False)  # providers not to be tried again
    taken_at = models.DateTimeField(_("taken by the provider at"), null=True)
    delivered_at = models.DateTimeField(_("arrived at"), null=True)
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
            models.Index(fields=["phone_index", "-created_at"], name="message_number"),
            models.Index(fields=["status", "-created_at"], name="message_status"),
            models.Index(  # codes are most of them, and the newest: they need none
                fields=["purpose", "-created_at"], name="message_purpose", condition=~models.Q(purpose="code")
            ),
            models.Index(
                fields=["not_after"],
                name="message_text_kept",
                condition=models.Q(text__isnull=False, status__in=["sent", "undelivered", "failed"]),
            ),
            models.Index(
                fields=["provider", "provider_reference"],
                name="message_reference",
                condition=~models.Q(provider_reference=""),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(status__in=["delivered", "dropped"]) | models.Q(text__isnull=True),
                name="text_is_erased_when_done",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=["sent", "delivered"]) | models.Q(taken_at__isnull=False),
                name="sent_message_was_taken",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}, {timezone.localtime(self.created_at):%Y-%m-%d %H:%M:%S}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    def delivery(self, now: datetime) -> str:
        """In a word for who waits for it: queued, sent, delayed (a try failed, or it takes long), undelivered (taken by
        a provider, but the phone did not get it), dropped."""
        if self.status in self.TAKEN:
            return "sent"
        if self.status == self.Status.UNDELIVERED:
            return "undelivered"
        if not self.is_open or now >= self.not_after:
            return "dropped"
        return "delayed" if self.error or now - self.created_at > self.DELAYED_AFTER else "queued"


class Tally(models.Model):
    """How many of what in a minute, instead of a row per SMS. `detail`: for taken and delivered the upper bound of the
    time it took, for the others the reason. Spread over shards, so that no two workers wait for one row."""

    class What(models.TextChoices):
        TAKEN = "taken", _("taken")  # detail: milliseconds of the call
        REFUSED = "refused", _("refused")
        AWAY = "away", _("no answer")
        DELIVERED = "delivered", _("arrived")  # detail: milliseconds from taken
        UNDELIVERED = "undelivered", _("did not arrive")

    minute = models.DateTimeField()
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="tallies")
    what = models.CharField(max_length=11, choices=What)
    detail = models.CharField(max_length=40)
    shard = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["minute", "provider", "what", "detail", "shard"], name="one_tally_a_shard")
        ]

    def __str__(self) -> str:
        return f"{self.minute:%H:%M} {self.what} {self.detail}"


class Budget(models.Model):
    """What may be sent: one row, changed by a clerk. A limit of 0 is none."""

    daily = models.PositiveIntegerField(_("SMS a day"), default=5_000_000)
    reminder_share = models.PositiveSmallIntegerField(
        _("reminders stop at this percent of it"), default=80, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    prefix_ten_minutes = models.PositiveIntegerField(
        _("codes to one block of 10,000 numbers in 10 minutes"), default=300
    )
    prefix_day = models.PositiveIntegerField(_("codes to one block of 10,000 numbers in a day"), default=3000)

    class Meta:
        verbose_name = _("SMS budget")
        verbose_name_plural = _("SMS budget")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_sms_budget")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class Spent(models.Model):
    """SMS asked for on a day, counted over shards: the sum counts, and no two requests wait for one row."""

    day = models.DateField()
    shard = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "shard"], name="one_count_a_shard")]

    def __str__(self) -> str:
        return f"{self.day} {self.count}"
