"""A record is where its person is, whoever writes either and however."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection

from registry.models import Citizen, PassRecord
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.crowds import while_held
from tests.registry.importing import registrar, some, take_in

pytestmark = pytest.mark.django_db


def regions() -> list[str]:
    return list(PassRecord.objects.order_by("pk").values_list("region", flat=True))


@pytest.fixture
def record():
    return PassRecordFactory(citizen__region="11680")


def test_it_is_there_from_the_first_and_whatever_is_saved(record):
    assert regions() == ["11680"]
    PassRecord.objects.update(region="26")
    record.issuer = "다른 병원"
    record.save()
    assert regions() == ["11680"]


def test_it_moves_with_the_person_and_to_another(record):
    PassRecordFactory(citizen=record.citizen, dose=1)
    Citizen.objects.update(region="26110")
    assert regions() == ["26110", "26110"]
    PassRecord.objects.filter(pk=record.pk).update(citizen=CitizenFactory(region=""))
    assert regions() == ["", "26110"]


@pytest.mark.django_db(transaction=True)
def test_neither_misses_the_other_where_a_person_moves_as_a_record_is_written():
    person = CitizenFactory(region="11680")

    def move(region: str) -> int:
        return Citizen.objects.filter(pk=person.pk).update(region=region)

    while_held(lambda: PassRecordFactory(citizen=person), lambda: move("26110"))
    assert regions() == ["26110"]
    while_held(lambda: move("11680"), lambda: PassRecordFactory(citizen=person, dose=3))
    assert regions() == ["11680", "11680"]


def test_those_of_an_import_have_it_too():
    take_in(some(2), by=registrar())
    assert regions() == ["11680", "11680"]


def test_those_of_before_get_it(record):
    fill = import_module("registry.migrations.0009_regions_of_records").fill
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks that wait is not altered
        cursor.execute("ALTER TABLE registry_passrecord DISABLE TRIGGER region_stays_the_persons")
        cursor.execute("UPDATE registry_passrecord SET region = ''")
        cursor.execute("ALTER TABLE registry_passrecord ENABLE TRIGGER region_stays_the_persons")
    fill(None, SimpleNamespace(connection=connection))
    assert regions() == ["11680"]
