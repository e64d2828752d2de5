"""The scanners at the doors, and the one-time codes that pair them."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.fields import BigIntegerMultiRangeField
from registry.models import User
from venues.models.places import Venue


class ScannerQuerySet(models.QuerySet["Scanner"]):
    def active(self) -> Self:
        return self.filter(revoked_at__isnull=True)

    def devices(self) -> Self:
        """Those that are paired devices, without what stands for lists on paper."""
        return self.filter(by_hand=False)


class Scanner(models.Model):
    """A paired device at a door. Its token is given once and kept hashed; `received` are the numbers we hold.

    `state` is what the device last told of itself (venues/scanner_health.py), `told_at` when we last looked at it,
    `gap_since` since when numbers have been missing. One that is `by_hand` is no device: it numbers a venue's lists on
    paper.
    """

    venue = models.ForeignKey(Venue, models.PROTECT, related_name="scanners", verbose_name=_("venue"))
    name = models.CharField(_("name"), max_length=40)
    token_hash = models.BinaryField(unique=True, editable=False)
    paired_at = models.DateTimeField(_("paired at"))
    paired_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("paired by"))
    seen_at = models.DateTimeField(_("last seen at"), null=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True)
    received = BigIntegerMultiRangeField(editable=False, db_default=models.Value("{}"))
    state = models.JSONField(_("what it told of itself"), default=dict, db_default=models.Value({}, models.JSONField()))
    told_at = models.DateTimeField(null=True)
    gap_since = models.DateTimeField(null=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="replaced_by", verbose_name=_("took the place of")
    )
    by_hand = models.BooleanField(_("for lists on paper"), default=False, db_default=False)

    objects = ScannerQuerySet.as_manager()

    class Meta:
        verbose_name = _("scanner")
        verbose_name_plural = _("scanners")
        constraints = [
            models.UniqueConstraint(
                fields=["venue"], condition=models.Q(by_hand=True), name="one_scanner_for_paper_per_venue"
            )
        ]

    def __str__(self) -> str:
        return self.name


class PairingTries(models.Model):
    """How often an address tried pairing codes in a window of ten minutes; the address as a blind index."""

    address_index = models.BinaryField(editable=False)
    window = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["address_index", "window"], name="one_row_per_address_and_window")
        ]
        indexes = [models.Index(fields=["window"], name="pairing_tries_window")]

    def __str__(self) -> str:
        return f"{self.window:%Y-%m-%d %H:%M} {self.tries}"


class PairingCode(models.Model):
    """A one-time code that pairs one scanner with one venue; kept as a blind index, good for ten minutes.

    The scanner that it `replaces` is revoked when the new one pairs.
    """

    venue = models.ForeignKey(Venue, models.CASCADE, verbose_name=_("venue"))
    scanner_name = models.CharField(_("name of the scanner"), max_length=40)
    code_index = models.BinaryField(unique=True, editable=False)
    made_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    replaces = models.ForeignKey(Scanner, models.CASCADE, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.venue_id} {self.scanner_name}"
