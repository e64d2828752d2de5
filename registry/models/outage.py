"""Outages of the phone check: when nobody's pass may end because we could not check a number."""

from datetime import datetime
from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.models.people import User


class OutageQuerySet(models.QuerySet["Outage"]):
    def open(self) -> Self:
        return self.filter(closed_at__isnull=True)

    def remembered(self, since: datetime) -> Self:
        """Open, closed after `since`, or with due dates still to be moved, which `moving` tells."""
        moving = models.Exists(Spreading.objects.filter(outage=models.OuterRef("pk"), done_at__isnull=True))
        late = models.Q(closed_at__isnull=True) | models.Q(closed_at__gt=since)
        return self.annotate(moving=moving).filter(late | models.Q(moving=True))


class Outage(models.Model):
    """A time in which numbers could not be checked. While it is open passes are extended without a check; when it is
    closed the due dates that it moved are spread. Evidence: never deleted, and public without names."""

    opened_at = models.DateTimeField(_("declared at"))
    began_at = models.DateTimeField(_("began at"))  # when checks began to fail; a little before it was opened
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("declared by"))
    cause = models.TextField(_("why it was declared"))
    measured = models.JSONField(
        _("what was measured"), default=dict
    )  # {"asked": n, "arrived": n, "share": percent, "minutes": n}
    closed_at = models.DateTimeField(_("ended at"), null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("ended by"))
    note = models.TextField(_("what was found"), blank=True)

    objects = OutageQuerySet.as_manager()
    moving: Any  # set by `remembered`

    class Meta:
        verbose_name = _("outage")
        verbose_name_plural = _("outages")
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(fields=["closed_at"], nulls_distinct=False, name="one_open_outage"),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True) | models.Q(closed_at__gte=models.F("opened_at")),
                name="outage_closes_after_it_opens",
            ),
        ]

    def __str__(self) -> str:
        at = self.opened_at and timezone.localtime(self.opened_at)
        return f"{at:%Y-%m-%d %H:%M}" if at else str(self._meta.verbose_name)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class OutageRule(models.Model):
    """When an outage opens by itself: one row, changed by a clerk."""

    enabled = models.BooleanField(_("opens by itself"), default=True)
    share = models.PositiveSmallIntegerField(
        _("when less than this percentage of codes arrives"),
        default=50,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    minutes = models.PositiveSmallIntegerField(
        _("of those asked for in the last … minutes"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
    )
    least = models.PositiveSmallIntegerField(
        _("and at least … codes were asked for"), default=20, validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = _("rule for outages")
        verbose_name_plural = _("rule for outages")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_outage_rule")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class SpreadingQuerySet(models.QuerySet["Spreading"]):
    def unfinished(self) -> Self:
        return self.filter(done_at__isnull=True)


class Spreading(models.Model):
    """Due dates moved to the least-loaded days of a stretch: after an outage, or because a clerk saw a peak."""

    outage = models.ForeignKey(Outage, models.PROTECT, null=True, related_name="spreadings", verbose_name=_("outage"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    reason = models.TextField(_("reason"), blank=True)
    due_from = models.DateField(_("due dates from"))
    due_to = models.DateField(_("through"))
    onto_from = models.DateField(_("moved to days from"))
    onto_to = models.DateField(_("through"))
    before = models.JSONField(_("due per day before"), default=dict)  # {"2026-11-22": n}
    after = models.JSONField(_("due per day after"), default=dict)
    plan = models.JSONField(
        default=None, null=True, editable=False
    )  # what is left to do: [[due day, day of the check or null, new day, people], …]; null before it is made
    moved = models.PositiveIntegerField(_("people moved"), default=0)
    total = models.PositiveIntegerField(_("people to move"), default=0)
    started_at = models.DateTimeField(_("started at"))
    done_at = models.DateTimeField(_("done at"), null=True)

    objects = SpreadingQuerySet.as_manager()

    class Meta:
        verbose_name = _("spreading of due dates")
        verbose_name_plural = _("spreadings of due dates")
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.due_from} – {self.due_to}"
