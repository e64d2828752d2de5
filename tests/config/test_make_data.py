"""`manage.py make_data`, at a small size: what it makes is fictional, fits together, and reads as anybody's."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from checkins.log import partitions
from checkins.models import Entry, HourCount, Refusal
from registry import vault
from registry.models import Citizen, Device, Event, Message, PassRecord, User, Verification
from registry.phone.mobiles import korean_mobile
from tests.factories import CitizenFactory
from venues.models import Operator, Scanner, Venue, validate_business_number

pytestmark = pytest.mark.django_db

SIZES = {"people": 200, "records": 300, "venues": 20, "entries": 560, "checks": 30, "messages": 60, "events": 40}


@pytest.fixture(autouse=True)
def no_partition_is_taken_for_there():
    yield
    partitions.forget()


def made(**more):
    call_command("make_data", **SIZES | {"processes": 1} | more, stdout=StringIO())


def test_it_makes_as_many_as_asked_for_and_nothing_is_real():
    made()
    assert Citizen.objects.count() == 200
    assert PassRecord.objects.count() == PassRecord.history.count() == 300
    assert Venue.objects.count() == Scanner.objects.count() == 20
    assert Operator.objects.count() == 18
    assert 540 - 20 <= Entry.objects.count() <= 560
    assert (
        Verification.objects.count(),
        Message.objects.count(),
        Event.objects.filter(target__startswith="citizen:").count(),
    ) == (30, 60, 40)
    assert sum(HourCount.objects.filter(admitted=True).values_list("count", flat=True)) == Entry.objects.count()
    assert sum(HourCount.objects.filter(admitted=False).values_list("count", flat=True)) == Refusal.objects.count()
    phones = [citizen.phone for citizen in Citizen.objects.all() if citizen.phone]
    assert all(phone.startswith("+821000") and korean_mobile(phone) for phone in phones)
    for operator in Operator.objects.all():
        validate_business_number(operator.business_number)
        assert operator.business_number.startswith("9")
    assert not any(user.has_usable_password() for user in User.objects.filter(username__startswith="made-"))


def test_it_makes_people_who_are_found_and_entries_that_lead_to_them_by_the_key_of_the_day():
    made()
    for citizen in Citizen.objects.all()[:20]:
        assert citizen in Citizen.objects.named(citizen.name, citizen.birth_date)
        assert not citizen.phone or citizen in Citizen.objects.with_phone(korean_mobile(citizen.phone))
    assert Citizen.objects.filter(guardian__isnull=False).count() == 4
    assert Device.objects.filter(citizen__verified_at__isnull=True).count() == 0
    for entry in Entry.objects.order_by("day", "t")[:20]:
        assert Citizen.objects.filter(pk=vault.citizen_of(entry.day, bytes(entry.subject))).exists()


def test_it_leaves_the_next_row_a_free_key():
    made()
    operator = Operator.objects.create(name="새 사업자")
    assert Venue.objects.create(operator=operator, name="새 시설", category_id="cafe", region="11110").pk


def test_it_refuses_to_run_where_there_is_data_unless_told():
    citizen = CitizenFactory()
    with pytest.raises(CommandError, match="--beside"):
        made()
    assert list(Citizen.objects.all()) == [citizen]
    made(beside=True)
    with pytest.raises(CommandError, match="made in this database before"):
        made(beside=True)
    assert Citizen.objects.count() == 201


def test_it_refuses_sizes_that_cannot_be():
    with pytest.raises(CommandError, match="days at most 28"):
        made(days=29)
