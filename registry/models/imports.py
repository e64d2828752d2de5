"""Files of pass records that clerks bring in, their rows while they wait, and the columns of an issuer's files."""

from datetime import datetime
from typing import Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from registry.fields import EncryptedBytesField
from registry.models.jobs import Job
from registry.models.partners import Partner
from registry.models.people import User


class ImportQuerySet(models.QuerySet["Import"]):
    def untouched_since(self, moment: datetime) -> Self:
        """On which nobody has worked since, and nobody is to work."""
        idle = self.exclude(job__state=Job.State.UNDER_WAY)
        return idle.alias(touched=Coalesce("job__finished_at", "undone_at", "began_at", "at")).filter(
            touched__lt=moment
        )

    def with_a_file(self) -> Self:
        """Or with what is left of it."""
        return self.filter(models.Exists(ImportPart.objects.filter(imported_in=models.OuterRef("pk"))))


class Import(models.Model):
    """A file, from its upload to what became of it. Records know the import that made them; its rows and its file are
    destroyed when they have served."""

    class State(models.TextChoices):
        COLUMNS = "columns", _("Columns to choose")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Ready to take in")
        RUNNING = "running", _("Being taken in")
        DONE = "done", _("Taken in")
        IN_PART = "in_part", _("Partly taken in")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")
        DISCARDED = "discarded", _("Discarded")

    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("brought by"))
    lab = models.ForeignKey(Partner, models.PROTECT, null=True, related_name="+", verbose_name=_("lab or hospital"))
    day = models.DateField(null=True, editable=False)  # whose deliveries by API these are
    region = models.CharField(_("region of the clerk"), max_length=5, blank=True)
    at = models.DateTimeField(_("uploaded at"))
    file_name = models.CharField(_("file"), max_length=120)
    size = models.PositiveIntegerField(_("size"))
    header = models.JSONField(editable=False)
    issuer = models.CharField(_("issued by"), max_length=80)
    default_kind = models.CharField(_("kind where the file names none"), max_length=20, blank=True)
    default_region = models.CharField(_("region where the file names none"), max_length=5, blank=True)
    columns = models.JSONField(default=dict, editable=False)  # field → place of its column
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.COLUMNS)
    rows = models.PositiveIntegerField(_("rows"))
    last_number = models.PositiveIntegerField(editable=False)  # of its last row
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+", editable=False)  # that works on it now
    reached = models.PositiveIntegerField(default=0, editable=False)  # the last row that is behind us
    fresh = models.PositiveIntegerField(_("new records"), default=0)
    known = models.PositiveIntegerField(_("already there"), default=0)
    people = models.PositiveIntegerField(_("new people"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    refusals = models.JSONField(default=dict, editable=False)  # reason → rows
    undone = models.PositiveIntegerField(_("records revoked"), default=0)
    kept = models.PositiveIntegerField(_("records left as they are"), default=0)
    began_at = models.DateTimeField(_("begun at"), null=True)
    done_at = models.DateTimeField(_("done at"), null=True)
    undone_at = models.DateTimeField(_("undone at"), null=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("undone by"))
    undo_reason = models.TextField(_("reason for undoing"), blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [models.Index(fields=["-at"], name="import_newest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(by__isnull=False, lab__isnull=True, day__isnull=True)
                | models.Q(by__isnull=True, lab__isnull=False, day__isnull=False),
                name="import_is_a_clerks_or_a_labs",
            ),
            models.UniqueConstraint(
                fields=["lab", "day"], condition=models.Q(state="done"), name="one_import_of_a_lab_and_day"
            ),
            models.CheckConstraint(
                condition=models.Q(undone_at__isnull=True) | ~models.Q(undo_reason=""), name="undoing_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.issuer})"

    @property
    def bringer(self) -> str:
        """Who brought it: a clerk, or a lab by API."""
        return str(self.lab or self.by)

    @property
    def takes_time(self) -> bool:
        """Whether a worker has something to do."""
        return self.state in (self.State.CHECKING, self.State.RUNNING, self.State.UNDOING)

    @property
    def is_stuck(self) -> bool:
        """Whether a worker has something to do and its job was stopped, has failed, or is forgotten."""
        return self.takes_time and not (self.job and self.job.is_under_way)

    @property
    def left(self) -> int:
        """Rows that were neither taken in nor refused."""
        return self.rows - self.fresh - self.known - self.refused

    @property
    def touched_at(self) -> datetime:
        """When it was last worked on, as far as is known."""
        return (self.job and self.job.finished_at) or self.undone_at or self.began_at or self.at


class ImportPart(models.Model):
    """Some rows of a file as they were sent, encrypted; once it is taken in, those of them that were refused."""

    imported_in = models.ForeignKey(Import, models.CASCADE, db_index=False, related_name="parts")
    place = models.PositiveIntegerField()  # 0, 1, 2, … in the order of the file
    content = EncryptedBytesField(purpose="import.part")

    class Meta:
        verbose_name = _("part of an import")
        verbose_name_plural = _("parts of imports")
        constraints = [models.UniqueConstraint(fields=["imported_in", "place"], name="one_part_at_a_place")]

    def __str__(self) -> str:
        return f"{self.imported_in_id}:{self.place}"


class ImportRow(models.Model):
    """A row of a file that waits to be taken in: personal fields encrypted as in the registry, or why it is refused."""

    # Not looked at by PostgreSQL for each of a hundred thousand rows: an import is never deleted.
    imported_in = models.ForeignKey(Import, models.CASCADE, db_index=False, db_constraint=False, related_name="waiting")
    number = models.IntegerField()  # as a spreadsheet counts
    refusal = models.CharField(max_length=30, blank=True)
    detail = models.JSONField(
        null=True, encoder=DjangoJSONEncoder
    )  # the field, and what the reason says more; impersonal
    name = models.BinaryField(null=True)
    birth = models.BinaryField(null=True)
    phone = models.BinaryField(null=True)
    name_index = models.BinaryField(null=True)
    phone_index = models.BinaryField(null=True)
    region = models.CharField(max_length=5, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    day = models.DateField(null=True)
    vaccine = models.CharField(max_length=20, blank=True)
    dose = models.PositiveSmallIntegerField(null=True)
    result_at = models.DateTimeField(null=True)
    immunodeficiency = models.BooleanField(null=True)
    issuer = models.CharField(max_length=80, blank=True)
    certificate_number = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        constraints = [models.UniqueConstraint(fields=["imported_in", "number"], name="one_row_of_a_number")]

    def __str__(self) -> str:
        return f"{self.imported_in_id}:{self.number}"


class ImportColumns(models.Model):
    """How an issuer's files are laid out, as a clerk said last: field → heading."""

    issuer = models.CharField(_("issued by"), max_length=80, unique=True)
    headings = models.JSONField(default=dict)
    default_kind = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("columns of an issuer")
        verbose_name_plural = _("columns of issuers")

    def __str__(self) -> str:
        return self.issuer
