"""Operators, their staff and venues, and what each category of venue asks for."""

from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords
from stdnum.exceptions import ValidationError as InvalidNumber
from stdnum.kr import brn

from registry.models import PolicyVersion, User
from venues.fields import PlainColumn

WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)
STAY = (MinValueValidator(10), MaxValueValidator(600))  # minutes


def validate_business_number(value: str) -> None:
    """사업자등록번호: ten digits, the last of which is computed from the others (stdnum looks at the form alone)."""
    try:
        digits = [int(digit) for digit in brn.validate(value)]
    except InvalidNumber:
        digits = []
    sum_of = sum(weight * digit for weight, digit in zip(WEIGHTS, digits, strict=False))
    if not digits or (sum_of + digits[8] * 5 // 10 + digits[9]) % 10:
        raise ValidationError(_("This is not a business registration number (ten digits).")) from None


def written(business_number: str | None) -> str:
    """A business number as people write it, 120-81-47521; "" for none."""
    return brn.format(business_number) if business_number else ""


class Category(models.Model):
    """A kind of venue, as the rules name it. Whether it asks for a pass on a day is the policy's (CategoryRule)."""

    code = models.CharField(_("code"), max_length=20, primary_key=True)
    name_ko = models.CharField(_("name in Korean"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    stay = models.PositiveSmallIntegerField(
        _("assumed stay"),
        default=60,
        db_default=60,
        validators=STAY,
        help_text=_("Minutes, 10 to 600, where neither exits are scanned nor the owner has set another."),
    )

    class Meta:
        verbose_name = _("venue category")
        verbose_name_plural = _("venue categories")
        ordering = ["position"]
        constraints = [models.CheckConstraint(condition=Q(stay__range=(10, 600)), name="category_stay_in_range")]

    def __str__(self) -> str:
        return self.name_ko if (get_language() or "ko").startswith("ko") else self.name_en


class CategoryRule(models.Model):
    """Whether and on which days, under a policy, a category asks for a pass; one without a rule asks for none."""

    policy = models.ForeignKey(PolicyVersion, models.CASCADE, related_name="category_rules", verbose_name=_("policy"))
    category = models.ForeignKey(Category, models.CASCADE, related_name="rules", verbose_name=_("category"))
    asks = models.BooleanField(_("asks for a pass"), default=True)
    asks_from = models.DateField(_("from"), null=True, blank=True)
    asks_until = models.DateField(_("until"), null=True, blank=True)
    alone = models.BooleanField(_("a guest without a pass may sit alone"), default=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("category rule")
        verbose_name_plural = _("category rules")
        constraints = [
            models.UniqueConstraint(fields=["policy", "category"], name="one_rule_per_policy_and_category"),
            models.CheckConstraint(
                condition=Q(asks_from__isnull=True)
                | Q(asks_until__isnull=True)
                | Q(asks_from__lte=models.F("asks_until")),
                name="category_rule_days_in_order",
                violation_error_message=_("The first day must not lie after the last."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.category_id}"

    def asks_on(self, day: date) -> bool:
        return (
            self.asks
            and (self.asks_from is None or self.asks_from <= day)
            and (self.asks_until is None or day <= self.asks_until)
        )


class OperatorQuerySet(models.QuerySet["Operator"]):
    def owned_by(self, user: User) -> Self:
        """Those whose staff this user may change."""
        return self.filter(staff__user=user, staff__role=Staff.Role.OWNER)

    def in_region(self, region: str) -> Self:
        """Those with a venue in a clerk's region, and those that never had one anywhere; an empty region is all."""
        if not region:
            return self
        there = Venue.objects.in_region(region).values("operator_id")
        return self.filter(pk__in=there.union(Operator.objects.filter(has_venue=False).values("pk")))


class Operator(models.Model):
    """Who answers for venues: a business, or a body without a business number."""

    name = models.CharField(_("name"), max_length=80)
    business_number = models.CharField(
        _("business registration number"),
        max_length=12,
        null=True,  # not "", so that the unique constraint allows many without a number
        blank=True,
        unique=True,
        validators=[validate_business_number],
    )
    people = models.ManyToManyField(User, through="Staff", related_name="operators", verbose_name=_("staff"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    has_venue = models.BooleanField(default=False, db_default=False, editable=False)  # once; a trigger keeps it

    objects = OperatorQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["has_venue"])

    class Meta:
        verbose_name = _("operator")
        verbose_name_plural = _("operators")
        indexes = [
            models.Index(fields=["name"], name="operator_name", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["-id"], name="operator_without_venue", condition=Q(has_venue=False)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def written_number(self) -> str:
        return written(self.business_number)

    def clean(self) -> None:
        self.business_number = brn.compact(self.business_number) if self.business_number else None


class Staff(models.Model):
    """A user's part in an operator's venues."""

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        MANAGER = "manager", _("Manager")
        DOOR = "door", _("Door")

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="staff", verbose_name=_("operator"))
    user = models.ForeignKey(User, models.CASCADE, verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.OWNER)

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")
        constraints = [models.UniqueConstraint(fields=["operator", "user"], name="one_part_per_user_and_operator")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class VenueQuerySet(models.QuerySet["Venue"]):
    def open(self) -> Self:
        return self.filter(status=Venue.Status.OPEN)

    def run_by(self, user: User) -> Self:
        """The venues whose portal this user may use."""
        return self.filter(operator__people=user)

    def managed_by(self, user: User) -> Self:
        """Those whose scanners this user may pair and revoke: staff at the door may not."""
        may = Staff.objects.filter(user=user, role__in=[Staff.Role.OWNER, Staff.Role.MANAGER])
        return self.filter(operator__in=may.values("operator"))

    def owned_by(self, user: User) -> Self:
        """Those whose category and staff this user may change: the owner alone."""
        return self.filter(operator__in=Operator.objects.owned_by(user).values("pk"))

    def in_region(self, region: str) -> Self:
        """Those a clerk bound to `region` may see; an empty region is the whole country."""
        return self.filter(region__startswith=region)


class Venue(models.Model):
    """A door. Its category decides what is asked there; its region (법정동 code, 5 digits) which clerk sees it."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        SUSPENDED = "suspended", _("Suspended")
        CLOSED = "closed", _("Closed by the owner")

    operator = models.ForeignKey(Operator, models.PROTECT, related_name="venues", verbose_name=_("operator"))
    name = models.CharField(_("name"), max_length=80)
    category = models.ForeignKey(Category, models.PROTECT, verbose_name=_("category"))
    region = models.CharField(_("region"), max_length=5)
    address = models.CharField(_("address"), max_length=160, blank=True)
    capacity = models.PositiveIntegerField(_("capacity"), null=True, blank=True, help_text=_("People at a time."))
    hours = models.JSONField(_("opening hours"), default=dict, blank=True)  # shape: venues.hours
    stay = models.PositiveSmallIntegerField(
        _("assumed stay"), null=True, blank=True, validators=STAY, help_text=_("Minutes; empty: as in the category.")
    )
    scans_exits = models.BooleanField(_("exits are scanned"), default=False, db_default=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = VenueQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("venue")
        verbose_name_plural = _("venues")
        indexes = [
            models.Index(fields=["name"], name="venue_name"),
            models.Index(fields=["name"], name="venue_name_begins", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["region"], name="venue_region"),
            models.Index(fields=["status", "-id"], name="venue_status", condition=~Q(status="open")),
            models.Index("region", PlainColumn("address"), name="venue_same_address"),
            models.Index("region", PlainColumn("name"), name="venue_same_name"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(stay=None) | Q(stay__range=(10, 600)), name="venue_stay_in_range")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def assumed_stay(self) -> int:
        """Minutes that a guest is taken to stay where exits are not scanned: the owner's word, or the category's."""
        return self.stay or self.category.stay
