"""Pass records: a person's vaccinations, tests, recoveries and exemptions. What they mean is policy."""

from typing import Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from registry.models.imports import Import
from registry.models.people import Citizen


class Vaccine(models.Model):
    """A product. Of a single-dose product the first dose completes the primary course."""

    code = models.CharField(_("code"), max_length=20, primary_key=True)
    name_ko = models.CharField(_("name in Korean"), max_length=40)
    name_en = models.CharField(_("name in English"), max_length=40)
    primary_doses = models.PositiveSmallIntegerField(_("doses of the primary course"), default=2)
    interval_days = models.PositiveSmallIntegerField(
        _("days between doses of the primary course, at least"),
        default=0,
        db_default=0,
        validators=[MaxValueValidator(365)],
        help_text=_("0: any number. A record that comes sooner is refused."),
    )
    booster_days = models.PositiveSmallIntegerField(
        _("days from the dose before to a booster, at least"),
        default=0,
        db_default=0,
        validators=[MaxValueValidator(365)],
    )

    class Meta:
        verbose_name = _("vaccine")
        verbose_name_plural = _("vaccines")

    def __str__(self) -> str:
        return self.name_ko if (get_language() or "ko").startswith("ko") else self.name_en

    def days_before(self, dose: int) -> int:
        """How many days lie at least between a dose of this product and the one before."""
        return self.interval_days if dose <= self.primary_doses else self.booster_days


class PassRecordQuerySet(models.QuerySet["PassRecord"]):
    def standing(self) -> Self:
        return self.filter(revoked_at__isnull=True)


class PassRecord(models.Model):
    """One fact about a person. It is never rewritten by a policy; validity is computed (registry/validity.py)."""

    class Kind(models.TextChoices):
        VACCINATION = "vaccination", _("Vaccination")
        PCR_NEGATIVE = "pcr_negative", _("Negative PCR test")
        RECOVERY = "recovery", _("Recovery")
        EXEMPTION = "exemption", _("Medical exemption")

    citizen = models.ForeignKey(Citizen, models.CASCADE, related_name="records", verbose_name=_("person"))
    region = models.CharField(  # the person's, by a trigger, so that a district's records are found by index
        _("region"), max_length=5, editable=False, default="", db_default=""
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    day = models.DateField(
        _("day"), help_text=_("Day of the dose, of release from isolation, or from which the exemption holds.")
    )
    vaccine = models.ForeignKey(Vaccine, models.PROTECT, null=True, blank=True, verbose_name=_("vaccine"))
    dose = models.PositiveSmallIntegerField(_("dose"), null=True, blank=True)
    result_at = models.DateTimeField(_("time of the result"), null=True, blank=True)
    immunodeficiency = models.BooleanField(_("for immunodeficiency"), default=False)
    issuer = models.CharField(_("issued by"), max_length=80)
    certificate_number = models.CharField(_("certificate number"), max_length=40)
    imported_in = models.ForeignKey(
        Import, models.PROTECT, null=True, blank=True, editable=False, db_index=False, verbose_name=_("import")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)
    revoke_reason = models.TextField(_("reason for revoking"), blank=True, editable=False)

    objects = PassRecordQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["imported_in", "region"])

    class Meta:
        verbose_name = _("pass record")
        verbose_name_plural = _("pass records")
        indexes = [
            models.Index(fields=["certificate_number"], name="record_certificate"),
            models.Index(
                fields=["imported_in", "id"], name="record_import", condition=models.Q(imported_in__isnull=False)
            ),
            models.Index(fields=["day"], name="record_day", condition=models.Q(revoked_at__isnull=True)),
            models.Index(fields=["kind", "-id"], name="record_kind", condition=~models.Q(kind="vaccination")),
            models.Index(
                fields=["region", "kind"], name="record_region", opclasses=["varchar_pattern_ops", "varchar_ops"]
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "certificate_number"],
                condition=models.Q(revoked_at__isnull=True),  # what was revoked by mistake can be brought anew
                name="certificate_number_is_unique_per_issuer",
                violation_error_message=_("This issuer has already used this certificate number."),
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="vaccination") | models.Q(vaccine__isnull=False, dose__gte=1),
                name="vaccination_has_vaccine_and_dose",
                violation_error_message=_("A vaccination needs the vaccine and the number of the dose."),
            ),
            models.CheckConstraint(
                condition=models.Q(kind="vaccination") | models.Q(vaccine__isnull=True, dose__isnull=True),
                name="only_vaccination_has_vaccine",
                violation_error_message=_("Only a vaccination has a vaccine and a dose."),
            ),
            models.CheckConstraint(
                condition=models.Q(kind="pcr_negative", result_at__isnull=False)
                | (~models.Q(kind="pcr_negative") & models.Q(result_at__isnull=True)),
                name="pcr_has_time_of_result",
                violation_error_message=_("A PCR test, and nothing else, has the time of its result."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.day:%Y-%m-%d}" if self.day else str(self.get_kind_display())
