"""Two clerks with one row open: the second is told what the first saved, and nothing of either is lost."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from registry.models import Citizen, Role
from tests.factories import CitizenFactory, PassRecordFactory, VenueFactory
from tests.registry.clerks import desk_of, make_clerk
from tests.registry.policies import draft
from venues.models import CategoryRule

pytestmark = pytest.mark.django_db
EDITORS = (Role.REGISTRAR, Role.VENUE_OFFICER, Role.POLICY_MAKER)


@pytest.fixture
def first():
    return desk_of(make_clerk(*EDITORS, username="kim"))


@pytest.fixture
def second():
    return desk_of(make_clerk(*EDITORS, username="lee"))


def page_of(row) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def opened(client, row) -> dict:
    """What the page of a row would send if nothing were typed."""
    page = client.get(page_of(row)).context
    form = page["adminform"].form
    sent = {"_seen": form.seen}
    for inline in page["inline_admin_formsets"]:
        rows = inline.formset.forms if inline.has_change_permission else []
        sent |= {f"{inline.formset.prefix}-{what}": len(rows) for what in ("TOTAL_FORMS", "INITIAL_FORMS")}
        for row in rows:
            sent |= filled(row)
    return sent | filled(form)


def filled(form) -> dict:
    """What a form is sent with; a box that is not ticked is not."""
    values = {bound.html_name: bound.value() for bound in form}
    text = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}
    return {name: "" if value is None else value for name, value in text.items() if value is not False}


def test_the_second_sees_what_changed_keeps_what_was_typed_and_then_saves(first, second):
    record = PassRecordFactory(issuer="시험 병원")
    mine, theirs = opened(first, record), opened(second, record)
    day = (timezone.localdate() - timedelta(days=50)).isoformat()
    assert first.post(page_of(record), mine | {"issuer": "다른 병원"}).status_code == 302
    answer = second.post(page_of(record), theirs | {"day": day})
    text = answer.content.decode()
    assert answer.status_code == 200 and "kim" in text and "다른 병원" in text
    form = answer.context["adminform"].form
    assert (form["day"].value(), form["issuer"].value()) == (day, "다른 병원")
    again = theirs | {"day": form["day"].value(), "issuer": form["issuer"].value(), "_seen": form.seen}
    assert second.post(page_of(record), again).status_code == 302
    record.refresh_from_db()
    assert (record.day.isoformat(), record.issuer) == (day, "다른 병원")


def test_where_both_changed_one_field_the_typed_one_stays_to_be_looked_at(first, second):
    record = PassRecordFactory(issuer="시험 병원")
    mine, theirs = opened(first, record), opened(second, record)
    first.post(page_of(record), mine | {"issuer": "하나 병원"})
    form = second.post(page_of(record), theirs | {"issuer": "두리 병원"}).context["adminform"].form
    assert form["issuer"].value() == "두리 병원"
    assert any("하나 병원" in line for line in form.non_field_errors())
    record.refresh_from_db()
    assert record.issuer == "하나 병원"


def test_of_a_person_it_tells_that_and_not_what(first, second):
    person = CitizenFactory(phone="+821000001111")
    mine, theirs = opened(first, person), opened(second, person)
    empty = {"name": "", "birth_date": "", "phone": "", "region": ""}
    assert first.post(page_of(person), mine | empty | {"phone": "010-0000-2222", "region": "11680"}).status_code == 302
    answer = second.post(page_of(person), theirs | empty | {"name": "홍길순"})
    lines = answer.context["adminform"].form.non_field_errors()
    assert len(lines) == 3 and any("강남구" in line for line in lines) and not any("2222" in line for line in lines)
    form = answer.context["adminform"].form
    assert (form["name"].value(), form["region"].value()) == ("홍길순", "서울특별시 강남구")
    again = theirs | empty | {"name": "홍길순", "region": "11680", "_seen": form.seen}
    assert second.post(page_of(person), again).status_code == 302
    person = Citizen.objects.get()
    assert (person.name, person.phone, person.region) == ("홍길순", "+821000002222", "11680")


def test_it_holds_on_every_desk_that_edits(first, second):
    venue = VenueFactory()
    mine, theirs = opened(first, venue), opened(second, venue)
    assert first.post(page_of(venue), mine | {"name": "새 이름"}).status_code == 302
    assert second.post(page_of(venue), theirs).status_code == 200
    assert second.post(page_of(venue), opened(second, venue) | {"address": "새 주소"}).status_code == 302
    venue.refresh_from_db()
    assert (venue.name, venue.address) == ("새 이름", "새 주소")


def test_who_is_alone_notices_nothing_and_what_only_looks_the_same_is_no_change(first):
    record = PassRecordFactory(pcr=True, day=timezone.localdate())
    sent = opened(first, record)
    at = timezone.localtime(record.result_at)
    sent |= {"result_at_0": f"{at:%Y-%m-%d}", "result_at_1": f"{at:%H:%M:%S}"}
    assert first.post(page_of(record), sent | {"issuer": "다른 병원"}).status_code == 302


def test_of_the_categories_of_a_draft_nothing_is_lost_where_each_changed_another_row(first, second):
    version = draft()
    mine, theirs = opened(first, version), opened(second, version)
    one, other = (f"category_rules-{n}-asks_until" for n in (0, 1))
    assert first.post(page_of(version), mine | {one: "2030-01-31"}).status_code == 302
    answer = second.post(page_of(version), theirs | {other: "2030-02-28"})
    assert answer.status_code == 200 and "kim" in answer.content.decode()
    [inline] = answer.context["inline_admin_formsets"]
    rows = inline.formset.forms[:2]
    assert [row["asks_until"].value() for row in rows] == ["2030-01-31", "2030-02-28"]
    assert [bool(row.errors) for row in rows] == [True, False]
    again = theirs | {other: "2030-02-28"} | filled(rows[0]) | filled(answer.context["adminform"].form)
    assert second.post(page_of(version), again).status_code == 302
    until = (
        CategoryRule.objects.filter(policy=version).order_by("category__position").values_list("asks_until", flat=True)
    )
    assert [day.isoformat() for day in until[:2]] == ["2030-01-31", "2030-02-28"]


def test_of_one_category_that_both_changed_what_was_typed_stays_to_be_looked_at(first, second):
    version = draft()
    mine, theirs = opened(first, version), opened(second, version)
    until = "category_rules-0-asks_until"
    first.post(page_of(version), mine | {until: "2030-01-31"})
    answer = second.post(page_of(version), theirs | {until: "2030-02-28"})
    [inline] = answer.context["inline_admin_formsets"]
    [row] = [row for row in inline.formset.forms if row.errors]
    assert row["asks_until"].value() == "2030-02-28"
    assert any("2030" in line for line in list(row.non_field_errors())[1:])
    again = theirs | filled(row) | filled(answer.context["adminform"].form)
    assert second.post(page_of(version), again).status_code == 302
    assert CategoryRule.objects.get(pk=row.instance.pk).asks_until.isoformat() == "2030-02-28"
