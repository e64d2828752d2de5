"""What waits for a registrar: requests and items in one list, oldest first, narrowed as the clerk likes."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from registry.citizens import people, requests, waiting
from registry.models import Message, Request, Review, Role
from tests.factories import CitizenFactory
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db
PAGE = "/admin/registry/request/waiting/"


@pytest.fixture
def clerk():
    return make_clerk(Role.REGISTRAR)


@pytest.fixture
def rows():
    """An old item, a younger request, and the youngest item."""
    now = timezone.now()
    pair = [CitizenFactory(verified=True, region="11680"), CitizenFactory()]
    old = Review.objects.create(
        kind=Review.Kind.POSSIBLY_SAME, citizen=pair[0], other=pair[1], opened_at=now - timedelta(days=9)
    )
    asked = requests.open_request(CitizenFactory(), Request.Kind.CORRECTION, "둘", now=now - timedelta(days=2))
    young = Review.objects.create(kind=Review.Kind.NUMBER_CLAIMED, citizen=pair[1], other=pair[0], opened_at=now)
    return [old, asked, young]


def listed(client, query: str = "") -> list:
    return [row for row, _page, _model in client.get(PAGE + query).context["rows"]]


def test_it_lists_both_oldest_first_with_their_age_and_without_their_words(clerk, rows):
    client = desk_of(clerk)
    assert listed(client) == rows
    text = client.get(PAGE).content.decode()
    assert "1주, 2일" in text and "둘" not in text and "홍길동" not in text


def test_it_narrows_to_a_kind_and_to_whose_it_is(clerk, rows):
    requests.take(rows[0], by=clerk, now=timezone.now())
    client = desk_of(clerk)
    assert listed(client, "?kind=correction") == [rows[1]]
    assert listed(client, "?whose=mine") == [rows[0]]
    assert listed(client, "?whose=nobodys") == rows[1:]
    assert listed(client, "?whose=nobodys&kind=number_claimed") == [rows[2]]
    assert listed(client, "?kind=nonsense&page=x") == rows


def test_what_is_closed_waits_no_more_and_others_regions_do_not_wait_here(clerk, rows):
    people.close_review(rows[2], answer="x", by=clerk, now=timezone.now())
    assert listed(desk_of(clerk)) == rows[:2]
    assert listed(desk_of(make_clerk(Role.REGISTRAR, username="busan", region="26"))) == [rows[1]]
    for role in set(Role) - {Role.REGISTRAR}:
        stranger = desk_of(make_clerk(role, username=role.value))
        take = reverse("admin:registry_waiting_take", args=["request", rows[1].pk])
        assert (stranger.get(PAGE).status_code, stranger.post(take).status_code) == (403, 403)


def test_it_costs_the_same_however_many_wait(clerk, rows, monkeypatch, django_assert_num_queries):
    for n in range(30):
        requests.open_request(CitizenFactory(), Request.Kind.NUMBER, f"{n}", now=timezone.now())
    with django_assert_num_queries(3):
        first = waiting.page_for(clerk)
    second = waiting.page_for(clerk, number=1)
    assert (len(first.rows), first.more, len(second.rows), second.more) == (25, True, 8, False)
    assert first.rows[:2] == rows[:2]


def test_taking_what_is_not_there_is_a_strangers_page(clerk, rows):
    client = desk_of(clerk)
    for model, key in (("request", "nonsense"), ("review", "nonsense"), ("citizen", rows[0].citizen_id)):
        assert client.post(reverse("admin:registry_waiting_take", args=[model, key])).status_code == 404


def test_closing_an_item_may_tell_the_citizen_who_reads_it_in_the_wallet(clerk, rows):
    page = reverse("admin:registry_review_close", args=[rows[0].pk])
    desk_of(clerk).post(page, {"answer": "two people", "told": "다른 분의 기록이었습니다."})
    told = Request.objects.get(kind=Request.Kind.COMPARED)
    assert (told.citizen, told.answer, told.closed_by) == (rows[0].citizen, "다른 분의 기록이었습니다.", clerk)
    assert Message.objects.get().purpose == Message.Purpose.NOTICE
    desk_of(clerk).post(reverse("admin:registry_review_close", args=[rows[2].pk]), {"answer": "x", "told": " "})
    assert Request.objects.filter(kind=Request.Kind.COMPARED).count() == 1
