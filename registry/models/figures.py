"""What the desk's charts are drawn from: counted by tasks, so that no page counts a large table."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.fields import GrowingEnumField


class Figure(models.Model):
    """How many of what on a day, or in an hour of it (Seoul), in a region; in all of them where `region` is empty.

    Where a day or an hour was counted there is a row for all regions, be it of none.
    """

    class What(models.TextChoices):
        DUE = "due", _("Phone checks due")
        PASS_ENDS = "pass_ends", _("Passes that end as their records do")
        CHECKS_BEGUN = "checks_begun", _("Phone checks begun")
        CHECKS_DONE = "checks_done", _("Phone checks confirmed")
        ENTERED = "entered", _("Entries")
        REFUSED = "refused", _("Refusals")
        LOG_FINDINGS = "log_findings", _("Things in the log that do not fit")
        AUDIT_FINDINGS = "audit_findings", _("Things in the access log that do not fit")

    what = GrowingEnumField(_("what"), max_length=20, choices=What)
    region = models.CharField(_("region"), max_length=5, blank=True)
    day = models.DateField(_("day"))
    hour = models.PositiveSmallIntegerField(_("hour"), default=0)
    number = models.PositiveBigIntegerField(_("how many"))
    counted_at = models.DateTimeField(_("counted at"))

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        constraints = [
            models.UniqueConstraint(fields=["what", "region", "day", "hour"], name="one_figure_of_an_hour"),
            models.CheckConstraint(condition=models.Q(hour__lte=23), name="figure_of_an_hour_of_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.region} {self.day} {self.hour}"
