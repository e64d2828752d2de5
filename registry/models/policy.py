"""Policy versions: what makes a pass valid and how often a phone is checked, from a day on."""

from datetime import date, timedelta
from typing import Self

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from registry.models.people import User

TOLD_AHEAD = timedelta(days=60)


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def announced(self, today: date) -> Self:
        """Those whose day is coming within the time that is told ahead, soonest first; that of today too."""
        return self.published().filter(effective_on__range=(today, today + TOLD_AHEAD)).order_by("effective_on")


class PolicyVersion(models.Model):
    """Rules from `effective_on` until the next published version. Publishing one rewrites no record."""

    number = models.AutoField(_("number"), primary_key=True)
    title = models.CharField(_("title"), max_length=80)
    effective_on = models.DateField(_("in force from"))
    rules = models.JSONField(_("rules"))  # shape: registry.validity.Rules
    reverify_days = models.PositiveSmallIntegerField(_("phone check every … days"), default=30)
    due_earliest = models.PositiveSmallIntegerField(_("due date at the earliest after … days"), default=21)
    due_latest = models.PositiveSmallIntegerField(_("due date at the latest after … days"), default=30)
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), default=7)
    renewal_opens_days = models.PositiveSmallIntegerField(_("renewal opens … days before"), default=7)
    outage_extension_days = models.PositiveSmallIntegerField(_("extension in an outage, days at most"), default=14)
    floor_from = models.DateField(
        _("older passes end on"),
        null=True,
        blank=True,
        help_text=_(
            "From this day on a pass must have been made under this version. At least 7 days after publishing."
        ),
    )
    citizen_notice_ko = models.TextField(_("in Korean"), max_length=600, blank=True, default="", db_default="")
    citizen_notice_en = models.TextField(_("in English"), max_length=600, blank=True, default="", db_default="")
    venue_notice_ko = models.TextField(_("in Korean"), max_length=600, blank=True, default="", db_default="")
    venue_notice_en = models.TextField(_("in English"), max_length=600, blank=True, default="", db_default="")
    back_to = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="+", db_index=False,
        verbose_name=_("back to the rules of"),
    )  # fmt: skip
    revision = models.PositiveIntegerField(default=1, db_default=1, editable=False)  # rises with each change of a draft
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("author"))
    approver = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("approved by"))
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)

    objects = PolicyVersionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        ordering = ["-effective_on", "-number"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(approver__isnull=True) | ~models.Q(approver=models.F("author")),
                name="approver_is_not_author",
                violation_error_message=_("A second person must publish it."),
            ),
            models.UniqueConstraint(
                fields=["effective_on"],
                condition=models.Q(published_at__isnull=False),
                name="one_published_policy_per_day",
                violation_error_message=_("Another published version begins on this day."),
            ),
            models.CheckConstraint(
                condition=models.Q(due_earliest__gte=1, due_earliest__lte=models.F("due_latest"))
                & models.Q(due_latest__lte=models.F("reverify_days")),
                name="due_window_fits_the_interval",
                violation_error_message=_("The due window must lie within the interval of the phone check."),
            ),
            models.CheckConstraint(
                condition=models.Q(reverify_days__lte=60, grace_days__lte=14, outage_extension_days__lte=31),
                name="strips_reach_at_most_a_quarter",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.title}"

    @property
    def venue_notice(self) -> str:
        """What venues are told, in the reader's language."""
        return self.venue_notice_ko if (get_language() or "ko").startswith("ko") else self.venue_notice_en


class PolicyPreview(models.Model):
    """What a version was found to change on the whole registry; one for a version, the latest that was finished.

    `bases` are the numbers of the versions that it was held against, by day; `last_record` the newest pass record then.
    """

    version = models.OneToOneField(PolicyVersion, models.CASCADE, related_name="preview", verbose_name=_("version"))
    revision = models.PositiveIntegerField()
    taken_at = models.DateTimeField(_("taken at"))
    last_record = models.BigIntegerField()
    records = models.PositiveBigIntegerField()
    bases = models.JSONField(default=list)
    people = models.JSONField(default=list)  # [bits, age group, province, people]: registry.policymaking.effects
    venues = models.JSONField(default=list)  # what the venues' side found: venues.policy_effects
    phones = models.PositiveBigIntegerField(null=True)  # that have to fetch their passes anew for the floor

    class Meta:
        verbose_name = _("policy preview")
        verbose_name_plural = _("policy previews")

    def __str__(self) -> str:
        return str(self.version)
