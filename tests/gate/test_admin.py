"""The gate's page at the service desk."""

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from gate import calibration, process
from gate.models import GateSettings
from registry.admin.gate import CLASSES
from registry.models import Event, Role, Tag
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db
PAGE = "/admin/gate/gatesettings/1/change/"


@pytest.fixture
def service():
    return desk_of(make_clerk(Role.SERVICE))


@pytest.fixture(autouse=True)
def _usual_limits(settings):
    limits = {"scan": 5, "pass": 3, "verify": 2, "finish": 3, "portal": 3, "desk": 3, "receipts": 2, "rest": 2}
    settings.GATE_LIMITS = limits


@pytest.fixture(autouse=True)
def _same_rules_again():
    rules = process.lookout().rules
    yield
    process.lookout().rules = rules


def values(**changed):
    return {"rate": "", "polls": "", "minutes": "10"} | changed


def test_it_leads_from_the_list_to_the_one_gate(service):
    answer = service.get(reverse("admin:gate_gatesettings_changelist"))
    assert answer.status_code == 302 and answer.url == PAGE
    assert service.get(PAGE).status_code == 200


def test_it_changes_the_gate_for_every_process_and_tells_it(service, django_capture_on_commit_callbacks, valkey):
    GateSettings.objects.create(pk=1)
    with django_capture_on_commit_callbacks(execute=True):
        answer = service.post(PAGE, values(rate="50", limit_desk="4"))
    assert answer.status_code == 302, answer.context["errors"]
    row = GateSettings.objects.get()
    assert (row.rate, row.limits) == (50, {"desk": 4})
    event = Event.objects.get(tag=Tag.GATE_CHANGED)
    assert event.detail == {"rate": [None, 50], "limits": [{}, {"desk": 4}]}
    assert event.actor and event.address
    rules = process.lookout().rules
    assert rules.rate == 50 and rules.limits["desk"] == 4 and rules.limits["scan"] == 5
    assert b'"rate": 50.0' in valkey.get("{gate}:rules"), "where the other processes look every second"


def test_it_refuses_limits_that_take_every_thread(service, settings):
    GateSettings.objects.create(pk=1)
    answer = service.post(PAGE, values(limit_scan="20"))
    assert answer.status_code == 200 and answer.context["adminform"].form.errors
    assert str(settings.WEB_THREADS - 2) in str(answer.context["adminform"].form.errors)
    assert GateSettings.objects.get().limits == {}


@pytest.mark.parametrize("wrong", [{"rate": "0"}, {"rate": "x"}, {"minutes": "1"}, {"limit_desk": "0"}])
def test_it_says_what_is_wrong(service, wrong):
    GateSettings.objects.create(pk=1)
    assert service.post(PAGE, values(**wrong)).context["adminform"].form.errors


def test_it_tells_whoever_may_only_look_the_limits_in_words():
    GateSettings.objects.create(pk=1, limits={"desk": 4})
    shown = desk_of(make_clerk(Role.AUDITOR)).get(PAGE).content.decode()
    assert f"{CLASSES['desk']}: 4<br>" in shown and f"{CLASSES['scan']}: 5<br>" in shown and "Limit scan" not in shown


@pytest.mark.parametrize(("role", "sees", "changes"), [(Role.AUDITOR, 200, 403), (Role.REGISTRAR, 403, 403)])
def test_it_is_the_service_clerks_alone(role, sees, changes):
    GateSettings.objects.create(pk=1)
    client = desk_of(make_clerk(role))
    assert client.get(PAGE).status_code == sees
    assert client.post(PAGE, values(rate="5")).status_code == changes
    assert GateSettings.objects.get().rate is None


def test_it_measures_the_machine_and_leaves_what_a_clerk_set():
    GateSettings.objects.create(pk=1, rate=7)
    row = calibration.measure(timezone.now())
    assert row.rules.rate == 7 and row.measured_at
    assert row.measured_rate > 1 and row.rules.polls == row.measured_polls > 10


def test_it_reads_what_is_on_record_where_redis_cannot_tell():
    GateSettings.objects.create(pk=1, rate=7)
    assert process.rules_on_record().rate == 7


def test_it_has_none_on_record_where_the_callers_cannot_be_read():
    GateSettings.objects.create(pk=1, rate=7)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE registry_partner RENAME TO not_made_yet")
        assert process.rules_on_record() is None
        transaction.set_rollback(True)
