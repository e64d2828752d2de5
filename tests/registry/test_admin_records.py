"""Pass records at the desk: by kind, with plain refusals, corrected with a history, revoked for good."""

from datetime import datetime, timedelta

import pytest
from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from registry import policy
from registry.admin.desk import MomentInput
from registry.citizens import records
from registry.models import Citizen, Event, PassRecord, PolicyVersion, Revocation, Role, Tag, User
from registry.validity import SEOUL
from tests.factories import CitizenFactory, PassRecordFactory
from tests.queries import at_most
from tests.registry.clerks import desk_of, make_clerk
from tests.registry.crowds import at_once, while_held

pytestmark = pytest.mark.django_db

ADD = "/admin/registry/passrecord/add/"


@pytest.fixture
def client():
    return desk_of(make_clerk(Role.REGISTRAR))


@pytest.fixture
def person():
    return CitizenFactory()


def ago(days: int) -> str:
    return (timezone.localdate() - timedelta(days=days)).isoformat()


def data(person, **fields) -> dict:
    base = {"citizen": str(person.pk), "kind": "vaccination", "day": ago(60), "vaccine": "pfizer", "dose": "2"}
    return base | {"issuer": "시험 병원", "certificate_number": "T-1", "result_at_0": "", "result_at_1": ""} | fields


def page_of(record) -> str:
    return reverse("admin:registry_passrecord_change", args=[record.pk])


def test_it_adds_a_second_dose_from_the_persons_page(client, person):
    button = reverse("admin:registry_citizen_add_record", args=[person.pk])
    form = client.get(button, follow=True)
    assert form.redirect_chain[-1][0] == f"{ADD}?citizen={person.pk}"
    answer = client.post(ADD, data(person))
    assert answer["Location"] == reverse("admin:registry_citizen_change", args=[person.pk])
    record = PassRecord.objects.get()
    assert (record.citizen, record.dose, record.vaccine_id) == (person, 2, "pfizer")
    assert Event.objects.get(tag=Tag.RECORD_ADDED).detail == {"citizen": str(person.pk)}


def test_it_keeps_of_each_kind_only_what_belongs_to_it(client, person):
    yesterday = {"result_at_0": ago(1), "result_at_1": "10:00"}
    client.post(ADD, data(person, kind="pcr_negative", certificate_number="T-2", **yesterday))
    client.post(ADD, data(person, kind="recovery", certificate_number="T-3"))
    client.post(ADD, data(person, kind="exemption", certificate_number="T-4", immunodeficiency="on"))
    pcr, recovery, exemption = PassRecord.objects.order_by("certificate_number")
    assert (pcr.vaccine, pcr.dose, pcr.day.isoformat()) == (None, None, ago(1))
    assert (recovery.vaccine, recovery.dose, recovery.result_at) == (None, None, None)
    assert exemption.immunodeficiency and exemption.dose is None


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"day": ""}, "day"),
        ({"day": ago(-1)}, "day"),
        ({"day": "2011-01-01"}, "day"),
        ({"vaccine": ""}, "vaccine"),
        ({"dose": ""}, "dose"),
        ({"dose": "0"}, "dose"),
        ({"dose": "17"}, "dose"),
        ({"issuer": ""}, "issuer"),
        ({"kind": "pcr_negative"}, "result_at"),
        ({"kind": "pcr_negative", "result_at_0": ago(-1), "result_at_1": "10:00"}, "result_at"),
        ({"kind": "magic"}, "kind"),
    ],
)
def test_it_says_at_the_field_what_is_wrong(client, person, fields, where):
    answer = client.post(ADD, data(person, **fields))
    assert list(answer.context["adminform"].form.errors) == [where]
    assert not PassRecord.objects.exists()


def test_it_refuses_doses_out_of_order_and_twice(client, person):
    PassRecordFactory(citizen=person, dose=1)
    for fields in ({"day": ago(61)}, {"dose": "1"}):
        answer = client.post(ADD, data(person, **fields))
        assert list(answer.context["adminform"].form.errors) == ["dose"]
    assert client.post(ADD, data(person, day=ago(30))).status_code == 302


def test_it_refuses_a_certificate_number_twice(client, person):
    client.post(ADD, data(person))
    answer = client.post(ADD, data(CitizenFactory()))
    assert answer.context["adminform"].form.non_field_errors()


