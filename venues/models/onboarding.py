"""How venues come to be: the accounts of those who run them, what they apply for, and whom they invite."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.fields import EncryptedTextField
from registry.models import User
from registry.models.people import mask_phone
from venues.models.places import Category, Operator, Staff, Venue, validate_business_number, written


class Account(models.Model):
    """What we know of a user of the portal: a proven mobile number, by which a forgotten password is set anew."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="account", verbose_name=_("user"))
    name = EncryptedTextField(_("name"), purpose="account.name")
    phone = EncryptedTextField(_("phone"), purpose="account.phone")
    phone_index = models.BinaryField(unique=True, editable=False)
    proven_at = models.DateTimeField(_("number proven at"))
    terms = models.CharField(_("version of the terms"), max_length=10)
    agreed_at = models.DateTimeField(_("agreed at"))

    class Meta:
        verbose_name = _("portal account")
        verbose_name_plural = _("portal accounts")

    def __str__(self) -> str:
        return self.masked_phone

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)


class ApplicationQuerySet(models.QuerySet["Application"]):
    def open(self) -> Self:
        """Those that still wait for somebody."""
        return self.filter(status__in=Application.OPEN)

    def of(self, user: User) -> Self:
        """Those that this user may see: the own ones, and those of operators that the user owns."""
        return self.filter(Q(applicant=user) | Q(operator__in=Operator.objects.owned_by(user).values("pk")))


class Application(models.Model):
    """What somebody asks a clerk for: a new venue, or another category or name for one that is there."""

    class Kind(models.TextChoices):
        VENUE = "venue", _("New venue")
        CATEGORY = "category", _("Change of category")
        NAME = "name", _("Change of name")

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting for the agency")
        ASKED = "asked", _("Question to the owner")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", pgettext_lazy("application", "Withdrawn")

    OPEN = (Status.WAITING, Status.ASKED)

    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.VENUE)
    applicant = models.ForeignKey(User, models.PROTECT, related_name="applications", verbose_name=_("applicant"))
    operator = models.ForeignKey(Operator, models.PROTECT, null=True, related_name="+", verbose_name=_("operator"))
    operator_name = models.CharField(_("name of the operator"), max_length=80)
    business_number = models.CharField(
        _("business registration number"), max_length=12, blank=True, validators=[validate_business_number]
    )
    proof = models.CharField(_("other proof"), max_length=120, blank=True)
    venue = models.ForeignKey(Venue, models.PROTECT, null=True, related_name="applications", verbose_name=_("venue"))
    venue_name = models.CharField(_("name of the venue"), max_length=80)
    category = models.ForeignKey(Category, models.PROTECT, verbose_name=_("category"))
    region = models.CharField(_("region"), max_length=5)
    address = models.CharField(_("address"), max_length=160)
    capacity = models.PositiveIntegerField(_("capacity"), null=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    sent_at = models.DateTimeField(_("sent at"))
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by"))

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="venue") | Q(venue__isnull=False), name="change_of_category_names_its_venue"
            ),
            models.UniqueConstraint(
                fields=["venue", "kind"],
                condition=Q(kind__in=["category", "name"], status__in=["waiting", "asked"]),
                name="one_open_change_of_a_kind_per_venue",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "asked"], decided_at__isnull=True)
                | Q(status__in=["approved", "rejected", "withdrawn"], decided_at__isnull=False),
                name="decided_application_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["-sent_at"], name="application_newest"),
            models.Index(fields=["status", "sent_at"], name="application_status"),
            models.Index(fields=["region"], name="application_region"),
            models.Index(fields=["business_number"], name="application_number"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.venue_name}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def written_number(self) -> str:
        return written(self.business_number)


class Remark(models.Model):
    """What was said about an application between the clerk and the owner, oldest first."""

    class Kind(models.TextChoices):
        QUESTION = "question", _("Question of the agency")
        ANSWER = "answer", _("Answer of the owner")
        REASON = "reason", _("Reason")

    application = models.ForeignKey(Application, models.CASCADE, related_name="remarks")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    text = models.TextField(_("text"))
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.application_id} {self.kind}"


class Document(models.Model):
    """A checked proof, kept encrypted under a random name in the private storage. Without an application it is one
    that was sent with a form that still had something wrong, and goes after a day."""

    class Kind(models.TextChoices):
        IMAGE = "image", _("Photo")
        PDF = "pdf", _("PDF")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, models.CASCADE, null=True, related_name="documents")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    size = models.PositiveIntegerField(_("size"))  # bytes, in clear
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        indexes = [models.Index(fields=["at"], name="document_age")]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def content_type(self) -> str:
        return "image/jpeg" if self.kind == self.Kind.IMAGE else "application/pdf"

    @property
    def file_name(self) -> str:
        return f"{self.id}.{'jpg' if self.kind == self.Kind.IMAGE else 'pdf'}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def good(self, now: datetime) -> Self:
        """Those that can still be taken up."""
        return self.filter(used_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=now)


class Invitation(models.Model):
    """A link by SMS that makes its reader a member of an operator's staff: once, within seven days."""

    ROLES = [(role.value, role.label) for role in (Staff.Role.MANAGER, Staff.Role.DOOR)]

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="invitations")
    role = models.CharField(_("role"), max_length=10, choices=ROLES)
    phone = EncryptedTextField(_("phone"), purpose="invitation.phone")
    token_hash = models.BinaryField(unique=True, editable=False)
    made_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("good until"))
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.CheckConstraint(condition=Q(role__in=["manager", "door"]), name="nobody_is_invited_as_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.operator_id} {self.role}"

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)
