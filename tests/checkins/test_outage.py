"""While phones cannot be checked, passes made under an older policy are good at the door, and afterwards in the log."""

from datetime import timedelta

import pytest
from django.utils import timezone

from checkins.models import Flag
from registry import policy
from registry.models import Outage, PolicyVersion
from registry.reverification import outages
from tests.checkins.conftest import person
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh():
    outages.forget()
    yield
    outages.forget()


@pytest.fixture
def floor(door):
    """From today on passes must be made under the version in force."""
    version = policy.in_force_on(timezone.localdate())
    PolicyVersion.objects.filter(pk=version.pk).update(floor_from=timezone.localdate())
    policy.forget()
    return version.number


def opened(now, **fields) -> Outage:
    outages.forget()
    fields = {"opened_at": now, "began_at": now - timedelta(hours=1), "cause": "x"} | fields
    return Outage.objects.create(**fields)


def test_it_flags_an_older_pass_but_not_in_an_outage(noon, door, floor):
    now = timezone.now()
    early, late = now - timedelta(hours=3), now - timedelta(minutes=1)
    opened(late, closed_at=now, closed_by=UserFactory())
    door.upload(person(number=floor - 1).scan(1, early), now=now)
    door.upload(person(number=floor - 1).scan(2, late), now=now)
    assert [entry.flags for entry in door.entries] == [Flag.OUTDATED, 0]


def test_the_servers_own_verdict_skips_the_floor_in_an_outage(door, floor):
    now = timezone.now()
    assert door.show(person(number=floor - 1).code(now)).json()["verdict"] == "OUTDATED"
    opened(now)
    outages.forget()
    assert door.show(person(number=floor - 1).code(now)).json()["verdict"] == "PASS"
    assert door.show(person(number=floor - 1, passes=False).code(now)).json()["verdict"] == "NO_PASS"
