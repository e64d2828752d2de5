"""Keys: what the agency signs with (default), and what makes the day's pseudonyms (vault)."""

from datetime import date
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _


class SigningKeyQuerySet(models.QuerySet["SigningKey"]):
    def for_day(self, day: date) -> Self:
        return self.filter(signs_from__lte=day, signs_until__gte=day, withdrawn_at__isnull=True)


class SigningKey(models.Model):
    """An agency key (ES256, P-256). It signs strips of the days from `signs_from` to `signs_until`, both inclusive."""

    kid = models.BinaryField(primary_key=True)  # 8 bytes: the first of SHA-256 over the public key
    public_key = models.BinaryField()  # x‖y, 64 bytes
    private_key = models.BinaryField()  # the scalar, 32 bytes, encrypted under the master key
    signs_from = models.DateField(_("signs days from"))
    signs_until = models.DateField(_("signs days until"))
    created_at = models.DateTimeField(_("created at"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects = SigningKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")

    def __str__(self) -> str:
        return bytes(self.kid).hex()


class DayKey(models.Model):
    """In `vault`: the key that made a day's pseudonyms. Deleting it ends, for good, who was where on that day."""

    day = models.DateField(primary_key=True)
    key = models.BinaryField()  # 32 bytes, encrypted under the master key
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.day.isoformat()


class DestroyedDay(models.Model):
    """In `vault`: a day whose key was destroyed, so that a restore of the other database cannot make it undone.

    Dates and fingerprints only; it is kept, and tells of nobody.
    """

    day = models.DateField(primary_key=True)
    fingerprint = models.CharField(max_length=32, blank=True)  # of the key; none where the day never had one
    destroyed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.day.isoformat()


class Leaving(models.Model):
    """In `vault`: somebody who was erased, or whose pass was ended by their wish, so that a restore of the other
    database does not bring them back (registry/citizens/leavings.py). The key of a person is random."""

    citizen = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    erased = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["-at"], name="leaving_newest")]

    def __str__(self) -> str:
        return str(self.citizen)


class PaperKey(models.Model):
    """In `vault`: the key of a month's paper passes, by the month's first day; it lives as long as such passes."""

    month = models.DateField(primary_key=True)
    key = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
