"""The people desk: found, masked, added, corrected, revealed; every look is evidence."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape

from registry import issuing
from registry.citizens.people import NoSuchDay
from registry.models import Citizen, Device, Event, Review, Revocation, Role, Tag
from tests.factories import CitizenFactory, PassRecordFactory
from tests.queries import at_most
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db

LIST = "/admin/registry/citizen/"
SEARCH = "/admin/registry/citizen/search/"
INLINES = {f"{name}-{what}": 0 for name in ("records", "devices") for what in ("TOTAL_FORMS", "INITIAL_FORMS")}


def page_of(citizen) -> str:
    return reverse("admin:registry_citizen_change", args=[citizen.pk])


@pytest.fixture
def client():
    return desk_of(make_clerk(Role.REGISTRAR))


@pytest.mark.parametrize(
    "text",
    [
        "010-0000-1234", "01000001234", "+82 10 0000 1234", "+821000001234", "010 0000 1234", "(010) 0000-1234",
        "010–0000–1234", "０１０-００００-１２３４",
    ],
)  # fmt: skip
def test_it_finds_a_person_by_number_in_any_writing(client, text):
    person = CitizenFactory(phone="+821000001234")
    CitizenFactory()
    assert client.post(SEARCH, {"text": text})["Location"] == page_of(person)


@pytest.mark.parametrize(
    "text",
    [
        "홍길동 1990-01-01",
        "홍길동 19900101",
        "홍길동 900101",
        "900101 홍길동",
        "홍길동, 1990.1.1",
        "홍길동 1990년 1월 1일",
        "홍 길동 1990/01/01",
        "1990-01-01 홍길동",
        "홍길동(1990-01-01)",
        "홍길동 / 1990-01-01",
    ],
)
def test_it_finds_a_person_by_name_and_birth_date(client, text):
    person = CitizenFactory()
    CitizenFactory(birth="1990-01-11")
    assert client.post(SEARCH, {"text": text})["Location"] == page_of(person)


@pytest.mark.parametrize(
    "text", ["", "홍길동", "1990-01-01", "02-123-4567", "홍길동 1990-13-01", "' OR 1=1", "홍길동 1990111"]
)
def test_it_says_how_to_search_when_it_cannot(client, text):
    answer = client.post(SEARCH, {"text": text})
    assert answer.context["search_error"] in answer.content.decode()
    assert answer.context["typed"] == text and escape(text) in answer.content.decode()


def test_it_knows_a_child_by_six_digits_and_no_day_that_is_none(client):
    person = CitizenFactory(birth="2020-12-31")
    assert client.post(SEARCH, {"text": "홍길동 201231"})["Location"] == page_of(person)
    answer = client.post(SEARCH, {"text": "홍길동 901301"})
    assert answer.context["search_error"] == str(NoSuchDay())


def test_it_keeps_whom_a_search_found_and_not_what_was_typed(client):
    person = CitizenFactory(phone="+821000001234")
    client.post(SEARCH, {"text": "010-0000-1234"})
    event = Event.objects.get(tag=Tag.PERSON_SEARCHED)
    assert event.detail == {"searched_by": "phone", "found": [str(person.pk)]}
    assert (
        client.get(SEARCH + "?text=010-0000-1234&p=2")["Location"] == LIST + "?p=2"
    )  # in an address logs would keep it
    assert Event.objects.filter(tag=Tag.PERSON_SEARCHED).count() == 1


def test_it_offers_all_who_fit(client):
    one, two = CitizenFactory(), CitizenFactory()
    CitizenFactory(name="김영희")
    answer = client.post(SEARCH, {"text": "홍길동 1990-01-01"}, follow=True)
    assert {person.pk for person in answer.context["cl"].result_list} == {one.pk, two.pk}


def test_it_shows_nothing_in_clear_on_list_and_page(client):
    person = CitizenFactory(phone="+821000001234")
    for page in (LIST, page_of(person)):
        text = client.get(page).content.decode()
        assert "홍*동" in text and "010-****-1234" in text and "1990" in text
        assert "홍길동" not in text.replace("홍길동 1990-01-01", "")  # the example beside the search
        assert "1000001234" not in text and "1990-01-01" not in text.replace("홍길동 1990-01-01", "")


def test_it_tells_who_looked_at_a_person(client):
    person = CitizenFactory()
    client.get(page_of(person))
    event = Event.objects.get(tag=Tag.PERSON_SEEN)
    assert (event.actor.username, event.target, event.address) == ("clerk", f"citizen:{person.pk}", "127.0.0.1")


@pytest.mark.parametrize(
    ("deed", "value"),
    [("show_name", "홍길동"), ("show_birth_date", "1990-01-01"), ("show_phone", "010-0000-1234")],
)
def test_it_shows_one_field_once_and_for_a_reason(client, deed, value):
    person = CitizenFactory(phone="+821000001234")
    page = reverse(f"admin:registry_citizen_{deed}", args=[person.pk])
    assert value not in client.get(page).content.decode()
    assert value not in client.post(page, {"reason": " "}).content.decode()
    answer = client.post(page, {"reason": "asked by letter"})
    shown = [one for one in ("홍길동", "1990-01-01", "010-0000-1234") if one in answer.content.decode()]
    assert shown == [value] and "no-store" in answer["Cache-Control"]
    event = Event.objects.get(tag=Tag.PERSON_REVEALED)
    assert (event.reason, event.target) == ("asked by letter", f"citizen:{person.pk}")


def test_it_adds_a_person(client):
    answer = client.post(
        LIST + "add/", {"name": "김영희", "birth_date": "1985-05-05", "phone": "010-0000-2222", "region": ""}
    )
    person = Citizen.objects.get()
    assert answer.status_code == 302
    assert (person.name, person.birth, person.phone) == ("김영희", "1985-05-05", "+821000002222")
    assert Event.objects.filter(tag=Tag.PERSON_ADDED, target=f"citizen:{person.pk}").exists()


@pytest.mark.parametrize(
    "wrong",
    [{"phone": "02-123-4567"}, {"phone": "+1 202 555 0100"}, {"phone": "12"}, {"birth_date": "2990-01-01"},
     {"birth_date": "1890-01-01"}, {"birth_date": ""}, {"name": ""}, {"region": "116"}],
)  # fmt: skip
def test_it_refuses_what_cannot_be(client, wrong):
    data = {"name": "김영희", "birth_date": "1985-05-05", "phone": "010-0000-2222", "region": ""}
    answer = client.post(LIST + "add/", data | wrong)
    assert set(answer.context["adminform"].form.errors) == set(wrong)
    assert not Citizen.objects.exists()


def test_it_says_that_a_person_is_known(client):
    CitizenFactory(phone="+821000001234")
    answer = client.post(
        LIST + "add/", {"name": "홍 길동", "birth_date": "1990-01-01", "phone": "01000001234", "region": ""}
    )
    assert answer.context["adminform"].form.has_error("__all__", "already_known")
    assert Citizen.objects.count() == 1


def test_it_corrects_what_is_typed_and_keeps_the_rest(client):
    person = CitizenFactory(phone="+821000001234", verified=True)
    client.post(page_of(person), {"name": "홍길순", "birth_date": "", "phone": "", "region": ""} | INLINES)
    person = Citizen.objects.get()
    assert (person.name, person.birth, person.phone) == ("홍길순", "1990-01-01", "+821000001234")
    assert person.verified_at and Citizen.objects.named("홍길순", person.birth_date).exists()
    event = Event.objects.get(tag=Tag.PERSON_CORRECTED)
    assert event.detail == {"fields": ["name"]}


def test_it_ends_what_hangs_on_a_number_when_the_number_is_corrected(client):
    person = CitizenFactory(phone="+821000001234", verified=True)
    now = timezone.now()
    device = Device.objects.create(citizen=person, public_key=b"k", token_hash=b"t", created_at=now, seen_at=now)
    client.post(page_of(person), {"name": "", "birth_date": "", "phone": "010-0000-4321", "region": ""} | INLINES)
    person.refresh_from_db()
    device.refresh_from_db()
    assert (person.phone, person.verified_at, person.due_on) == ("+821000004321", None, None)
    assert device.ended_at and Revocation.objects.filter(citizen=person).exists()


def test_it_shows_a_regions_clerk_that_region_alone():
    client = desk_of(make_clerk(Role.REGISTRAR, region="11680"))
    mine, other = CitizenFactory(region="11680"), CitizenFactory(region="26350", phone="+821000009999")
    assert [person.pk for person in client.get(LIST).context["cl"].result_list] == [mine.pk]
    assert client.get(page_of(mine)).status_code == 200
    assert client.get(page_of(other)).status_code == 404
    assert client.post(page_of(other), {"name": "x"}).status_code == 404
    assert client.post(reverse("admin:registry_citizen_show_name", args=[other.pk]), {"reason": "x"}).status_code == 404
    record = PassRecordFactory(citizen=other)
    assert client.get(reverse("admin:registry_passrecord_change", args=[record.pk])).status_code == 404
    assert client.get(reverse("admin:registry_passrecord_add") + f"?citizen={other.pk}").status_code == 404
    assert client.post(SEARCH, {"text": "010-0000-9999"}).context["search_error"]
    data = {"name": "김영희", "birth_date": "1985-05-05", "phone": "", "region": "26350"}
    assert "region" in client.post(LIST + "add/", data).context["adminform"].form.errors


def test_it_says_what_the_records_mean_today(client):
    person = PassRecordFactory().citizen
    until = issuing.standing(person, timezone.localdate()).until
    assert until and date_format(until) in client.get(page_of(person)).content.decode()


def test_it_closes_an_item_once_with_an_answer(client):
    review = Review.objects.create(
        kind=Review.Kind.POSSIBLY_SAME, citizen=CitizenFactory(), other=CitizenFactory(), opened_at=timezone.now()
    )
    assert client.get("/admin/registry/review/").status_code == 200
    assert client.get(reverse("admin:registry_review_change", args=[review.pk])).status_code == 200
    page = reverse("admin:registry_review_close", args=[review.pk])
    assert client.post(page, {"answer": "two people"}).status_code == 302
    assert client.post(page, {"answer": "one person"}).status_code == 200
    review.refresh_from_db()
    assert review.answer == "two people" and review.closed_by.username == "clerk"


def test_it_costs_the_same_however_many_people_there_are(client):
    for _n in range(12):
        CitizenFactory()
    with at_most(13) as queries:
        client.get(LIST)
    counts = [query["sql"] for query in queries if "COUNT(*)" in query["sql"]]
    assert counts and all("LIMIT 100" in sql for sql in counts)


def test_it_stays_within_bounds_for_old_rows(client):
    person = CitizenFactory()
    Citizen.objects.update(created_at=timezone.now() - timedelta(days=900))
    assert client.get(LIST + "?p=99").status_code in (200, 302)
    assert client.get(page_of(person)).status_code == 200


def test_it_says_what_to_do_where_somebody_has_no_record_and_no_phone(client):
    client.cookies["django_language"] = "en"
    page = client.get(reverse("admin:registry_citizen_change", args=[CitizenFactory().pk])).content.decode()
    assert "“Add a pass record” above" in page and "No phone holds the pass yet." in page
    page = client.get(reverse("admin:registry_citizen_change", args=[PassRecordFactory().citizen.pk])).content.decode()
    assert "“Add a pass record” above" not in page
