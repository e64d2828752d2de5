"""The posters by which guests check in by themselves, and how often that is tried."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.models import User
from venues.models.places import Venue


class PosterQuerySet(models.QuerySet["Poster"]):
    def good(self) -> Self:
        """Those that no newer one has ended."""
        return self.filter(ended_at__isnull=True)


class Poster(models.Model):
    """One signed code of a venue. `code` is what was signed, kept so that every print shows the same."""

    venue = models.ForeignKey(Venue, models.CASCADE, related_name="posters", verbose_name=_("venue"))
    number = models.PositiveIntegerField(_("number"))
    code = models.CharField(_("code"), max_length=1024)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("made by"))
    ended_at = models.DateTimeField(_("ended at"), null=True)

    objects = PosterQuerySet.as_manager()

    class Meta:
        verbose_name = _("poster")
        verbose_name_plural = _("posters")
        constraints = [
            models.UniqueConstraint(fields=["venue", "number"], name="one_poster_per_number"),
            models.UniqueConstraint(
                fields=["venue"], condition=models.Q(ended_at__isnull=True), name="one_good_poster_per_venue"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.venue_id} #{self.number}"


class PosterTries(models.Model):
    """How often somebody checked in by posters in a window of ten minutes: an address or a day's pseudonym, both as
    blind indexes, so that neither leads to the other."""

    key_index = models.BinaryField(editable=False)
    window = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key_index", "window"], name="one_row_per_key_and_window")]
        indexes = [models.Index(fields=["window"], name="poster_tries_window")]

    def __str__(self) -> str:
        return f"{self.window:%Y-%m-%d %H:%M} {self.tries}"
