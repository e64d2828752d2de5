"""A venue's poster: its signed code, its sheets on paper, and who may make and renew it."""

import io

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone
from pypdf import PdfReader

from registry import signing
from registry.format import cbor
from registry.format.cbor import Malformed
from registry.format.strip import sign1
from registry.models import Event, Tag
from tests.factories import VenueFactory
from venues.models import Poster, Staff, Venue
from venues.posters import making, sheets, signed_code

pytestmark = pytest.mark.django_db
LONG = "한국시험문화재단 부설 어린이·청소년 종합체육관 강남구 제2분관 수영장 및 체력단련실 뷁"


@pytest.fixture
def venue() -> Venue:
    return VenueFactory(name="햇살 카페")


@pytest.fixture
def owner(venue, client):
    user = venue.operator.people.get()
    client.force_login(user)
    return user


def made_of(venue: Venue) -> Poster:
    return making.make(venue, by=venue.operator.people.get(), now=timezone.now())


def test_it_names_the_venue_under_the_agencys_signature(venue):
    made = made_of(venue)
    said = signed_code.decode(made.code)
    assert (said.venue, said.number, said.name, said.region) == (venue.pk, 1, "햇살 카페", "서울특별시 강남구")
    assert said.is_genuine(signing.agency_keys()) is True
    assert said.is_genuine({}) is None
    assert making.find(made.code).venue == venue
    assert making.address(made) == f"http://localhost:8000/v/{made.code}"


def test_it_is_forged_once_any_byte_is_another(venue):
    code = made_of(venue).code
    for at in range(0, len(code), 7):
        changed = code[:at] + ("A" if code[at] != "A" else "B") + code[at + 1 :]
        with pytest.raises(making.UnknownPoster):
            making.find(changed)


def _signed(payload: bytes) -> str:
    import base64

    raw = sign1(ec.generate_private_key(ec.SECP256R1()), b"12345678", payload)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "한글", "A" * 1025, "a+b/", "AAAA",
        _signed(b"\xa0"), _signed(b"\x83\x01\x01\x01"), _signed(b"\x85\x01\x01\x01\x60\x60"),
        _signed(b"\x85\x20\x01\x01\x61a\x60"), _signed(b"\x85\x01\x01\x01\x41a\x60"),
        _signed(b"\x85\x01\x01\x01" + cbor.text_string("a" * 321) + b"\x60"),
    ],
)  # fmt: skip
def test_it_reads_nothing_that_is_not_a_poster(text):
    with pytest.raises(Malformed):
        signed_code.decode(text)


def test_it_has_one_good_poster_and_renewing_ends_the_one_before(venue, owner):
    first, now = made_of(venue), timezone.now()
    with pytest.raises(making.AlreadyMade):
        made_of(venue)
    second = making.renew(first, by=owner, now=now)
    with pytest.raises(making.Renewed):
        making.renew(first, by=owner, now=now)
    assert (second.number, making.good(venue)) == (2, second)
    with pytest.raises(making.PosterEnded):
        making.check_good(making.find(first.code), at=now)
    tags = set(Event.objects.filter(target=f"venue:{venue.pk}").values_list("tag", flat=True))
    assert tags == {Tag.POSTER_MADE, Tag.POSTER_RENEWED}


@pytest.mark.parametrize("status", [Venue.Status.CLOSED, Venue.Status.SUSPENDED])
def test_it_makes_no_poster_of_a_shut_door_and_prints_none(client, venue, owner, status):
    made = made_of(venue)
    venue.status = status
    venue.save()
    with pytest.raises((making.ClosedPlace, making.SuspendedPlace)):
        making.renew(made, by=owner, now=timezone.now())
    assert making.good(venue) == made
    page = client.get(f"/owner/venues/{venue.pk}/poster/")
    assert "notice--warning" in page.text and "poster.pdf" not in page.text
    assert client.get(f"/owner/venues/{venue.pk}/poster/poster.pdf").status_code == 404


def test_it_takes_an_owner_from_nothing_to_paper_and_to_the_next_poster(client, venue, owner):
    page = f"/owner/venues/{venue.pk}/poster/"
    assert client.get(f"{page}poster.pdf").status_code == 404
    assert client.get(f"{page}renew/").status_code == 302
    assert client.post(f"{page}make/", follow=True).status_code == 200
    for sheet in sheets.SHEETS:
        answer = client.get(f"{page}{sheet}.pdf")
        assert answer.headers["Content-Disposition"].startswith("attachment") and answer.content[:5] == b"%PDF-"
        assert client.get(f"{page}{sheet}.pdf?print").headers["Content-Disposition"].startswith("inline")
    assert client.get(f"{page}x.pdf").status_code == 404
    stale = client.post(f"{page}renew/", {"number": "7"}, follow=True)
    assert "notice--error" in stale.text or "notice--danger" in stale.text
    client.post(f"{page}renew/", {"number": "1"})
    assert making.good(venue).number == 2


def test_it_tells_that_the_name_on_the_poster_is_an_old_one(client, venue, owner):
    made_of(venue)
    page = f"/owner/venues/{venue.pk}/poster/"
    assert "notice--warning" not in client.get(page).text
    venue.name = "달빛 카페"
    venue.save()
    assert "notice--warning" in client.get(page).text


def test_it_lets_the_door_print_and_not_renew(client, venue):
    made_of(venue)
    door = VenueFactory().operator.people.get()
    Staff.objects.create(operator=venue.operator, user=door, role="door")
    client.force_login(door)
    page = f"/owner/venues/{venue.pk}/poster/"
    assert "/renew/" not in client.get(page).text
    assert client.get(f"{page}poster.pdf").status_code == 200
    assert client.post(f"{page}make/").status_code == client.get(f"{page}renew/").status_code == 404


@pytest.mark.parametrize("sheet", list(sheets.SHEETS))
def test_it_prints_both_languages_on_one_sheet_of_a4(venue, sheet):
    venue.name = LONG
    venue.save()
    made = made_of(venue)
    made.venue = venue
    reader = PdfReader(io.BytesIO(sheets.pdf(made, sheet)))
    [page] = reader.pages
    assert [round(float(length)) for length in page.mediabox[2:]] == [595, 842]
    text = page.extract_text()
    assert {"poster": "28", "stickers": ""}[sheet] in text and "camera" in text and "카메라" in text
    assert "종합체육관" in text
    fonts = page["/Resources"]["/Font"]
    assert any("Pretendard" in str(fonts[name].get_object()["/BaseFont"]) for name in fonts)
