"""Who calls the API with a key of its own: laboratories and hospitals that push records, apps that show the pass."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.models.people import User


class PartnerQuerySet(models.QuerySet["Partner"]):
    def open(self) -> Self:
        return self.filter(closed_at__isnull=True)

    def labs(self) -> Self:
        return self.filter(kind=Partner.Kind.LAB)


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
    key_hash = models.BinaryField(unique=True, editable=False)
    key_made_at = models.DateTimeField(_("key made at"), editable=False)
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
        ]

    def __str__(self) -> str:
        return self.name
