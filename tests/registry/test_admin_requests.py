"""The requests desk: what citizens ask, answered where they read it, or met by erasing the person."""

import pytest
from django.urls import reverse
from django.utils import timezone

from registry.citizens import requests
from registry.models import Event, Request, Role, Tag
from tests.factories import CitizenFactory
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
    assert "고쳤습니다." in client.get(page_of(asked)).content.decode()
    assert "고쳤" not in str(Event.objects.get(tag=Tag.REQUEST_ANSWERED).detail)


def test_who_asked_to_be_erased_leads_to_the_page_that_erases(client, asked):
    assert client.get(page_of(asked, "erase_person")).status_code == 403
    erasure = requests.open_request(asked.citizen, Request.Kind.ERASURE, "", now=timezone.now())
    page = reverse("admin:registry_citizen_erase", args=[asked.citizen_id])
    assert client.get(page_of(erasure, "erase_person"))["Location"] == page


def test_one_clerk_takes_what_waits_and_another_is_told(client, asked):
    other = desk_of(make_clerk(Role.REGISTRAR, username="lee"))
    take = reverse("admin:registry_waiting_take", args=["request", asked.pk])
    assert client.get(take).status_code == 405
    assert client.post(take)["Location"] == page_of(asked)
    answer = other.post(take, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["warning"]
    asked.refresh_from_db()
    assert asked.taken_by.username == "clerk" and asked.taken_at
    assert "clerk" in other.get(page_of(asked, "answer_request")).content.decode()
    assert other.post(page_of(asked, "let_go")).status_code == 302
    assert other.post(page_of(asked, "take")).status_code == 302
    assert [event.actor.username for event in Event.objects.filter(tag=Tag.REQUEST_TAKEN).order_by("pk")] == [
        "clerk", "lee",
    ]  # fmt: skip
    assert client.post(page_of(asked, "answer_request"), {"answer": "예"}).status_code == 302


def test_why_a_door_refused_is_asked_with_the_reference_and_looked_up_by_it(client, asked):
    with pytest.raises(requests.NoReference):
        requests.open_request(asked.citizen, Request.Kind.REFUSAL, "왜", now=timezone.now(), reference="ABC")
    why = requests.open_request(asked.citizen, Request.Kind.REFUSAL, "왜", now=timezone.now(), reference="abcd-2345")
    assert "ABCD-2345" in client.get(page_of(why)).content.decode()
    assert client.get(page_of(why, "look_up"))["Location"] == "/admin/checkins/refusal/?q=ABCD2345"
    assert page_of(asked, "look_up") not in client.get(page_of(asked)).content.decode()


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
