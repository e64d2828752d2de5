"""The entry log, what is counted of it, what was refused, and which days of it are gone for good."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from checkins import traces  # noqa: F401 -- its models are of this app
from checkins.references import normalised, shown
from registry.models import User
from registry.validity import SEOUL
from venues.models import Scanner, Venue


class Method(models.TextChoices):
    """How somebody came through the door."""

    QR = "qr", _("QR code")
    PAPER = "paper", _("Paper pass")
    HAND = "hand", _("By hand")
    POSTER = "poster", _("Poster")
    GROUP = "group", _("Group")


class Direction(models.TextChoices):
    IN = "in", _("In")
    OUT = "out", _("Out")


class Reason(models.TextChoices):
    """Why the door decided by hand: why somebody was let in without a code that holds, or not let in with one."""

    NO_PHONE = "no_phone", _("The phone is off, broken or left behind")
    NO_NETWORK = "no_network", _("The pass needs a network that is missing")
    UNREADABLE = "unreadable", _("The code cannot be read")
    OTHER_PROOF = "other_proof", _("Another proof was shown")
    OTHER = "other", _("Another reason")
    CARD = "card", _("The card does not fit")


class Flag(models.IntegerChoices):
    """What the server knew better than the scanner about an entry that happened: bits of `Entry.flags`."""

    REVOKED = 1, _("Pass was revoked")
    OUTDATED = 2, _("Pass under an older policy")
    NO_PASS = 4, _("No valid pass where one is asked for")
    ALONE = 8, _("Admitted alone")


class EntryQuerySet(models.QuerySet["Entry"]):
    """Sets of rows that read few partitions, by an index; nothing else may be asked of half a billion rows."""

    def of_subjects(self, subjects: Iterable[tuple[date, bytes]]) -> Self:
        """The rows of pseudonyms, each of its day: where somebody was. Nothing where none is given."""
        wanted = models.Q()
        for day, subject in subjects:
            wanted |= models.Q(day=day, subject=subject)
        return self.filter(wanted) if wanted else self.none()

    def at_venue(self, venue: Venue, since: datetime, until: datetime) -> Self:
        """The rows of those seen at a venue from `since` on and before `until`: who was there.

        A row lies on its strip's day, and a strip is good until four the next morning; hence the day before. The day
        behind is for clocks that differ at midnight.
        """
        days = (since.astimezone(SEOUL).date() - timedelta(days=1), until.astimezone(SEOUL).date() + timedelta(days=1))
        return self.filter(venue=venue.pk, seen_at__gte=since, seen_at__lt=until, day__range=days)


class Entry(models.Model):
    """One row of the log: a table partitioned by `day`, made by migration in SQL (checkins/log/partitions.py).

    `subject` is the day's pseudonym; nothing in this database leads from it to a person. `venue` and `scanner` are keys
    without a foreign key, so that a day can be dropped without touching any other table.
    """

    pk = models.CompositePrimaryKey("day", "subject", "t", "venue")
    day = models.DateField(_("day"))
    subject = models.BinaryField(_("pseudonym"))
    venue = models.BigIntegerField(_("venue"))
    scanner = models.BigIntegerField(_("scanner"))
    seq = models.BigIntegerField(_("sequence number"), null=True)  # none where no scanner told it
    t = models.BigIntegerField(_("second of the proof"))
    seen_at = models.DateTimeField(_("seen at"))
    received_at = models.DateTimeField(_("received at"))
    method = models.CharField(_("method"), max_length=10, choices=Method)
    direction = models.CharField(_("direction"), max_length=3, choices=Direction)
    flags = models.SmallIntegerField(_("flags"), default=0)

    objects = EntryQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "checkins_entry"
        verbose_name = _("entry")
        verbose_name_plural = _("entries")

    def __str__(self) -> str:
        return f"{self.day} {bytes(self.subject).hex()[:8]}"


class HourCountQuerySet(models.QuerySet["HourCount"]):
    def by_reason(self) -> "models.QuerySet[HourCount, dict[str, Any]]":
        """Sums as `people` of those let in by hand, by `reason`, most first; "" where none was given."""
        by_hand = self.filter(method=Method.HAND, admitted=True)
        return by_hand.values("reason").annotate(people=models.Sum("count")).order_by("-people", "reason")


class HourCount(models.Model):
    """How many people a venue saw in an hour, by what the scanner said. Kept after the rows of the day are gone."""

    venue = models.ForeignKey(Venue, models.CASCADE, verbose_name=_("venue"))
    day = models.DateField(_("day"))
    hour = models.PositiveSmallIntegerField(_("hour"))  # 0 to 23, Seoul
    verdict = models.CharField(_("verdict"), max_length=12)
    method = models.CharField(_("method"), max_length=10, choices=Method)
    direction = models.CharField(_("direction"), max_length=3, choices=Direction)
    admitted = models.BooleanField(_("admitted"))
    reason = models.CharField(_("reason"), max_length=12, choices=Reason, blank=True, default="", db_default="")
    count = models.PositiveIntegerField(_("count"))

    objects = HourCountQuerySet.as_manager()

    class Meta:
        verbose_name = _("hour count")
        verbose_name_plural = _("hour counts")
        constraints = [
            models.UniqueConstraint(
                fields=["venue", "day", "hour", "verdict", "method", "direction", "admitted", "reason"],
                name="one_count_per_hour",
            ),
            models.CheckConstraint(condition=models.Q(hour__lte=23), name="hour_of_a_day"),
        ]
        indexes = [
            models.Index(fields=["day", "id"], name="hour_count_day"),
            models.Index(
                fields=["verdict", "-day", "-id"], name="hour_count_verdict_day", condition=~models.Q(verdict="PASS")
            ),
            models.Index(
                fields=["venue", "verdict"], name="hour_count_venue_verdict", condition=~models.Q(verdict="PASS")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.venue_id} {self.day} {self.hour}h {self.verdict}: {self.count}"


class DeadLetter(models.Model):
    """A scan that the server refused: number, time and reason, never its bytes."""

    scanner = models.ForeignKey(Scanner, models.CASCADE, verbose_name=_("scanner"))
    seq = models.BigIntegerField(_("sequence number"))
    at = models.DateTimeField(_("scanned at"))
    reason = models.CharField(_("reason"), max_length=20)
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        verbose_name = _("refused scan")
        verbose_name_plural = _("refused scans")
        constraints = [models.UniqueConstraint(fields=["scanner", "seq"], name="one_dead_letter_per_scan")]
        indexes = [models.Index(fields=["-received_at"], name="dead_letter_newest")]

    def __str__(self) -> str:
        return f"{self.scanner_id} #{self.seq} {self.reason}"


class RefusalQuerySet(models.QuerySet["Refusal"]):
    def of(self, venue: Venue) -> Self:
        return self.filter(venue=venue)

    def on(self, day: date) -> Self:
        """Those of a Seoul day."""
        first = datetime.combine(day, datetime.min.time(), tzinfo=SEOUL)
        return self.filter(at__gte=first, at__lt=first + timedelta(days=1))

    def called(self, reference: str) -> Self:
        """Those that a reference leads to, however it was typed; nearly always one."""
        return self.filter(reference=normalised(reference))


class Refusal(models.Model):
    """Somebody was not let in: which scanner said what and when, and the reference that stood on its screen.

    Never a pseudonym nor a code, so it says why and not who. Kept as long as the log.
    """

    venue = models.ForeignKey(Venue, models.CASCADE, db_index=False, verbose_name=_("venue"))
    scanner = models.ForeignKey(Scanner, models.CASCADE, db_index=False, verbose_name=_("scanner"))
    seq = models.BigIntegerField(_("sequence number"), null=True)  # none where the server decided, on one code
    at = models.DateTimeField(_("scanned at"))
    verdict = models.CharField(_("verdict"), max_length=12)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason, blank=True)
    reference = models.CharField(_("reference"), max_length=8)

    objects = RefusalQuerySet.as_manager()

    class Meta:
        verbose_name = _("refusal")
        verbose_name_plural = _("refusals")
        constraints = [models.UniqueConstraint(fields=["scanner", "seq"], name="one_refusal_per_scan")]
        indexes = [
            models.Index(fields=["reference"], name="refusal_reference"),
            models.Index(fields=["venue", "-at"], name="refusal_venue_newest"),
            models.Index(fields=["-at"], name="refusal_newest"),
            models.Index(fields=["verdict", "-at"], name="refusal_verdict"),
        ]

    def __str__(self) -> str:
        return self.reference_shown

    @property
    def reference_shown(self) -> str:
        return shown(self.reference)


class Undone(models.Model):
    """A scan that the door took back: what it had said, under which number, and whether it had been counted here.

    It is the evidence that something was taken back, and it keeps a scan out that arrives after it. Kept as long as
    the log.
    """

    scanner = models.ForeignKey(Scanner, models.CASCADE, db_index=False, verbose_name=_("scanner"))
    seq = models.BigIntegerField(_("sequence number"))
    by_seq = models.BigIntegerField(_("taken back by number"))
    at = models.DateTimeField(_("scanned at"))
    verdict = models.CharField(_("verdict"), max_length=12, blank=True)
    method = models.CharField(_("method"), max_length=10, choices=Method)
    direction = models.CharField(_("direction"), max_length=3, choices=Direction)
    admitted = models.BooleanField(_("admitted"))
    people = models.PositiveSmallIntegerField(_("people"))
    taken = models.BooleanField(_("was counted"))
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        verbose_name = _("scan taken back")
        verbose_name_plural = _("scans taken back")
        constraints = [models.UniqueConstraint(fields=["scanner", "seq"], name="one_undoing_per_scan")]
        indexes = [models.Index(fields=["-received_at"], name="undone_newest")]

    def __str__(self) -> str:
        return f"{self.scanner_id} #{self.seq}"


class Destruction(models.Model):
    """The end of a day of the log, step by step, so that a crash at any step is taken up again.

    From `intended_at` on the day is refused; then its key is deleted, its partition detached, the table dropped.
    """

    class Cause(models.TextChoices):
        NIGHTLY = "nightly", _("by the nightly run, the period being over")
        REPLAYED = "replayed", _("after a restore, by the register of destroyed days")

    day = models.DateField(_("day"), primary_key=True)
    intended_at = models.DateTimeField(_("refused from"))
    key_deleted_at = models.DateTimeField(_("key deleted at"), null=True)
    detached_at = models.DateTimeField(_("detached at"), null=True)
    dropped_at = models.DateTimeField(_("dropped at"), null=True)
    done_at = models.DateTimeField(_("done at"), null=True)
    cause = models.CharField(_("destroyed"), max_length=10, choices=Cause, default=Cause.NIGHTLY, db_default="nightly")
    counted = models.PositiveBigIntegerField(_("entries counted"), null=True)  # by the hour counts, which stay
    size = models.PositiveBigIntegerField(_("size in bytes"), null=True)  # of the partition with its indexes
    key_fingerprint = models.CharField(
        _("fingerprint of the key"), max_length=32, blank=True, default="", db_default=""
    )

    class Meta:
        verbose_name = _("destroyed day")
        verbose_name_plural = _("destroyed days")
        ordering = ["-day"]

    def __str__(self) -> str:
        return self.day.isoformat()


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    def in_force(self, today: date) -> Self:
        """Granted, not released, and not past their end."""
        return self.filter(granted_at__isnull=False, released_at__isnull=True, until__gte=today)

    def covering(self, day: date) -> Self:
        return self.filter(first_day__lte=day, last_day__gte=day)

    def ending(self, today: date) -> Self:
        """Those in force that end within a week: somebody has to renew or release them."""
        return self.in_force(today).filter(until__lte=today + timedelta(days=7))


class LegalHold(models.Model):
    """Days of the log that are kept past their 28 days for a case, from when a second person granted it until it is
    released or its end has come."""

    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    case_number = models.CharField(_("case number"), max_length=40)
    reason = models.TextField(_("reason"))
    until = models.DateField(_("kept through"))
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked at"))
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("granted by"))
    granted_at = models.DateTimeField(_("granted at"), null=True)
    released_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("released by"))
    released_at = models.DateTimeField(_("released at"), null=True)

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first_day__lte=models.F("last_day")), name="hold_ends_behind_start"
            ),
            models.CheckConstraint(
                condition=models.Q(granted_by__isnull=True) | ~models.Q(granted_by=models.F("asked_by")),
                name="hold_is_granted_by_another",
            ),
        ]

    def __str__(self) -> str:
        if not self.case_number:
            return str(self._meta.verbose_name)
        days = f"{self.first_day}" if self.first_day == self.last_day else f"{self.first_day} – {self.last_day}"
        return f"{self.case_number}: {days}"
