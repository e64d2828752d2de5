"""Lists that a door kept on paper and somebody typed in later: that it was done, never what stood in them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.models import User
from venues.models.scanners import Scanner


class PaperList(models.Model):
    """One sheet as it was sent. `key` comes with the form, so that a second send is known again; `digest` stands
    for the lines, so that other lines under the same key are not taken for them; the safe numbers are in it under the
    key of the day. Its scans have the numbers `first` to `first + scans - 1` of the venue's scanner for paper."""

    key = models.UUIDField(unique=True, editable=False)
    scanner = models.ForeignKey(Scanner, models.PROTECT, related_name="paper_lists", verbose_name=_("scanner"))
    digest = models.BinaryField(editable=False)
    day = models.DateField(_("day"))
    first = models.BigIntegerField(editable=False)
    scans = models.PositiveSmallIntegerField(editable=False)
    lines = models.PositiveSmallIntegerField(_("lines"))
    people = models.PositiveIntegerField(_("people"))
    entered_at = models.DateTimeField(_("entered at"))
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("entered by"))

    class Meta:
        verbose_name = _("list on paper")
        verbose_name_plural = _("lists on paper")
        indexes = [models.Index(fields=["scanner", "-entered_at"], name="paper_list_newest")]

    def __str__(self) -> str:
        return f"{self.scanner_id} {self.day}"
