"""What a clerk sets at the gate, and what this installation was measured to bear."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from gate.callers import Caller
from gate.rules import USUAL_MINUTES, USUAL_POLLS, USUAL_RATE, Rules

RESERVED_THREADS = 2  # of each process, for pages that stand outside the limits


def check_limits(limits: Mapping[str, int]) -> None:
    """Raises ValidationError where the classes together could take every thread of a process, or one gets none."""
    most = settings.WEB_THREADS - RESERVED_THREADS
    total = sum((settings.GATE_LIMITS | dict(limits)).values())
    if total > most:
        raise ValidationError(
            _("Together the limits are %(total)s; a process can bear %(most)s."),
            params={"total": total, "most": most},
        )


class GateSettings(models.Model):
    """One row. Empty fields mean: as measured."""

    rate = models.PositiveIntegerField(
        _("people per second who may begin a phone check"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100_000)],
        help_text=_("Empty: as measured on this machine. More than this wait in the waiting room."),
    )
    polls = models.PositiveIntegerField(
        _("questions per second that the waiting room bears"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
        help_text=_("Empty: as measured. It sets how often a waiting page asks, every 3 to 60 seconds."),
    )
    minutes = models.PositiveSmallIntegerField(
        _("minutes of an admission"),
        default=USUAL_MINUTES,
        validators=[MinValueValidator(2), MaxValueValidator(120)],
        help_text=_("How long somebody who was called may begin before they have to queue again."),
    )
    limits = models.JSONField(_("requests at once"), default=dict, blank=True)
    measured_rate = models.FloatField(_("measured: people per second"), default=USUAL_RATE, editable=False)
    measured_polls = models.FloatField(_("measured: questions per second"), default=USUAL_POLLS, editable=False)
    measured_at = models.DateTimeField(_("measured at"), null=True, editable=False)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("gate")
        verbose_name_plural = _("gate")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_gate")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    def renew(self, now: datetime) -> None:
        """Have all processes follow within five seconds of the commit: newer rules are known by their time, which never
        repeats."""
        before = GateSettings.objects.select_for_update().get(pk=self.pk).changed_at
        self.changed_at = max(now, before + timedelta(microseconds=1))
        self.save()

    def clean(self) -> None:
        check_limits(self.rules.limits)

    @property
    def rules(self) -> Rules:
        """What processes hold of this row, and of the callers with a key that the house knows."""
        callers: Mapping[str, Caller] = import_string(settings.GATE_CALLERS)()
        return Rules(
            rate=float(self.rate or self.measured_rate),
            polls=float(self.polls or self.measured_polls),
            minutes=self.minutes,
            limits=dict(settings.GATE_LIMITS) | self.limits | {each.name: each.places for each in callers.values()},
            callers=callers,
            version=int(self.changed_at.timestamp() * 1_000_000),
        )
