"""What a desk's list and row tell: how many wait, why nothing is there, and no button for what is done."""

import pytest
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from unfold.templatetags import unfold_list

from registry.admin.records import PassRecordAdmin
from registry.citizens import people, requests
from registry.models import Request, Review, Role
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db
REVIEWS, REQUESTS = "/admin/registry/review/", "/admin/registry/request/"
BACK = 'class="text-link" href="?"'


@pytest.fixture
def clerk():
    return make_clerk(Role.REGISTRAR)


@pytest.fixture
def review():
    citizens = CitizenFactory(region="11680"), CitizenFactory(region="11680")
    kind, now = Review.Kind.NUMBER_CLAIMED, timezone.now()
    return Review.objects.create(kind=kind, citizen=citizens[0], other=citizens[1], opened_at=now)


def waiting(client) -> list[str]:
    """What stands beside the desks of the menu."""
    desks = client.get("/admin/").context["sidebar_navigation"]
    badges = [str(item["badge_callback"]) for desk in desks for item in desk["items"] if "badge_callback" in item]
    return [badge for badge in badges if badge]


def test_it_says_how_many_wait_and_nothing_where_nobody_does(clerk, review):
    assert waiting(desk_of(clerk)) == ["1"]
    assert waiting(desk_of(make_clerk(Role.REGISTRAR, username="elsewhere", region="26"))) == []
    people.close_review(review, answer="x", by=clerk, now=timezone.now())
    client = desk_of(clerk)
    assert waiting(client) == [] and "desk-badge" not in client.get("/admin/").content.decode()


@pytest.mark.parametrize("region", ["", "11", "11680"])
def test_the_newest_come_first_for_whoever_may_see_them(region):
    client = desk_of(make_clerk(Role.REGISTRAR, region=region))
    records = [PassRecordFactory(citizen__region="11680") for _n in range(3)]
    people = [record.citizen for record in records]
    assert list(client.get("/admin/registry/passrecord/").context["cl"].result_list) == records[::-1]
    assert list(client.get("/admin/registry/citizen/").context["cl"].result_list) == people[::-1]


def test_headers_are_made_once_for_all_rows_and_icons_in_the_readers_language(clerk):
    client = desk_of(clerk)
    PassRecordFactory.create_batch(2)
    for language, yes in (("ko", "예"), ("en", "True"), ("ko", "예")):
        page = client.get("/admin/registry/passrecord/", headers={"accept-language": language})
        assert page.content.decode().count(f'title="{yes}"') == 2
    shown = page.context["cl"]
    assert unfold_list.result_headers(shown) is unfold_list.result_headers(shown)
    assert len(unfold_list.result_headers(shown)) == len(shown.list_display)


def test_a_row_of_a_narrowed_list_leads_back_to_it(clerk):
    record = PassRecordFactory()
    page = desk_of(clerk).get("/admin/registry/passrecord/?kind=vaccination&p=1")
    shown, address = page.context["cl"], reverse("admin:registry_passrecord_change", args=[record.pk])
    there = add_preserved_filters({"preserved_filters": shown.preserved_filters, "opts": shown.opts}, address)
    assert escape(there) in page.content.decode() and there.startswith(address + "?_changelist_filters=kind")


def test_rows_that_fit_on_a_page_are_asked_for_without_a_limit_and_more_with_one(clerk, monkeypatch):
    client = desk_of(clerk)
    records = PassRecordFactory.create_batch(3)
    for per_page, limits in ((25, [False]), (2, [True])):
        monkeypatch.setattr(PassRecordAdmin, "list_per_page", per_page)
        with CaptureQueriesContext(connection) as asked:
            shown = client.get("/admin/registry/passrecord/").context["cl"]
        rows = [query["sql"] for query in asked if 'FROM "registry_passrecord"' in query["sql"]]
        assert ["LIMIT" in sql for sql in rows if "COUNT" not in sql] == limits
        assert list(shown.result_list) == records[::-1][:per_page]


def test_an_empty_list_says_why_and_offers_to_take_a_filter_back(clerk):
    client = desk_of(clerk)
    assert BACK not in client.get(REVIEWS).content.decode()
    assert BACK in client.get(REVIEWS + "?state=closed").content.decode()


def test_what_is_done_has_no_buttons(clerk, review):
    client = desk_of(clerk)
    asked = requests.open_request(CitizenFactory(), Request.Kind.CORRECTION, "x", now=timezone.now())
    deeds = {review: ("close", "give_back"), asked: ("answer_request",)}
    pages = {row: [reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_{deed}", args=[row.pk]) for deed in names]
             for row, names in deeds.items()}  # fmt: skip

    def shown() -> list[str]:
        seen = [(each, client.get(f"/admin/registry/{row._meta.model_name}/{row.pk}/change/").content.decode())
                for row, addresses in pages.items() for each in addresses]  # fmt: skip
        return [each for each, text in seen if f'href="{each}"' in text]

    assert shown() == [each for addresses in pages.values() for each in addresses]
    people.close_review(review, answer="x", by=clerk, now=timezone.now())
    requests.answer(asked, text="x", by=clerk, now=timezone.now())
    assert shown() == []


@pytest.mark.parametrize(
    "page",
    [REVIEWS + "abc/change/", REVIEWS + "abc/give_back/", REQUESTS + "abc/erase_person/",
     REQUESTS + "00000000-0000-4000-8000-000000000000/erase_person/",
     "/admin/registry/message/abc/change/", "/admin/registry/message/abc/retry/"],
)  # fmt: skip
def test_an_address_that_is_no_rows_is_a_stranger(page):
    client = desk_of(make_clerk(Role.REGISTRAR, Role.SERVICE))
    assert client.get(page).status_code in {403, 404}
