"""Who calls the API with a key of its own: laboratories and hospitals that push records, apps that show the pass."""

from datetime import date
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.models.people import User


class PartnerQuerySet(models.QuerySet["Partner"]):
    def open(self) -> Self:
        return self.filter(closed_at__isnull=True)

    def apps(self) -> Self:
        return self.filter(kind=Partner.Kind.APP)


class Partner(models.Model):
    """Whoever calls with a key of its own, for what its kind may do alone. Of the key only a hash is kept."""

    class Kind(models.TextChoices):
        LAB = "lab", _("Laboratory or hospital")
        APP = "app", _("App that shows the pass")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind, editable=False)
    name = models.CharField(
        _("name"), max_length=80, unique=True, help_text=_("It stands on its records as the issuer.")
    )
    region = models.CharField(
        _("region where a record names none"), max_length=5, blank=True, help_text=_("5 digits, for example 11680.")
    )
    daily_quota = models.PositiveIntegerField(
        _("records a day"), default=20_000, help_text=_("At most; repeated and refused ones count as well.")
    )
    per_minute = models.PositiveIntegerField(
        _("requests a minute"),
        default=600,
        db_default=600,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
        help_text=_("Of every kind, spread evenly. What comes beyond is told when to come again."),
    )
    places = models.PositiveSmallIntegerField(
        _("requests at once"),
        default=2,
        db_default=2,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text=_("In each process. They are this app’s alone, and it gets no others."),
    )
    key_hash = models.BinaryField(unique=True, editable=False)
    key_made_at = models.DateTimeField(_("key made at"), editable=False)
    former_key_hash = models.BinaryField(null=True, editable=False)
    former_key_until = models.DateTimeField(_("key before good until"), null=True, editable=False)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("added by"), editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, editable=False)
    close_reason = models.TextField(_("reason for closing"), blank=True, editable=False)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("lab or hospital")
        verbose_name_plural = _("labs and hospitals")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True) | ~models.Q(close_reason=""),
                name="closing_a_partner_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(former_key_hash__isnull=True, former_key_until__isnull=True)
                | models.Q(former_key_hash__isnull=False, former_key_until__isnull=False),
                name="former_key_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def traffic_class(self) -> str:
        """What the gate calls its requests."""
        return f"partner:{self.pk}"


class PartnerApp(Partner):
    """A partner that shows the pass in its own app, as the service desk looks at it."""

    class Meta:
        proxy = True
        verbose_name = _("partner app")
        verbose_name_plural = _("partner apps")


class PartnerUseQuerySet(models.QuerySet["PartnerUse"]):
    def of(self, partner: Partner, day: date) -> Self:
        return self.filter(partner=partner, day=day)


class PartnerUse(models.Model):
    """How often an app did something on a day, or was refused for a reason. Several rows for each, so that requests at
    the same moment wait for each other seldom."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="+", verbose_name=_("partner app"))
    day = models.DateField(_("day"))
    what = models.CharField(_("what"), max_length=40)
    shard = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField(_("count"))

    objects = PartnerUseQuerySet.as_manager()

    class Meta:
        verbose_name = _("use by a partner app")
        verbose_name_plural = _("use by partner apps")
        constraints = [
            models.UniqueConstraint(fields=["partner", "day", "what", "shard"], name="one_count_of_a_shard"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.what} {self.count}"