def test_it_corrects_with_a_history_and_ends_strips_that_promise_too_much(client):
    record = PassRecordFactory(issuer="시험 병원", certificate_number="T-1")
    client.post(page_of(record), data(record.citizen, day=ago(50)))
    assert not Revocation.objects.exists()  # the pass lasts longer than before: nothing to end
    client.post(page_of(record), data(record.citizen, day=ago(100)))
    record.refresh_from_db()
    assert record.day.isoformat() == ago(100)
    assert [row.day.isoformat() for row in record.history.all()] == [ago(100), ago(50), ago(60)]
    assert record.history.first().history_user.username == "clerk"
    assert Revocation.objects.filter(citizen=record.citizen).count() == 1
    assert Event.objects.filter(tag=Tag.RECORD_CORRECTED).last().detail["fields"] == ["day"]
    assert client.get(reverse("admin:registry_passrecord_history", args=[record.pk])).status_code == 200


def test_it_corrects_the_kind_and_empties_what_the_new_kind_has_not(client):
    record = PassRecordFactory(issuer="시험 병원", certificate_number="T-1")
    client.post(page_of(record), data(record.citizen, kind="recovery", day=ago(20)))
    record.refresh_from_db()
    assert (record.kind, record.vaccine, record.dose, record.day.isoformat()) == ("recovery", None, None, ago(20))


def test_it_revokes_for_a_reason_and_for_good(client):
    record = PassRecordFactory()
    page = reverse("admin:registry_passrecord_revoke", args=[record.pk])
    assert client.post(page, {"reason": ""}).status_code == 200
    assert client.post(page, {"reason": "entered for the wrong person"}).status_code == 302
    record.refresh_from_db()
    assert record.revoked_at and record.revoke_reason == "entered for the wrong person"
    assert Revocation.objects.filter(citizen=record.citizen).exists()
    assert {Tag.RECORD_REVOKED, Tag.PASS_REVOKED} <= set(Event.objects.values_list("tag", flat=True))
    assert client.get(page_of(record)).status_code == 200
    assert client.post(page_of(record), data(record.citizen, day=ago(5))).status_code == 302
    record.refresh_from_db()
    assert record.day.isoformat() == ago(60)
    assert client.post(page, {"reason": "again"}).status_code in (200, 403)
    assert Revocation.objects.count() == 1


def test_it_deletes_nothing():
    client = desk_of(make_clerk(superuser=True))
    record = PassRecordFactory()
    for name, row in (("passrecord", record), ("citizen", record.citizen)):
        assert client.post(reverse(f"admin:registry_{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403


def test_it_costs_the_same_however_many_records_there_are(client):
    person = CitizenFactory()
    for dose in range(1, 9):
        PassRecordFactory(citizen=person, dose=dose)
    with at_most(13):
        client.get("/admin/registry/passrecord/")
    with at_most(24):
        client.get(reverse("admin:registry_citizen_change", args=[person.pk]))


def test_it_shows_a_revoked_record_with_the_fields_of_its_kind(client):
    record = PassRecordFactory(kind="vaccination", dose=2)
    client.post(reverse("admin:registry_passrecord_revoke", args=[record.pk]), {"reason": "entered twice"})
    answer = client.get(page_of(record))
    assert "kind == " not in answer.content.decode()  # a condition on what is not on the page would hide the field
    shown = answer.context["adminform"].fieldsets[0][1]["fields"]
    assert ("vaccine", "dose") in shown and "result_at" not in shown and "immunodeficiency" not in shown


def test_each_kind_is_a_page_with_its_own_fields_alone_before_anything_runs_in_the_browser(client, person):
    own = {
        "vaccination": {"day", "vaccine", "dose"}, "pcr_negative": {"result_at"}, "recovery": {"day"},
        "exemption": {"day", "immunodeficiency"},
    }  # fmt: skip
    for kind, fields in own.items():
        form = client.get(f"{ADD}?citizen={person.pk}&kind={kind}").context["adminform"].form
        assert set(form.fields) == fields | {"citizen", "kind", "issuer", "certificate_number"}
    record = PassRecordFactory(citizen=person)
    form = client.get(page_of(record) + "?kind=recovery").context["adminform"].form
    assert "vaccine" not in form.fields and form["kind"].value() == "recovery"


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"day": ago(100)}, "day"),  # twenty days after the first
        ({"dose": "3", "day": ago(50)}, "day"),  # a booster, and the second is not on record yet
        ({"kind": "recovery", "day": ago(400)}, "day"),
        ({"kind": "pcr_negative", "result_at_0": ago(400), "result_at_1": "10:00"}, "result_at"),
    ],
)
def test_it_refuses_doses_too_close_and_what_lies_before_birth(client, fields, where):
    person = CitizenFactory(birth=ago(399))
    PassRecordFactory(citizen=person, dose=1, day=timezone.localdate() - timedelta(days=120))
    if fields.get("dose") == "3":
        PassRecordFactory(citizen=person, dose=2, day=timezone.localdate() - timedelta(days=90))
    answer = client.post(ADD, data(person, **fields))
    assert list(answer.context["adminform"].form.errors) == [where]
    assert PassRecord.objects.filter(certificate_number="T-1").count() == 0


