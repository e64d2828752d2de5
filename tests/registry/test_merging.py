"""Two rows that are one person: what moves, what ends, what the log still leads to, and the way back."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from registry.citizens import merging, requests, withdrawal
from registry.models import (
    Citizen,
    Device,
    Event,
    FormerIdentity,
    PassRecord,
    Request,
    Review,
    Revocation,
    Role,
    SafeNumber,
    Tag,
)
from registry.phone import safe_numbers
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def clerk():
    return make_clerk(Role.REGISTRAR)


@pytest.fixture
def record(now):
    """On record with a dose and an old number that was checked long ago."""
    person = CitizenFactory(phone="+821000001111", verified_at=now - timedelta(days=50), due_on=now.date())
    PassRecordFactory(citizen=person)
    return person


@pytest.fixture
def newcomer(now):
    """The same name with another number, checked today, and the item that the check has opened."""
    return CitizenFactory(phone="+821000002222", verified=True, phone_since=now)


def device_of(person, now):
    return Device.objects.create(
        citizen=person, public_key=b"k", token_hash=person.pk.bytes, created_at=now, seen_at=now
    )


def merge(stays, goes, clerk, now):
    return merging.merge(stays, goes, by=clerk, reason="same identity card", now=now)


def test_it_moves_what_hangs_on_the_row_and_keeps_the_number_that_was_checked_last(record, newcomer, clerk, now):
    old_phone, new_phone = device_of(record, now), device_of(newcomer, now)
    child = CitizenFactory(name="홍아이", phone=newcomer.phone, guardian=newcomer, relation="child")
    asked = requests.open_request(newcomer, Request.Kind.CORRECTION, "기록이 없습니다", now=now)
    merge(record, newcomer, clerk, now)
    person = Citizen.objects.get(pk=record.pk)
    assert not Citizen.objects.filter(pk=newcomer.pk).exists()
    assert (person.phone, person.verified_at, person.due_on) == (newcomer.phone, newcomer.verified_at, newcomer.due_on)
    assert [Citizen.objects.get(pk=child.pk).guardian, Request.objects.get(pk=asked.pk).citizen] == [person, person]
    for device in (old_phone, new_phone):
        device.refresh_from_db()
    assert (new_phone.citizen, new_phone.ended_at) == (person, None)
    assert old_phone.ended_at  # it proved the number that is not kept
    assert set(Revocation.objects.values_list("citizen_id", flat=True)) == {record.pk, newcomer.pk}


def test_it_moves_records_into_the_history_and_answers_the_item_of_the_pair(record, newcomer, clerk, now):
    Review.objects.create(kind=Review.Kind.POSSIBLY_SAME, citizen=newcomer, other=record, opened_at=now)
    third = Review.objects.create(
        kind=Review.Kind.POSSIBLY_SAME, citizen=newcomer, other=CitizenFactory(), opened_at=now
    )
    merge(newcomer, record, clerk, now)
    moved = PassRecord.objects.get()
    assert moved.citizen == newcomer and moved.history.count() == 2
    assert list(Review.objects.all()) == [third]


def test_every_earlier_identity_leads_to_the_person(record, newcomer, clerk, now):
    first = CitizenFactory(phone=None)
    merge(newcomer, first, clerk, now)
    merge(record, newcomer, clerk, now + timedelta(seconds=1))
    assert merging.identities_of(record) == [record.pk, newcomer.pk, first.pk]
    for identity in (record.pk, newcomer.pk, first.pk):
        assert merging.person_of(identity) == record
    assert merging.person_of(CitizenFactory.build().pk) is None


def test_the_safe_number_of_a_number_that_is_not_kept_leads_to_the_person(record, newcomer, clerk, now):
    safe = safe_numbers.issue_for(record, by=clerk, now=now)
    merge(newcomer, record, clerk, now)
    safe.refresh_from_db()
    assert safe.ended_at and safe.held_by == newcomer
    assert SafeNumber.objects.of_number(bytes(newcomer.phone_index)).count() == 0


def test_of_two_open_requests_of_a_kind_it_makes_one_with_both_words(record, newcomer, clerk, now):
    requests.open_request(record, Request.Kind.CORRECTION, "하나", now=now - timedelta(days=1))
    requests.open_request(newcomer, Request.Kind.CORRECTION, "둘", now=now)
    merge(record, newcomer, clerk, now)
    asked = Request.objects.get()
    assert (asked.text, asked.opened_at) == ("하나\n\n둘", now - timedelta(days=1))


def test_it_refuses_whom_the_other_carries_and_whom_nobody_has_any_more(record, newcomer, clerk, now):
    Citizen.objects.filter(pk=record.pk).update(guardian=newcomer, relation="parent")
    with pytest.raises(merging.CarryEachOther):
        merge(newcomer, record, clerk, now)
    Citizen.objects.filter(pk=record.pk).update(guardian=None, relation="")
    merge(newcomer, record, clerk, now)
    with pytest.raises(merging.NoLongerTwo):
        merge(newcomer, record, clerk, now)


def test_the_evidence_has_both_and_no_personal_value(record, newcomer, clerk, now):
    former = merge(record, newcomer, clerk, now)
    events = Event.objects.filter(tag=Tag.PEOPLE_MERGED)
    assert {event.target for event in events} == {f"citizen:{record.pk}", f"citizen:{newcomer.pk}"}
    assert events[0].reason == "same identity card" and "홍길동" not in str(events.values_list())
    assert "홍길동" not in str(FormerIdentity.objects.extra(select={"raw": "before"}).values_list("raw")[0])
    assert newcomer.phone in former.before


def test_it_parts_them_again_with_what_each_had(record, newcomer, clerk, now):
    dose = record.records.get()
    former = merge(newcomer, record, clerk, now)
    later = PassRecordFactory(citizen=newcomer, dose=3, day=now.date())
    back = merging.part(former, by=clerk, reason="two brothers", now=now)
    assert (back.pk, back.name, back.phone) == (record.pk, "홍길동", "+821000001111")
    assert list(back.records.all()) == [dose] and list(newcomer.records.all()) == [later]
    assert merging.identities_of(newcomer) == [newcomer.pk]
    with pytest.raises(merging.NotParted):
        merging.part(former, by=clerk, reason="again", now=now)


def test_parting_gives_the_number_back_to_whom_it_came_from(record, newcomer, clerk, now):
    former = merge(record, newcomer, clerk, now)
    back = merging.part(former, by=clerk, reason="two brothers", now=now)
    record.refresh_from_db()
    assert (record.phone, record.verified_at) == ("+821000001111", None)
    assert (back.phone, back.verified_at) == ("+821000002222", None)


def test_erasing_the_person_leaves_nothing_of_the_former_one(record, newcomer, clerk, now):
    merge(record, newcomer, clerk, now)
    withdrawal.erase(record, by=clerk, reason="asked", now=now)
    assert not FormerIdentity.objects.exists() and not PassRecord.history.exists()
    assert set(Revocation.objects.values_list("reason", flat=True)) == {""}


def test_a_clerk_is_led_from_the_item_over_both_side_by_side_to_the_person(record, newcomer, clerk, now):
    review = Review.objects.create(kind=Review.Kind.POSSIBLY_SAME, citizen=newcomer, other=record, opened_at=now)
    client = desk_of(clerk)
    answer = client.get(reverse("admin:registry_review_one_person", args=[review.pk]), follow=True)
    text = answer.content.decode()
    assert "010-****-1111" in text and "010-****-2222" in text and "홍길동" not in text
    page = answer.redirect_chain[-1][0]
    assert client.post(page, {"stays": str(record.pk), "reason": ""}).status_code == 200
    answer = client.post(page, {"stays": str(record.pk), "reason": "same identity card", "told": "합쳤습니다."})
    assert Request.objects.get().answer == "합쳤습니다."
    assert answer["Location"] == f"/admin/registry/citizen/{record.pk}/change/"
    assert client.get(f"/admin/registry/citizen/{record.pk}/part/").status_code == 200
    assert client.get(page).status_code == 404


def test_it_offers_who_looks_alike_and_finds_who_is_typed(record, newcomer, clerk):
    client = desk_of(clerk)
    page = f"/admin/registry/citizen/{record.pk}/merge/"
    assert [other for other, _address in client.get(page).context["offered"]] == [newcomer]
    sister = CitizenFactory(name="김영희", phone="+821000003333")
    answer = client.post(page, {"text": "010-0000-3333"})
    assert answer["Location"] == f"{page}{sister.pk}/"
    assert "text" in client.post(page, {"text": "010-0000-9999"}).context["form"].errors
    stranger = desk_of(make_clerk(Role.AUDITOR, username="auditor"))
    assert {stranger.get(each).status_code for each in (page, f"{page}{sister.pk}/")} == {403}


def test_a_regions_clerk_merges_nobody_of_another_region(record, newcomer):
    Citizen.objects.filter(pk=record.pk).update(region="26350")
    client = desk_of(make_clerk(Role.REGISTRAR, username="gangnam", region="11680"))
    assert client.get(f"/admin/registry/citizen/{newcomer.pk}/merge/{record.pk}/").status_code == 404
