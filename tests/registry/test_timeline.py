"""The story of a person: what happened, newest first, by whom, and never a personal value."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from phonenumber_field.phonenumber import PhoneNumber

from registry import audit
from registry.citizens import merging, people, records, requests, timeline
from registry.models import Event, Request, Role, Tag
from registry.sms import outbox
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk():
    return make_clerk(Role.REGISTRAR)


@pytest.fixture
def person():
    return CitizenFactory(verified=True, phone="+821000001234", phone_since=timezone.now() - timedelta(days=1))


def story(person, **which) -> list[str]:
    return [entry.what for entry in timeline.of(person, now=timezone.now(), **which).entries]


def label(*tags: Tag) -> list[str]:
    return [str(tag.label) for tag in tags]


def test_it_tells_of_records_requests_messages_and_looks_newest_first(person, clerk):
    now = timezone.now()
    record = records.add(PassRecordFactory.build(citizen=person), by=clerk)
    records.revoke(record, by=clerk, reason="entered twice", now=now)
    requests.open_request(person, Request.Kind.CORRECTION, "비밀", now=now)
    people.see(person, by=clerk)
    outbox.enqueue(
        PhoneNumber.from_string(person.phone),
        "비밀",
        purpose="notice",
        useful_for=timedelta(hours=1),
        now=timezone.now(),
    )
    told = story(person)
    assert told[0].startswith("SMS: ")
    assert told[1:] == label(
        Tag.PERSON_SEEN, Tag.REQUEST_OPENED, Tag.PASS_REVOKED, Tag.RECORD_REVOKED, Tag.RECORD_ADDED
    )
    assert story(person, group=timeline.Group.LOOKS) == label(Tag.PERSON_SEEN)
    assert [text[:4] for text in story(person, group=timeline.Group.SMS)] == ["SMS:"]


def test_it_says_which_fields_were_corrected_and_not_what_they_say(person, clerk):
    person.phone = "+821000009999"
    people.correct(person, fields=["phone"], by=clerk, now=timezone.now())
    text = desk_of(clerk).get(reverse("admin:registry_citizen_timeline", args=[person.pk])).content.decode()
    assert str(timeline.FIELDS["phone"]) in text and "9999" not in text.replace("010-****-9999", "")
    assert "홍길동" not in text and "1990-01-01" not in text


def test_it_goes_on_page_by_page_without_losing_or_repeating_anything(person, clerk, monkeypatch):
    monkeypatch.setattr(timeline, "PAGE", 4)
    with time_machine.travel(timezone.now(), tick=False):  # as one statement tells of several things at one moment
        for _time in range(10):
            audit.record(Tag.PASS_ISSUED, by=None, target=person)
    seen, before = [], ""
    while before is not None:
        page = timeline.of(person, now=timezone.now(), before=before)
        seen += [entry.key for entry in page.entries]
        before = page.older
    assert seen == sorted(Event.objects.filter(tag=Tag.PASS_ISSUED).values_list("pk", flat=True), reverse=True)
    assert len(timeline.of(person, now=timezone.now(), before="nonsense").entries) == 4


def test_looks_of_one_clerk_in_a_row_are_told_once_with_how_many(person, clerk):
    for by in (clerk, clerk, make_clerk(username="other"), clerk):
        people.see(person, by=by)
    entries = timeline.of(person, now=timezone.now()).entries
    assert [(entry.who, entry.looks) for entry in entries] == [("clerk", 1), ("other", 1), ("clerk", 2)]


def test_it_tells_the_story_of_both_of_whom_one_was_made(person, clerk):
    other = CitizenFactory()
    people.see(other, by=clerk)
    merging.merge(person, other, by=clerk, reason="one", now=timezone.now())
    assert label(Tag.PERSON_SEEN)[0] in story(person)


def test_it_costs_the_same_however_long_the_story_is(person, clerk, django_assert_num_queries):
    for n in range(40):
        audit.record(Tag.PASS_ISSUED, by=None, target=person)
        if n < 8:
            PassRecordFactory(citizen=person, dose=n + 1)
    with django_assert_num_queries(6):
        timeline.of(person, now=timezone.now())


def test_looking_at_the_story_is_a_look_too_and_open_to_registrars_alone(person, clerk):
    page = reverse("admin:registry_citizen_timeline", args=[person.pk])
    assert desk_of(clerk).get(page + "?show=looks&before=x").status_code == 200
    assert Event.objects.get(tag=Tag.PERSON_SEEN).actor == clerk
    assert desk_of(make_clerk(Role.AUDITOR, username="auditor")).get(page).status_code == 403
