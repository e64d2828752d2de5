"""Those who sign in (clerks, owners) and those the registry is about (citizens)."""

import uuid
from datetime import date
from typing import Any, Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import PhoneNumber

from registry import secrets
from registry.citizens.names import mask_name, name_key
from registry.fields import EncryptedTextField


class Role(models.TextChoices):
    """A clerk's roles. Each is a group of the same name; its permissions stand in registry/clerks/roles.py."""

    REGISTRAR = "registrar", _("Registrar")
    VENUE_OFFICER = "venue_officer", _("Venue officer")
    POLICY_MAKER = "policy_maker", _("Policy maker")
    INVESTIGATOR = "investigator", _("Investigator")
    AUDITOR = "auditor", _("Auditor")
    SERVICE = "service", _("Service")


class User(AbstractUser):
    """A clerk (staff) or a venue's owner. A clerk may be bound to a region: the 법정동 code's first 2 or 5 digits."""

    region = models.CharField(_("region"), max_length=5, blank=True, help_text=_("Empty: the whole country."))
    sessions_ended = models.PositiveIntegerField(default=0, db_default=0, editable=False)  # how often all of them were

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        indexes = [  # owners of venues are users as well: there are many more of them than clerks
            models.Index(fields=["last_name"], name="user_last_name", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["email"], name="user_email", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["region"], name="user_region", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["username"], name="user_inactive", condition=models.Q(is_active=False)),
            models.Index(fields=["username"], name="user_staff", condition=models.Q(is_staff=True)),
        ]

    @property
    def roles(self) -> set[str]:
        return {group.name for group in self.groups.all()} & set(Role.values)

    def covers(self, region: str) -> bool:
        """Whether what concerns this region ("": the whole country) is this clerk's to ask for and to decide."""
        return region.startswith(self.region)

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """Ending all sessions changes it, so that closing an account does, and opening it again revives none."""
        known = str(super()._get_session_auth_hash(secret))  # type: ignore[misc]
        return f"{known}.{self.sessions_ended}" if self.sessions_ended else known


class Relation(models.TextChoices):
    """What somebody is to the person by whose number and on whose phone the pass is carried."""

    CHILD = "child", _("Child")
    PARENT = "parent", _("Parent")


def people_of(user: User, path: str = "region") -> models.Q:
    """The people for whom a clerk works: those of the clerk's region, and those without one, who came by phone and are
    every registrar's. `path` leads to the region."""
    if not user.region:
        return models.Q()
    return models.Q(**{f"{path}__startswith": user.region}) | models.Q(**{path: ""})


class CitizenQuerySet(models.QuerySet["Citizen"]):
    def seen_by(self, user: User) -> Self:
        return self.filter(people_of(user))

    def with_phone(self, phone: PhoneNumber) -> Self:
        return self.filter(phone_index=secrets.blind_index("phone", phone.as_e164))

    def named(self, name: str, birth_date: date) -> Self:
        return self.filter(name_index=secrets.blind_index("name", name_key(name, birth_date)))

    def hold(self, *, for_update: bool = False) -> None:
        """Lock the rows until the transaction ends, whoever carries others before them: what is read from here on about
        these people, their records and phones, nobody changes who holds them too. Rows that lead here still come in.

        Whoever locks several people does it by this, all at once, so that no two wait for each other. `for_update`
        where rows are to go, or their number or name to change, which rows that lead to them must wait for."""
        guardians_first = self.only("pk").order_by(models.F("guardian_id").asc(nulls_first=True), "pk")
        list(guardians_first.select_for_update(of=("self",), no_key=not for_update))


