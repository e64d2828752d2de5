"""Reminders: that one was sent, so that it is sent once."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.models.people import Citizen
from registry.models.sms import Message


class Reminder(models.Model):
    """One SMS about one date of one person."""

    class Kind(models.TextChoices):
        PHONE_CHECK = "phone_check", _("Phone check due")
        PASS_ENDS = "pass_ends", _("Pass ends")

    citizen = models.ForeignKey(Citizen, models.CASCADE, related_name="reminders", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    on = models.DateField(_("about the day"))  # due date, or last day of validity
    days_before = models.PositiveSmallIntegerField(_("days before"))
    send_at = models.DateTimeField(_("to be sent at"))  # spread over the day
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+", verbose_name=_("SMS"))
    done_at = models.DateTimeField(_("done at"), null=True)  # sent, or not needed any more

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(fields=["citizen", "kind", "on", "days_before"], name="reminded_once_of_a_date")
        ]
        indexes = [
            models.Index(fields=["send_at"], name="reminder_waits", condition=models.Q(done_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.on}"
