"""What is left of the tables after a test that committed."""

import pytest
from django.contrib.contenttypes.models import ContentType

from registry.models import Citizen, DayKey, Vaccine
from tests import seeds
from tests.factories import CitizenFactory


@pytest.mark.django_db(transaction=True)
def test_the_seed_data_are_left_and_numbers_that_running_processes_hold():
    keep = (ContentType, Vaccine, DayKey)
    before = [set(model.objects.values_list()) for model in keep]
    CitizenFactory()
    Vaccine.objects.update(name_en="x")
    DayKey.objects.all().delete()
    for alias in seeds.BOTH:
        seeds.put_back(alias)
    assert not Citizen.objects.exists()
    assert [set(model.objects.values_list()) for model in keep] == before