class Citizen(models.Model):
    """A person of the registry. Personal fields are encrypted; the indexes find equal values and tell nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = EncryptedTextField(_("name"), purpose="citizen.name")
    birth = EncryptedTextField(_("birth date"), purpose="citizen.birth")
    phone = EncryptedTextField(_("phone"), purpose="citizen.phone", null=True, blank=True)
    name_index = models.BinaryField(editable=False)
    phone_index = models.BinaryField(null=True, editable=False)
    region = models.CharField(_("region"), max_length=5, blank=True)
    language = models.CharField(
        _("language"), max_length=2, choices=[("ko", "한국어"), ("en", "English")], default="ko"
    )
    guardian = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,  # few are carried: see the indexes below
        related_name="wards",
        verbose_name=_("carried by"),
    )  # whose number and phone it is; the phone above is then the guardian's
    relation = models.CharField(_("relation"), max_length=10, choices=Relation, blank=True)
    phone_since = models.DateTimeField(_("number proven since"), null=True, blank=True, editable=False)
    verified_at = models.DateTimeField(_("phone verified at"), null=True, blank=True, editable=False)
    due_on = models.DateField(_("phone check due on"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = CitizenQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                fields=["phone_index", "name_index"],
                name="one_citizen_per_phone_and_name",
                violation_error_message=_("This person is already in the registry with this number."),
            ),
            models.CheckConstraint(
                condition=models.Q(verified_at__isnull=True, due_on__isnull=True)
                | models.Q(verified_at__isnull=False, due_on__isnull=False),
                name="verified_phone_has_a_due_date",
            ),
            models.CheckConstraint(
                condition=models.Q(guardian__isnull=True, relation="")
                | models.Q(guardian__isnull=False, relation__in=["child", "parent"]),
                name="guardian_goes_with_a_relation",
            ),
            models.CheckConstraint(
                condition=models.Q(guardian__isnull=True) | ~models.Q(guardian=models.F("id")),
                name="nobody_is_their_own_guardian",
            ),
        ]
        indexes = [
            models.Index(fields=["phone_index"], name="citizen_phone"),
            models.Index(fields=["name_index"], name="citizen_name"),
            # Those whose number is checked: who is carried by another is due with that person.
            models.Index(fields=["due_on"], name="citizen_due_on", condition=models.Q(guardian__isnull=True)),
            models.Index(fields=["guardian"], name="citizen_guardian", condition=models.Q(guardian__isnull=False)),
            models.Index(fields=["-created_at"], name="citizen_newest"),
            models.Index(fields=["region"], name="citizen_region", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return self.masked_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_index = secrets.blind_index("name", name_key(self.name, self.birth_date))
        self.phone_index = secrets.blind_index("phone", self.phone) if self.phone else None
        super().save(*args, **kwargs)

    @property
    def birth_date(self) -> date:
        return date.fromisoformat(self.birth)

    @property
    def masked_name(self) -> str:
        return mask_name(self.name)

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone) if self.phone else ""


def mask_phone(e164: str) -> str:
    """+821000001234 → 010-****-1234."""
    return f"0{e164[3:5]}-****-{e164[-4:]}"


class FormerIdentity(models.Model):
    """Somebody who turned out to be another row of the registry: the earlier UUID, of which pseudonyms in the entry log
    are made, leads to who they are. `before` holds what is needed to part the two again."""

    id = models.UUIDField(primary_key=True, editable=False)
    citizen = models.ForeignKey(Citizen, models.CASCADE, related_name="former", verbose_name=_("person"))
    merged_at = models.DateTimeField(_("merged at"))
    merged_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("merged by"))
    before = EncryptedTextField(_("as it was"), purpose="former_identity.before")

    class Meta:
        verbose_name = _("former identity")
        verbose_name_plural = _("former identities")

    def __str__(self) -> str:
        return str(self.id)


class Consent(models.Model):
    """That somebody agreed to what the page with this version says: for themselves, or for a child or a parent."""

    citizen = models.ForeignKey(Citizen, models.CASCADE, related_name="consents", verbose_name=_("person"))
    given_by = models.ForeignKey(Citizen, models.CASCADE, related_name="+", verbose_name=_("given by"))
    version = models.CharField(_("version of the text"), max_length=10)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")

    def __str__(self) -> str:
        return f"{self.citizen_id} {self.version}"


class ReviewQuerySet(models.QuerySet["Review"]):
    def open(self) -> Self:
        return self.filter(closed_at__isnull=True)


class Review(models.Model):
    """Something about a person that a clerk must look at: "possibly the same person" as another of the registry."""

    class Kind(models.TextChoices):
        POSSIBLY_SAME = "possibly_same", _("Possibly the same person")
        NUMBER_CLAIMED = "number_claimed", _("Number claimed by another person")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    citizen = models.ForeignKey(Citizen, models.CASCADE, related_name="reviews", verbose_name=_("person"))
    other = models.ForeignKey(Citizen, models.CASCADE, related_name="+", verbose_name=_("person on record"))
    opened_at = models.DateTimeField(_("opened at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, verbose_name=_("closed by"))
    answer = models.TextField(_("what was found"), blank=True)
    taken_at = models.DateTimeField(_("taken at"), null=True, blank=True)
    taken_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("taken by")
    )

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("item to look at")
        verbose_name_plural = _("items to look at")
        indexes = [
            models.Index(fields=["opened_at"], name="review_waits", condition=models.Q(closed_at__isnull=True)),
            models.Index(fields=["opened_at"], name="review_oldest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "citizen", "other"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_review_per_pair",
            ),
            models.CheckConstraint(condition=~models.Q(citizen=models.F("other")), name="review_is_of_two_people"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.citizen}"
