"""What is left of the tables after a test that committed."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command

from registry.models import Citizen
from tests.factories import CitizenFactory


@pytest.mark.django_db(transaction=True)
def test_it_empties_them_but_for_numbers_that_running_processes_hold():
    before = set(ContentType.objects.values_list("pk", "app_label", "model"))
    CitizenFactory()
    call_command("flush", interactive=False, verbosity=0, database="default")
    assert not Citizen.objects.exists()
    assert set(ContentType.objects.values_list("pk", "app_label", "model")) == before
