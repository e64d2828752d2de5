"""Labs and hospitals push records: in batches, safe to repeat, each with a key, a quota and one place of its own."""

from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from registry.imports import files
from registry.imports.labs import _LOCKS
from registry.models import Citizen, Event, Import, Partner, PassRecord, Role, Tag
from registry.partners import labs
from tests.registry.clerks import desk_of, make_clerk
from tests.registry.importing import work

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/records"


@pytest.fixture
def clerk():
    return make_clerk(Role.SERVICE, Role.REGISTRAR)


@pytest.fixture
def lab(clerk):
    """With its key in `.key`."""
    lab = Partner(name="시험 검사소", region="11680")
    lab.key = labs.add(lab, by=clerk, now=timezone.now())
    return lab


def record(n: int, **members) -> dict:
    facts = {"name": f"시험{chr(0xAC00 + n)}", "birth_date": "1990-01-01", "phone": f"010-0000-{n:04d}"}
    facts |= {"kind": "pcr_negative", "result_at": (timezone.now() - timedelta(hours=3)).isoformat()}
    return facts | {"certificate_number": f"L-{n}"} | members


def push(lab, *records, **headers):
    headers = {"authorization": f"Bearer {lab.key}"} | headers
    body = {"records": list(records)}
    return Client().post(ADDRESS, body, content_type="application/json", headers=headers)


def answers(answer) -> list[str]:
    return [each["answer"] for each in answer.json()["answers"]]


def test_it_stores_records_under_the_labs_name(lab):
    answer = push(lab, record(1), record(2, kind="vaccination", day="2021-07-10", vaccine="pfizer", dose="1"))
    assert answer.status_code == 200 and answers(answer) == ["stored", "stored"]
    pcr, dose = PassRecord.objects.order_by("certificate_number")
    assert (pcr.issuer, pcr.kind, pcr.citizen.region) == ("시험 검사소", "pcr_negative", "11680")
    assert (dose.vaccine_id, dose.dose) == ("pfizer", 1)
    event = Event.objects.get(tag=Tag.LAB_DELIVERED)
    assert event.detail == {"lab": lab.pk, "fresh": 2, "known": 0, "refused": 0}


def test_it_knows_what_is_sent_again(lab):
    batch = [record(1), record(2)]
    push(lab, *batch)
    assert answers(push(lab, *batch, record(3))) == ["known", "known", "stored"]
    assert PassRecord.objects.count() == Citizen.objects.count() == 3


def test_it_refuses_a_record_and_takes_the_rest(lab):
    answer = push(lab, record(1), record(2, result_at="2021-07-10"), record(1, phone=""), **{"accept-language": "en"})
    assert answers(answer) == ["stored", "refused", "refused"]
    _stored, bad, twice = answer.json()["answers"]
    assert (bad["reason"], bad["field"], bad["certificate_number"]) == ("no_time", "result_at", "L-2")
    assert (twice["reason"], twice["detail"]) == ("twice", "Row 1 has the same certificate number.")


def test_a_days_batches_are_one_import_that_a_clerk_can_undo(lab, clerk):
    first = record(1)
    push(lab, first), push(lab, first, record(2))
    row = Import.objects.get()
    assert (row.lab, row.rows, row.fresh, row.known, row.people) == (lab, 3, 2, 1, 2)
    page = desk_of(clerk).get(reverse("admin:registry_import_change", args=[row.pk]))
    assert page.status_code == 200 and "시험 검사소" in page.text
    files.undo(row, reason="a mix-up", by=clerk, now=timezone.now())
    assert work(row).undone == 2
    assert answers(push(lab, record(1))) == ["stored"] and Import.objects.count() == 2


def test_it_knows_nobody_without_a_key(lab, clerk):
    for header in ("", "Bearer ", f"Basic {lab.key}", "Bearer wrong"):
        answer = push(lab, record(1), authorization=header)
        assert (answer.status_code, answer.json()["code"]) == (401, "unknown_key")
    old, lab.key = lab.key, labs.renew_key(lab, by=clerk, now=timezone.now(), reason="lost")
    assert push(lab, record(1)).status_code == 200
    assert push(lab, record(1), authorization=f"Bearer {old}").status_code == 401
    labs.close(lab, by=clerk, now=timezone.now(), reason="contract ended")
    assert push(lab, record(1)).status_code == 401


def test_it_takes_no_more_than_the_days_quota_and_then_nothing_of_a_batch(lab):
    Partner.objects.update(daily_quota=2)
    push(lab, record(1))
    answer = push(lab, record(2), record(3))
    assert (answer.status_code, answer.json()["code"], PassRecord.objects.count()) == (429, "quota_used", 1)
    assert 0 < int(answer["Retry-After"]) <= 86_401


def test_it_refuses_more_than_a_batch_and_what_is_none(lab):
    assert push(lab, *[record(1)] * 501).status_code == 400
    assert push(lab).status_code == 400
    assert push(lab, {"name": "x"}).json()["code"] == "malformed"
    assert not PassRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_lab_takes_one_place_however_many_it_sends_at_once(lab):
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_LOCKS, lab.pk])
        answer = push(lab, record(1))
        cursor.execute("SELECT pg_advisory_unlock_all()")
    other.close()
    assert (answer.status_code, answer.json()["code"]) == (503, "one_at_a_time")
    assert push(lab, record(1)).status_code == 200


def test_the_desk_shows_a_new_key_once_and_keeps_its_hash(clerk):
    desk = desk_of(clerk)
    answer = desk.post("/admin/registry/partner/add/", {"name": "새 병원", "region": "", "daily_quota": "100"})
    lab = Partner.objects.get()
    lab.key = answer.context["key"]
    assert "no-store" in answer["Cache-Control"] and push(lab, record(1)).status_code == 200
    page = reverse("admin:registry_partner_change", args=[lab.pk])
    assert lab.key not in desk.get(page).text
    desk.post(reverse("admin:registry_partner_close", args=[lab.pk]), {"reason": "contract ended"})
    assert push(lab, record(1)).status_code == 401 and "contract ended" in desk.get(page).text
    tags = [Tag.LAB_ADDED, Tag.LAB_CLOSED]
    assert list(Event.objects.filter(target=f"partner:{lab.pk}").order_by("pk").values_list("tag", flat=True)) == tags


def test_a_clerk_of_a_region_has_to_do_with_labs_of_that_region_alone(lab, clerk):
    elsewhere = Partner(name="다른 검사소", region="11110")
    labs.add(elsewhere, by=clerk, now=timezone.now())
    desk, page = desk_of(make_clerk(Role.SERVICE, username="local", region="11680")), "admin:registry_partner"
    assert list(desk.get(reverse(f"{page}_changelist")).context["cl"].result_list) == [lab]
    assert desk.get(reverse(f"{page}_change", args=[elsewhere.pk])).status_code in (302, 404)
    assert desk.post(reverse(f"{page}_renew_key", args=[elsewhere.pk]), {"reason": "mine"}).status_code == 404
    assert not Event.objects.filter(tag=Tag.LAB_KEY_RENEWED).exists()


def test_a_registrar_has_nothing_to_do_with_keys():
    assert desk_of(make_clerk(Role.REGISTRAR)).get("/admin/registry/partner/").status_code == 403
