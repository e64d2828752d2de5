"""What bounds the work at the desk."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class RevealRule(models.Model):
    """How many personal fields a clerk may have shown in clear: one row, changed by the service desk."""

    an_hour = models.PositiveSmallIntegerField(
        _("fields within an hour"), default=30, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    a_day = models.PositiveSmallIntegerField(
        _("fields within 24 hours"), default=120, validators=[MinValueValidator(1), MaxValueValidator(5000)]
    )

    class Meta:
        verbose_name = _("limit of showing personal fields")
        verbose_name_plural = _("limit of showing personal fields")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_reveal_rule"),
            models.CheckConstraint(
                condition=models.Q(an_hour__gte=1, a_day__gte=models.F("an_hour")),
                name="a_day_takes_what_an_hour_takes",
                violation_error_message=_("Within 24 hours at least as many as within an hour."),
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
