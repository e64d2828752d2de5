"""The requests desk: what citizens ask, answered where they read it, or met by erasing the person."""

import pytest
from django.urls import reverse
from django.utils import timezone

from registry.citizens import requests
from registry.models import Citizen, Event, Request, Role, Tag
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db
LIST = "/admin/registry/request/"
WORDS = "2차 접종일이 <b>다릅니다</b>."


@pytest.fixture
def asked():
    citizen = CitizenFactory(verified=True, phone="+821000001234", region="11680")
    return requests.open_request(citizen, Request.Kind.CORRECTION, WORDS, now=timezone.now())


def page_of(request, deed="change"):
    return reverse(f"admin:registry_request_{deed}", args=[request.pk])


@pytest.fixture
def client():
    return desk_of(make_clerk(Role.REGISTRAR))


def test_it_lists_what_is_open_longest_waiting_first_and_says_how_many(client, asked):
    second = requests.open_request(CitizenFactory(), Request.Kind.NUMBER, "제 번호", now=timezone.now())
    answer = client.get(LIST)
    assert [row.pk for row in answer.context["cl"].result_list] == [asked.pk, second.pk]
    text = answer.content.decode()
    assert "홍*동" in text and "다릅니다" not in text
    requests.answer(asked, text="예", by=make_clerk(username="other"), now=timezone.now())
    for state, rows in {"": [second.pk], "?state=answered": [asked.pk], "?state=all": [asked.pk, second.pk]}.items():
        assert [row.pk for row in client.get(LIST + state).context["cl"].result_list] == rows


def test_it_shows_the_words_as_text_and_tells_who_looked(client, asked):
    text = client.get(page_of(asked)).content.decode()
    assert "2차 접종일이 &lt;b&gt;다릅니다&lt;/b&gt;." in text and "홍길동" not in text
    event = Event.objects.get(tag=Tag.PERSON_SEEN)
    assert event.target == f"citizen:{asked.citizen_id}"


def test_it_answers_once(client, asked):
    page = page_of(asked, "answer_request")
    assert "2차 접종일이" in client.get(page).content.decode()
    assert client.post(page, {"answer": " "}).status_code == 200
    assert client.post(page, {"answer": "고쳤습니다."})["Location"] == page_of(asked)
    asked.refresh_from_db()
    assert (asked.answer, asked.closed_by.username) == ("고쳤습니다.", "clerk")
    assert client.post(page, {"answer": "다시"}).status_code == 200
    asked.refresh_from_db()
    assert asked.answer == "고쳤습니다."
    assert client.get(page_of(asked, "erase_person")).status_code == 403
    assert "고쳤습니다." in client.get(page_of(asked)).content.decode()
    assert "고쳤" not in str(Event.objects.get(tag=Tag.REQUEST_ANSWERED).detail)


def test_it_erases_only_who_asked_for_it_and_only_with_a_reason(client, asked):
    PassRecordFactory(citizen=asked.citizen)
    assert client.post(page_of(asked, "erase_person"), {"reason": "x"}).status_code == 403
    erasure = requests.open_request(asked.citizen, Request.Kind.ERASURE, "", now=timezone.now())
    page = page_of(erasure, "erase_person")
    assert client.post(page, {"reason": ""}).status_code == 200
    assert Citizen.objects.filter(pk=asked.citizen_id).exists()
    assert client.post(page, {"reason": "nothing the law keeps"})["Location"] == LIST
    assert not Citizen.objects.filter(pk=asked.citizen_id).exists() and not Request.objects.exists()
    event = Event.objects.get(tag=Tag.PERSON_ERASED)
    assert (event.actor.username, event.reason, event.address) == ("clerk", "nothing the law keeps", "127.0.0.1")


def test_it_is_open_to_registrars_of_the_region_alone(asked):
    other = requests.open_request(CitizenFactory(region="26350"), Request.Kind.NUMBER, "제 번호", now=timezone.now())
    nobodys = requests.open_request(CitizenFactory(), Request.Kind.NUMBER, "제 번호", now=timezone.now())
    for region, seen in {"": 3, "11": 2, "11680": 2, "26": 1}.items():
        client = desk_of(make_clerk(Role.REGISTRAR, username=f"of-{region}", region=region))
        assert len(client.get(LIST).context["cl"].result_list) == seen
        assert client.get(page_of(nobodys)).status_code == 200  # who came by phone has no region: every registrar's
        assert client.get(page_of(asked)).status_code == (404 if region == "26" else 200)
        assert client.get(page_of(other)).status_code == (404 if region.startswith("11") else 200)
        elsewhere = asked if region == "26" else other
        answer = client.post(page_of(elsewhere, "answer_request"), {"answer": "x"})
        assert answer.status_code == (404 if region else 302)
    for role in set(Role) - {Role.REGISTRAR}:
        stranger = desk_of(make_clerk(role, username=f"a-{role}"))
        for page in (LIST, page_of(asked), page_of(asked, "answer_request"), page_of(asked, "erase_person")):
            assert stranger.get(page).status_code == 403
