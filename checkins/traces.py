"""Traces of contacts: what was asked by one person and granted by another, and for a while what was found.

A result names people, so it holds no pseudonym: the log leads to people through the vault alone, and what came of that
stands here, encrypted, beside nobody's pseudonym, until the result closes.
"""

import json
import uuid
from datetime import date, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from registry.fields import EncryptedTextField
from registry.models import Job, Message, User
from venues.models import Venue


class TraceQuerySet(models.QuerySet["Trace"]):
    def of(self, user: User) -> Self:
        """Those of which this clerk is one of the two."""
        return self.filter(models.Q(asked_by=user) | models.Q(granted_by=user))

    def to_wipe(self, now: datetime) -> Self:
        return self.filter(closes_at__lte=now, wiped_at__isnull=True)

    def left_half_found(self, before: datetime) -> Self:
        """Granted before a moment, with something seen or written, and the work never came to its end: it failed, was
        stopped, or still goes on."""
        rows = [models.Exists(kind.objects.filter(trace=models.OuterRef("pk"))) for kind in (Sightings, Finding)]
        return self.filter(rows[0] | rows[1], found_at__isnull=True, wiped_at__isnull=True, granted_at__lt=before)


class Trace(models.Model):
    """A question to the log for a case: where a person was, or who was at a venue, from `since` on and before `until`.

    Nothing is looked up before a second person has granted it; the two may see what was found until `closes_at`.
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("Where a person was")
        VENUE = "venue", _("Who was at a venue")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("question"), max_length=6, choices=Kind)
    citizen = models.UUIDField(_("person"), null=True)  # without a foreign key: the person may be merged or erased
    venue = models.ForeignKey(Venue, models.PROTECT, null=True, related_name="+", verbose_name=_("venue"))
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("before"))
    assumed_minutes = models.PositiveSmallIntegerField(_("minutes assumed where nobody was seen leaving"), default=60)
    case_number = models.CharField(_("case number"), max_length=40)
    reason = models.TextField(_("reason"))
    may_export = models.BooleanField(_("may be exported"), default=False)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked at"))
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("granted by"))
    granted_at = models.DateTimeField(_("granted at"), null=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("job"))
    found_at = models.DateTimeField(_("found at"), null=True)
    closes_at = models.DateTimeField(_("result visible until"), null=True)
    wiped_at = models.DateTimeField(_("result destroyed at"), null=True)  # nothing is found for it from then on
    gone_days = models.JSONField(_("destroyed days"), default=list)  # of those asked for, as ISO dates
    unknown = models.PositiveIntegerField(_("people erased since"), default=0)
    hold = models.ForeignKey(  # while the work is under way
        "checkins.LegalHold", models.SET_NULL, null=True, related_name="+", verbose_name=_("legal hold")
    )
    notices = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("messages"))

    objects = TraceQuerySet.as_manager()

    class Meta:
        verbose_name = _("trace")
        verbose_name_plural = _("traces")
        indexes = [models.Index(fields=["-asked_at"], name="trace_newest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(granted_by__isnull=True) | ~models.Q(granted_by=models.F("asked_by")),
                name="trace_is_granted_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="person", citizen__isnull=False, venue__isnull=True)
                | models.Q(kind="venue", citizen__isnull=True, venue__isnull=False),
                name="trace_is_of_a_person_or_a_venue",
            ),
            models.CheckConstraint(condition=models.Q(since__lt=models.F("until")), name="trace_has_a_window"),
            models.CheckConstraint(
                condition=models.Q(found_at__isnull=True) | models.Q(granted_by__isnull=False),
                name="trace_found_was_granted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_number}: {self.get_kind_display()}" if self.kind else str(capfirst(self._meta.verbose_name))

    @property
    def assumed(self) -> timedelta:
        return timedelta(minutes=self.assumed_minutes)

    @property
    def window(self) -> str:
        """In Seoul's time; a person's whole days without the clock."""
        since, until = timezone.localtime(self.since), timezone.localtime(self.until)
        if self.kind == self.Kind.PERSON:
            return f"{since:%Y-%m-%d} – {until - timedelta(days=1):%Y-%m-%d}"
        same = since.date() == until.date()
        return f"{since:%Y-%m-%d %H:%M} – {until:%H:%M}" if same else f"{since:%Y-%m-%d %H:%M} – {until:%Y-%m-%d %H:%M}"

    @property
    def gone_shown(self) -> str:
        """The destroyed days among those asked for, days in a row as one span."""
        spans: list[list[date]] = []
        for day in map(date.fromisoformat, self.gone_days):
            if spans and day - spans[-1][1] == timedelta(days=1):
                spans[-1][1] = day
            else:
                spans.append([day, day])
        return ", ".join(f"{first}" if first == last else f"{first} – {last}" for first, last in spans)

    def is_open(self, now: datetime) -> bool:
        """Whether there is a result that may be looked at."""
        return self.closes_at is not None and now < self.closes_at and self.wiped_at is None


class Sightings(models.Model):
    """Whom of a share of the people a door saw within a stretch of a trace's time, encrypted as one, while the trace is
    under way. By people, as a finding is: no pseudonym stands here. They go once all is found, or with the trace that
    never ended."""

    trace = models.ForeignKey(Trace, models.CASCADE, related_name="sightings")
    number = models.PositiveIntegerField()  # of share and stretch
    body = EncryptedTextField(purpose="trace.sightings")  # JSON, see checkins/tracing/finding.py

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trace", "number"], name="one_stretch_of_a_number")]

    def __str__(self) -> str:
        return f"{self.trace_id} {self.number}"


class Finding(models.Model):
    """One person at one venue, as a trace found it: who and when, encrypted as one. Goes when the result closes,
    or with the trace that never ended."""

    trace = models.ForeignKey(Trace, models.CASCADE, related_name="findings")
    number = models.PositiveIntegerField()
    place = models.PositiveIntegerField(null=True)  # in order of when they were first seen; none until all is found
    body = EncryptedTextField(purpose="trace.finding")  # see `content`
    notified_at = models.DateTimeField(null=True)  # also where there was no number to send to
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trace", "number"], name="one_finding_of_a_number")]
        indexes = [models.Index(fields=["trace", "place"], name="finding_place")]

    def __str__(self) -> str:
        return f"{self.trace_id} {self.number}"

    @property
    def content(self) -> dict[str, Any]:
        """`citizen`, `venue` and `stays`: each with `since` and `until` (ISO), whether both were `seen`, and `minutes`
        within the window."""
        content: dict[str, Any] = json.loads(self.body)
        return content

    @property
    def citizen(self) -> UUID:
        return UUID(self.content["citizen"])
