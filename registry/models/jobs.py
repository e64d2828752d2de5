"""Long work in the background: what was asked, how far it is, and what came of it."""

import uuid
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.fields import EncryptedBytesField
from registry.models.people import User


class JobQuerySet(models.QuerySet["Job"]):
    def unfinished(self) -> Self:
        return self.filter(state=Job.State.UNDER_WAY)

    def failed(self) -> Self:
        return self.filter(state=Job.State.FAILED)


class Job(models.Model):
    """Work that takes longer than a page: done chunk by chunk, taken up again by whichever worker is alive.

    `kind` names what `registry.jobs` knows how to do; `values` are what it was asked with, `at` where the next chunk
    begins, `result` what came of it: all of them JSON without personal data. What holds personal data is a JobFile.
    """

    class State(models.TextChoices):
        UNDER_WAY = "under_way", _("Under way")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Stopped")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=40)
    values = models.JSONField(_("values"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.UNDER_WAY)
    done = models.PositiveBigIntegerField(_("done"), default=0)
    total = models.PositiveBigIntegerField(_("of"), null=True)
    at = models.JSONField(_("next"), default=dict)
    result = models.JSONField(_("result"), default=dict)
    error = models.TextField(_("what went wrong"), blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked at"))
    tries = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)  # since the last finished chunk
    worked_at = models.DateTimeField(_("last worked on"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index(fields=["-asked_at"], name="job_newest"),
            models.Index(fields=["asked_at"], condition=models.Q(state="under_way"), name="job_unfinished"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="under_way") ^ models.Q(finished_at__isnull=False),
                name="job_ends_with_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.asked_at):%Y-%m-%d %H:%M}"

    @property
    def is_under_way(self) -> bool:
        return self.state == self.State.UNDER_WAY

    @property
    def percent(self) -> int | None:
        """0 to 100; None while nobody knows how much there is to do."""
        return None if self.total is None else min(100 * self.done // self.total, 100) if self.total else 100


class JobFile(models.Model):
    """What a job was given or made, encrypted: an upload, refused rows, an export. It goes with the job."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="files", verbose_name=_("job"))
    role = models.CharField(_("role"), max_length=20)  # "upload", "refused", …: one of each
    name = models.CharField(_("file name"), max_length=120)
    media_type = models.CharField(_("media type"), max_length=100)
    content = EncryptedBytesField(_("content"), purpose="job.file")

    class Meta:
        verbose_name = _("file of a job")
        verbose_name_plural = _("files of jobs")
        constraints = [models.UniqueConstraint(fields=["job", "role"], name="one_file_of_a_role")]

    def __str__(self) -> str:
        return self.name
