"""How long things are kept, and what was destroyed of them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.fields import GrowingEnumField
from registry.models.people import User


class Kept(models.TextChoices):
    """What has a period of its own. One line each; bounds and reasons stand in registry/periods.py."""

    ENTRIES = "entries", _("Entries and visits, by pseudonym")
    HELD = "held", _("Entries under a legal hold, for each time it is granted")
    TRACES = "traces", _("Results of traces of contacts")
    TAKEN_BACK = "taken_back", _("Scans that a door took back")
    REFUSALS = "refusals", _("Refusals at doors")
    DEAD_LETTERS = "dead_letters", _("Scans that were not stored")
    CHECKS = "checks", _("Phone checks and codes")
    MESSAGES = "messages", _("SMS that were sent, without their text")
    MAILS = "mails", _("Mails to clerks, without their text")
    DOCUMENTS = "documents", _("Documents of applications")
    UNSENT_DOCUMENTS = "unsent_documents", _("Documents of applications that were never sent")
    IMPORTS = "imports", _("Files of imports that wait or were stopped, and refused rows")
    JOBS = "jobs", _("Background jobs with their files")
    HISTORY = "history", _("Earlier versions of records and venues, and the desk’s notes")
    SIGN_INS = "sign_ins", _("Sessions that ended and sign-ins that failed")
    ACCESS_LOG = "access_log", _("Access log")
    SMS_FIGURES = "sms_figures", _("Figures of SMS by the minute")
    SMS_SPENT = "sms_spent", _("SMS by the day")
    APP_USE = "app_use", _("Use by partner apps by the day")


class Period(models.Model):
    """For how many days something is kept, where a clerk has set it; what has no row is kept as the rule says."""

    what = GrowingEnumField(_("what"), max_length=20, primary_key=True, choices=Kept)
    days = models.PositiveIntegerField(_("days"))
    changed_at = models.DateTimeField(_("changed at"))
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("changed by"))

    class Meta:
        verbose_name = _("period of keeping")
        verbose_name_plural = _("what is kept how long")
        constraints = [models.CheckConstraint(condition=models.Q(days__gte=1), name="kept_for_a_day_at_least")]

    def __str__(self) -> str:
        return str(Kept(self.what).label)


class Disposal(models.Model):
    """How many rows of a kind were destroyed on a day for their period being over. Tells of nobody, and is kept."""

    day = models.DateField(_("day"))
    what = GrowingEnumField(_("what"), max_length=20, choices=Kept)
    count = models.PositiveBigIntegerField(_("count"))
    last_at = models.DateTimeField(_("last at"))

    class Meta:
        verbose_name = _("destroyed on a day")
        verbose_name_plural = _("destroyed by day")
        constraints = [models.UniqueConstraint(fields=["day", "what"], name="one_disposal_a_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.what} {self.count}"
