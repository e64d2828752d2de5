"""What citizens ask of clerks from their own page."""

import uuid
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.fields import EncryptedTextField
from registry.models.people import Citizen, User


class RequestQuerySet(models.QuerySet["Request"]):
    def open(self) -> Self:
        return self.filter(closed_at__isnull=True)


class Request(models.Model):
    """A citizen's request, in their own words, and the answer that they read on their page."""

    class Kind(models.TextChoices):
        CORRECTION = "correction", _("Something on record is wrong")
        NUMBER = "number", _("Somebody else has taken my number")
        REFUSAL = "refusal", _("I was not let in at a door")
        ERASURE = "erasure", _("Erase what you hold about me")
        COMPARED = "compared", _("Your records were compared")  # told by a clerk, asked for by nobody

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    citizen = models.ForeignKey(Citizen, models.CASCADE, related_name="requests", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    text = EncryptedTextField(_("request"), purpose="request.text", blank=True)
    reference = models.CharField(
        _("reference"), max_length=8, blank=True, default="", db_default=""
    )  # of the refusal, as the scanner's screen shows it
    opened_at = models.DateTimeField(_("opened at"))
    taken_at = models.DateTimeField(_("taken at"), null=True, blank=True)
    taken_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("taken by")
    )
    answer = EncryptedTextField(_("answer"), purpose="request.answer", null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("closed by")
    )

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        indexes = [
            models.Index(fields=["-opened_at"], name="request_newest"),
            models.Index(fields=["opened_at"], name="request_waits", condition=models.Q(closed_at__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["citizen", "kind"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_request_of_a_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True) | models.Q(answer__isnull=False),
                name="closed_request_has_an_answer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {timezone.localtime(self.opened_at):%Y-%m-%d}"

    @property
    def reference_shown(self) -> str:
        """As people read it: "ABCD-2345"; empty where there is none."""
        return f"{self.reference[:4]}-{self.reference[4:]}" if self.reference else ""