def test_it_says_what_a_record_means_today_and_under_the_next_policy(client):
    record = PassRecordFactory()
    today = timezone.localdate()
    now = PolicyVersion.objects.published().filter(effective_on__lte=today).order_by("-effective_on").first()
    author, other = make_clerk(username="author"), make_clerk(username="approver")
    PolicyVersion.objects.create(
        title="짧은 유효기간", effective_on=today + timedelta(days=10), rules=now.rules | {"primary_until": 90},
        author=author, approver=other, published_at=timezone.now(),
    )  # fmt: skip
    policy.forget()
    for page in (page_of(record), reverse("admin:registry_citizen_change", args=[record.citizen_id])):
        text = client.get(page).content.decode()
        assert date_format(record.day + timedelta(days=180)) in text
        assert date_format(record.day + timedelta(days=90)) in text and "짧은 유효기간" in text
    client.post(reverse("admin:registry_passrecord_revoke", args=[record.pk]), {"reason": "entered twice"})
    assert date_format(record.day + timedelta(days=180)) not in client.get(page_of(record)).content.decode()
    policy.forget()


@pytest.mark.django_db(transaction=True)
def test_of_two_clerks_who_add_one_dose_at_once_the_second_reads_so_and_loses_nothing(person):
    desks = [desk_of(make_clerk(Role.REGISTRAR, username=name)) for name in ("kim", "lee")]
    PassRecordFactory(citizen=person, dose=1, day=timezone.localdate() - timedelta(days=90))
    sent = [data(person, certificate_number=f"T-{n}") for n in range(2)]
    answers = at_once(lambda n: desks[n].post(ADD, sent[n]), 2)
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    form = next(answer for answer in answers if answer.status_code == 200).context["adminform"].form
    assert form.errors and form["certificate_number"].value() in ("T-0", "T-1")
    assert PassRecord.objects.filter(dose=2).count() == 1


def test_what_was_revoked_while_it_was_being_corrected_says_so(client):
    record = PassRecordFactory()
    records.revoke(record, by=make_clerk(username="other"), reason="x", now=timezone.now())
    answer = client.post(page_of(record), data(record.citizen), follow=True)
    assert str(records.AlreadyRevoked()) in answer.content.decode()


@pytest.mark.parametrize(
    ("kind", "needed"),
    [("vaccination", {"day", "vaccine", "dose"}), ("pcr_negative", {"result_at"}), ("recovery", {"day"})],
)
def test_it_marks_what_a_kind_needs(client, person, kind, needed):
    fields = client.get(ADD, {"citizen": str(person.pk), "kind": kind}).context["adminform"].form.fields
    assert {
        name for name in ("day", "vaccine", "dose", "result_at") if name in fields and fields[name].required
    } == needed


def test_a_moment_is_typed_as_day_and_time_and_keeps_its_seconds():
    moment = datetime(2026, 1, 5, 10, 20, 30, tzinfo=SEOUL)
    values = {"kind": PassRecord.Kind.PCR_NEGATIVE, "vaccine_id": None, "dose": None}
    record = PassRecordFactory(day=moment.date(), result_at=moment, **values)
    form = desk_of(make_clerk(Role.REGISTRAR)).get(page_of(record)).context["adminform"].form
    shown = str(form["result_at"])
    assert 'type="date"' in shown and 'value="2026-01-05"' in shown
    assert 'type="time"' in shown and 'value="10:20:30"' in shown and 'step="1"' in shown
    minute = str(forms.SplitDateTimeField(widget=MomentInput).widget.render("at", moment.replace(second=0)))
    assert 'value="10:20"' in minute and "step" not in minute


@pytest.mark.django_db(transaction=True)
def test_a_correction_waits_for_who_holds_the_person_and_then_the_record(client):
    record = PassRecordFactory()

    def correct() -> int:
        return desk_of(User.objects.get(username="clerk")).post(page_of(record), data(record.citizen)).status_code

    _first, status = while_held(
        lambda: Citizen.objects.filter(pk=record.citizen_id).hold(),
        correct,
        lambda: PassRecord.objects.get(pk=record.pk).save(),
    )
    record.refresh_from_db()
    assert status == 302 and record.issuer == "시험 병원"
