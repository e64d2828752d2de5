"""Filters that a clerk keeps: on the list and on the first page, for nobody else, and never a dead end."""

import pytest

from registry.models import Role, SavedFilter
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db
VENUES = "/admin/venues/venue/"
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def officer():
    return desk_of(make_clerk(Role.VENUE_OFFICER))


def save(client, *, name="폐쇄 대상", query="status__exact=suspended", desk="venues.venue", **more):
    return client.post("/admin/filters/save/", {"desk": desk, "name": name, "query": query}, headers=ENGLISH, **more)


def test_a_list_offers_to_save_only_what_can_be_saved(officer):
    form = 'action="/admin/filters/save/"'
    assert form not in officer.get(VENUES).content.decode()
    assert form not in officer.get(VENUES + "?p=2").content.decode()
    assert form in officer.get(VENUES + "?status__exact=suspended").content.decode()


def test_a_saved_filter_is_found_again_on_the_list_and_on_the_first_page(officer):
    answer = save(officer, query="p=3&status__exact=suspended", follow=True)
    assert answer.redirect_chain == [(VENUES + "?status__exact=suspended", 302)]
    assert "Saved." in answer.content.decode()
    link = 'href="?status__exact=suspended" aria-current="true">폐쇄 대상</a>'
    assert link in officer.get(VENUES + "?status__exact=suspended").content.decode()
    assert f'href="{VENUES}?status__exact=suspended"' in officer.get("/admin/").content.decode()


def test_the_same_name_is_another_filter_from_then_on(officer):
    save(officer)
    save(officer, query="category__code__exact=cafe")
    assert [saved.query for saved in SavedFilter.objects.all()] == ["category__code__exact=cafe"]


def test_nobody_sees_or_removes_anothers(officer):
    save(officer)
    other = desk_of(make_clerk(Role.VENUE_OFFICER, username="other"))
    assert "폐쇄 대상" not in other.get(VENUES).content.decode() + other.get("/admin/").content.decode()
    saved = SavedFilter.objects.get()
    assert other.post(f"/admin/filters/{saved.pk}/forget/").status_code == 404
    assert officer.get(f"/admin/filters/{saved.pk}/forget/").status_code == 405
    officer.post(f"/admin/filters/{saved.pk}/forget/")
    assert not SavedFilter.objects.exists()


def test_a_list_that_is_not_ones_own_takes_none_and_shows_none(officer):
    assert save(officer, desk="registry.citizen").status_code == 403
    assert save(officer, desk="registry.nothing").status_code == 404
    assert save(officer, desk="registry.code").status_code == 404
    SavedFilter.objects.create(user=make_clerk(username="x"), desk="venues.venue", name="a", query="b=c")
    lost = SavedFilter.objects.create(
        user_id=SavedFilter.objects.get().user_id, desk="gone.model", name="a", query="b=c"
    )
    client = desk_of(lost.user)
    assert client.get("/admin/").context["saved_filters"] == []


def test_it_says_what_is_wrong(officer):
    assert "at most 40 letters" in save(officer, name="x" * 41, follow=True).content.decode()
    assert "could be saved" in save(officer, query="p=2", follow=True).content.decode()
    for number in range(20):
        save(officer, name=f"f{number}")
    assert "Remove one first" in save(officer, name="one more", follow=True).content.decode()
    assert SavedFilter.objects.count() == 20


def test_what_was_searched_for_is_kept_nowhere(officer):
    answer = save(officer, query="q=010-0000-1234&status__exact=suspended", follow=True)
    assert "it may name a person" in answer.content.decode()
    assert [saved.query for saved in SavedFilter.objects.all()] == ["status__exact=suspended"]
    assert "is not saved" in save(officer, name="only", query="q=홍길동", follow=True).content.decode()
    assert SavedFilter.objects.count() == 1
    assert 'action="/admin/filters/save/"' not in officer.get(VENUES + "?q=홍길동").content.decode()
