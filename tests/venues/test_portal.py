"""The owner's portal: own venues, today's count, scanners; nothing of anybody else's."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from checkins.models import HourCount
from registry.models import Event, Tag
from tests.factories import ScannerFactory, UserFactory, VenueFactory
from venues import onboarding, scanners
from venues.models import PairingCode, Scanner, Staff, Venue

pytestmark = pytest.mark.django_db


@pytest.fixture
def venue():
    return VenueFactory(name="시험 카페")


@pytest.fixture
def owner(client, venue):
    user = venue.operator.people.get()
    client.force_login(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def count(venue, number, *, admitted=True, verdict="PASS", hour=12, direction="in", day=None):
    HourCount.objects.create(
        venue=venue, day=day or timezone.localdate(), hour=hour, verdict=verdict, method="qr",
        direction=direction, admitted=admitted, count=number,
    )  # fmt: skip


def pages(venue, scanner):
    yield reverse("owner:venue", args=[venue.pk])
    yield reverse("owner:pair", args=[venue.pk])
    yield reverse("owner:code", args=[venue.pk])
    yield reverse("owner:code-state", args=[venue.pk])
    yield reverse("owner:revoke", args=[venue.pk, scanner.pk])


def test_it_asks_to_sign_in_and_goes_on_to_the_page(client, venue):
    page = reverse("owner:venue", args=[venue.pk])
    answer = client.get(page)
    assert answer.headers["Location"] == f"/owner/sign-in/?next={page}"
    user = venue.operator.people.get()
    answer = client.post(answer.headers["Location"], {"username": user.username, "password": "open-sesame-2468"})
    assert answer.headers["Location"] == page
    assert Event.objects.get(tag=Tag.SIGNED_IN).actor == user


def test_it_leads_back_to_the_button_of_a_deed_that_was_not_done_for_want_of_a_session(owner, venue):
    """The address of the deed is where signing in leads; what was pressed is not done by that."""
    Venue.objects.update(status=Venue.Status.CLOSED)
    for deed, page in (("open", "venue"), ("poster-make", "poster")):
        answer = owner.get(reverse(f"owner:{deed}", args=[venue.pk]))
        assert answer.headers["Location"] == reverse(f"owner:{page}", args=[venue.pk])
    assert Venue.objects.get().status == Venue.Status.CLOSED and not venue.posters.exists()


def test_it_says_to_who_was_signed_out_meanwhile_that_a_form_was_not_saved_if_they_sent_one(client, venue):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = reverse("owner:profile", args=[venue.pk])
    said = "If you had just sent something, it was not saved."
    came_from = {"referer": f"https://testserver{page}"}
    for answer in (client.post(page, {"address": "x"}), client.get(page)):  # the page has links to itself as well
        sign_in = answer.headers["Location"]
        assert said in client.get(sign_in, headers=came_from).content.decode()
    assert said not in client.get(sign_in).content.decode()
    assert said not in client.get("/owner/sign-in/", headers={"referer": "https://testserver/owner/"}).content.decode()


def test_it_goes_nowhere_else_after_signing_in(client, venue):
    user = venue.operator.people.get()
    answer = client.post(
        "/owner/sign-in/?next=https://example.org/", {"username": user.username, "password": "open-sesame-2468"}
    )
    assert answer.headers["Location"] == "/owner/"


def test_a_wrong_password_has_the_focus_alone(client, venue):
    for sent in (client.get("/owner/sign-in/"), client.post("/owner/sign-in/", {"username": "x", "password": "x"})):
        assert sent.content.decode().count(" autofocus") == 1
    assert 'role="alert" tabindex="-1" autofocus' in sent.content.decode()


def test_it_says_in_words_that_too_many_passwords_were_wrong(client, venue):
    user = venue.operator.people.get()
    for _wrong in range(settings.AXES_FAILURE_LIMIT):
        answer = client.post("/owner/sign-in/", {"username": user.username, "password": "wrong"})
    answer = client.post("/owner/sign-in/", {"username": user.username, "password": "open-sesame-2468"})
    assert answer.status_code == 429
    with translation.override("ko"):
        assert "15" in answer.content.decode() and 'class="notice' in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_it_lists_own_venues_with_todays_count_in_a_fixed_number_of_queries(
    owner, venue, django_assert_max_num_queries
):
    other = VenueFactory(name="남의 가게")
    for _n in range(12):
        Venue.objects.create(operator=venue.operator, name="또 하나", category_id="gym", region="11680")
    count(venue, 3)
    count(venue, 4, hour=13)
    count(venue, 50, day=timezone.localdate() - timedelta(days=1))
    count(venue, 60, direction="out")
    count(venue, 70, admitted=False, verdict="NO_PASS")
    owner.get("/owner/")  # whether an outage is open is asked once in a while by each process
    with django_assert_max_num_queries(9):
        page = owner.get("/owner/").content.decode()
    assert 'data-count="7"' in page and other.name not in page


def test_it_says_what_to_do_where_no_venue_belongs_to_the_account(client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    client.force_login(UserFactory())
    assert "Register your venue" in client.get("/owner/").content.decode()
    client.force_login(UserFactory(clerk=True))
    assert "Go to the desk" in client.get("/owner/").content.decode()


def test_it_shows_the_day_of_a_venue_in_numbers_and_reasons_in_words(owner, venue):
    count(venue, 1)
    count(venue, 2, admitted=False, verdict="NO_PASS")
    count(venue, 5, admitted=False, verdict="STALE", hour=13)
    page = owner.get(reverse("owner:venue", args=[venue.pk])).content.decode()
    assert 'data-count="1"' in page and 'data-refused="2"' in page
    assert "No valid pass" in page and "Code not renewed" in page
    assert "12:00" in page and "13:00" in page and "11:00" not in page


def test_it_shows_a_stranger_nothing(client, venue):
    scanner = ScannerFactory(venue=venue)
    client.force_login(VenueFactory().operator.people.get())
    for page in pages(venue, scanner):
        assert client.get(page).status_code == 404
        assert client.post(page, {"name": "뒷문", "reason": "분실"}).status_code in (404, 405)
    assert not Scanner.objects.get().revoked_at


def test_it_lets_staff_at_the_door_look_but_not_pair_or_revoke(client, venue):
    door = UserFactory()
    Staff.objects.create(operator=venue.operator, user=door, role=Staff.Role.DOOR)
    client.force_login(door)
    statuses = [client.get(page).status_code for page in pages(venue, ScannerFactory(venue=venue))]
    assert statuses == [200, 404, 404, 404, 404]
    assert "/scanners/new/" not in client.get(reverse("owner:venue", args=[venue.pk])).content.decode()


def shown_code(answer) -> str:
    return answer.content.decode().split('data-pairing-code="')[1].split('"')[0]


def test_it_shows_a_pairing_code_as_text_and_as_a_qr_code_until_it_is_used(owner, venue):
    page = reverse("owner:pair", args=[venue.pk])
    answer = owner.post(page, {"name": "정문"})
    assert answer.headers["Location"] == reverse("owner:code", args=[venue.pk])
    answer = owner.get(answer.headers["Location"])
    content, code = answer.content.decode(), shown_code(answer)
    assert "no-store" in answer["Cache-Control"] and "<svg" in content and "style=" not in content
    assert shown_code(owner.get(answer.request["PATH_INFO"])) == code
    state = reverse("owner:code-state", args=[venue.pk])
    assert owner.get(state).json() == {"state": "waiting"}

    scanner, _token = scanners.pair(code, now=timezone.now(), address="203.0.113.7")
    assert (scanner.venue, scanner.name) == (venue, "정문")
    assert owner.get(state).json() == {"state": "paired"}
    content = owner.get(answer.request["PATH_INFO"]).content.decode()
    assert 'data-pairing="paired"' in content and code not in content
    assert "정문" in owner.get(reverse("owner:venue", args=[venue.pk])).content.decode()


def test_it_keeps_the_shown_code_out_of_sight_of_the_database_and_of_other_venues(owner, venue):
    other = VenueFactory(operator=venue.operator)
    code = shown_code(owner.post(reverse("owner:pair", args=[venue.pk]), {"name": "정문"}, follow=True))
    assert code not in str(dict(owner.session.items()))
    elsewhere = owner.get(reverse("owner:code", args=[other.pk])).content.decode()
    assert 'data-pairing="over"' in elsewhere and code not in elsewhere


def test_it_shows_no_code_that_is_too_old(owner, venue):
    owner.post(reverse("owner:pair", args=[venue.pk]), {"name": "정문"})
    PairingCode.objects.update(expires_at=timezone.now())
    answer = owner.get(reverse("owner:code", args=[venue.pk]))
    assert answer.status_code == 200 and "data-pairing-code" not in answer.content.decode()


def test_it_draws_the_address_of_the_scanner_page_with_the_code_behind_the_hash(owner, venue, monkeypatch):
    from venues.portal import qr

    drawn = []
    monkeypatch.setattr(qr, "QRCode", type("Spy", (qr.QRCode,), {"add_data": lambda self, text: drawn.append(text)
        or super(type(self), self).add_data(text)}))  # fmt: skip
    code = shown_code(owner.post(reverse("owner:pair", args=[venue.pk]), {"name": "정문"}, follow=True))
    assert drawn == [f"http://testserver/scanner/#code={code}"]


def test_it_makes_no_code_without_a_name_or_for_a_suspended_venue(owner, venue):
    page = reverse("owner:pair", args=[venue.pk])
    assert 'aria-invalid="true"' in owner.post(page, {"name": " "}).content.decode()
    onboarding.suspend(venue, by=UserFactory(clerk=True), reason="중복")
    answer = owner.post(page, {"name": "정문"})
    assert answer.status_code == 409 and "data-pairing-code" not in answer.content.decode()
    assert "This venue is suspended" in owner.get(reverse("owner:venue", args=[venue.pk])).content.decode()


def test_it_revokes_a_scanner_after_asking(owner, venue):
    scanner = ScannerFactory(venue=venue, name="정문")
    page = reverse("owner:revoke", args=[venue.pk, scanner.pk])
    assert "정문" in owner.get(page).content.decode()
    assert not Scanner.objects.get().revoked_at
    assert "Give the reason" in owner.post(page, {"reason": ""}).content.decode()
    answer = owner.post(page, {"reason": "분실"}, follow=True)
    page_of_venue = answer.content.decode()
    assert Scanner.objects.get().revoked_at and "정문" in page_of_venue
    assert "All scanners of this venue are revoked" in page_of_venue and "No scanner yet" not in page_of_venue
    assert owner.get(page).status_code == 404
    assert Event.objects.get(tag=Tag.SCANNER_REVOKED).reason == "분실"


def test_it_signs_out(owner):
    assert owner.post("/owner/sign-out/").headers["Location"] == "/owner/sign-in/"
    assert owner.get("/owner/").status_code == 302
