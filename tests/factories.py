"""Factories with traits; people and numbers are plainly fictional."""

from datetime import date, timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from registry.models import Citizen, PassRecord, User
from venues.models import Operator, Scanner, Staff, Venue


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    password = factory.django.Password("open-sesame-2468")

    class Params:
        clerk = factory.Trait(is_staff=True)


class CitizenFactory(DjangoModelFactory):
    class Meta:
        model = Citizen

    name = "홍길동"
    birth = "1990-01-01"
    phone = factory.Sequence(lambda n: f"+82100000{n % 10000:04d}")

    class Params:
        verified = factory.Trait(
            verified_at=factory.LazyFunction(timezone.now),
            due_on=factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=25)),
        )


class PassRecordFactory(DjangoModelFactory):
    """A second dose, 60 days ago: valid from day 15 to day 180."""

    class Meta:
        model = PassRecord

    citizen = factory.SubFactory(CitizenFactory)
    kind = PassRecord.Kind.VACCINATION
    day = factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=60))
    vaccine_id = "pfizer"
    dose = 2
    issuer = "질병관리 시험기관"
    certificate_number = factory.Sequence(lambda n: f"T-{n:06d}")

    class Params:
        pcr = factory.Trait(
            kind=PassRecord.Kind.PCR_NEGATIVE, vaccine_id=None, dose=None, result_at=factory.LazyFunction(timezone.now)
        )
        expired = factory.Trait(day=date(2021, 7, 6))


class OperatorFactory(DjangoModelFactory):
    class Meta:
        model = Operator

    name = "시험 상사"


class VenueFactory(DjangoModelFactory):
    """A café, open, with an owner of its own (`venue.operator.people`)."""

    class Meta:
        model = Venue
        skip_postgeneration_save = True

    operator = factory.SubFactory(OperatorFactory)
    name = factory.Sequence(lambda n: f"시험 카페 {n}")
    category_id = "cafe"
    region = "11680"

    @factory.post_generation
    def owner(venue, create, extracted, **kwargs):
        Staff.objects.create(operator=venue.operator, user=extracted or UserFactory())


class ScannerFactory(DjangoModelFactory):
    class Meta:
        model = Scanner

    venue = factory.SubFactory(VenueFactory)
    name = "정문"
    token_hash = factory.Sequence(lambda n: n.to_bytes(32, "big"))
    paired_at = factory.LazyFunction(timezone.now)
    paired_by = factory.LazyAttribute(lambda scanner: scanner.venue.operator.people.first())
