"""Proofs: taken for what they are, made harmless, kept encrypted, destroyed in time."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image

from registry.models import Event, Tag
from tests.factories import UserFactory
from tests.venues.owners import an_application, jpeg, pdf, upload
from venues import documents, onboarding
from venues.models import Document

pytestmark = pytest.mark.django_db
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def keep(data, **more):
    return documents.keep(upload(data, **more), by=UserFactory(), now=timezone.now())


def test_it_draws_photos_anew_so_that_nothing_but_the_picture_is_left():
    exif = Image.Exif()
    exif[0x010F] = "카메라 제조사"
    exif[0x0112] = 6  # lies on its side
    sent = jpeg((64, 48), exif=exif) + b"<script>behind the end</script>"
    kept = documents.look(keep(sent), by=UserFactory())
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.format == "JPEG" and picture.size == (48, 64) and not picture.getexif()
    assert b"script" not in kept


def test_it_makes_large_photos_smaller_and_takes_png_and_webp():
    file = io.BytesIO()
    Image.new("RGBA", (4000, 200), (0, 0, 0, 0)).save(file, "PNG")
    kept = documents.look(keep(file.getvalue(), name="x.html", kind="text/html"), by=UserFactory())
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.size == (3000, 150) and min(picture.getpixel((5, 5))) > 250
    file = io.BytesIO()
    Image.new("RGB", (20, 20)).save(file, "WEBP")
    assert keep(file.getvalue()).kind == Document.Kind.IMAGE


@pytest.mark.parametrize(
    "data", [SVG, b"<html><script>1</script>", b"", b"MZ\x90", jpeg()[:200], b"GIF89a" + b"\0" * 50, b" %PDF-1.7"]
)
def test_it_takes_nothing_else_whatever_it_is_called(data):
    with pytest.raises(documents.NotADocument):
        keep(data, name="registration.jpg", kind="image/jpeg")
    assert not Document.objects.exists()


def test_it_takes_no_bomb_and_nothing_too_large(monkeypatch):
    monkeypatch.setattr(documents, "MOST_PIXELS", 1000)
    with pytest.raises(documents.NotADocument):
        keep(jpeg((64, 48)))
    monkeypatch.setattr(documents, "LARGEST", 100)
    with pytest.raises(documents.TooLarge):
        keep(jpeg())


def test_it_takes_a_plain_pdf_as_it_is():
    sent = pdf(3)
    document = keep(sent, name="x.pdf", kind="application/pdf")
    assert document.kind == Document.Kind.PDF and documents.look(document, by=UserFactory()) == sent


@pytest.mark.parametrize(
    "data",
    [pdf(script="app.alert(1)"), pdf(locked=True), pdf(21), pdf(attachment=True), b"%PDF-1.7\nbroken", pdf()[:-40]],
    ids=["script", "locked", "long", "attachment", "broken", "cut"],
)
def test_it_takes_no_pdf_that_may_act_or_cannot_be_read(data):
    with pytest.raises(documents.PdfRefused):
        keep(data)


def test_it_keeps_the_content_encrypted_under_a_random_name(document_folder):
    document = keep(pdf())
    [file] = [path for path in document_folder.rglob("*") if path.is_file()]
    assert file.name == document.pk.hex and b"PDF" not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0


def test_it_tells_who_looked_and_says_when_it_is_gone(document_folder):
    clerk, document = UserFactory(clerk=True), keep(jpeg())
    documents.look(document, by=clerk, address="203.0.113.7")
    seen = Event.objects.get(tag=Tag.DOCUMENT_SEEN)
    assert (seen.actor, seen.target) == (clerk, f"document:{document.pk}")
    for file in document_folder.rglob("*"):
        if file.is_file():
            file.unlink()
    with pytest.raises(documents.Gone):
        documents.look(document, by=clerk)


def test_it_destroys_what_has_served_and_what_was_never_sent(document_folder):
    now = timezone.now()
    application, owner = an_application(), UserFactory()
    sent, unsent = keep(jpeg()), keep(jpeg())
    documents.attach([sent], application)
    onboarding.reject(application, reason="흐림", by=UserFactory(clerk=True), now=now)
    assert documents.destroy_old(now) == 0
    assert documents.destroy_old(now + timedelta(days=2)) == 1 and not Document.objects.filter(pk=unsent.pk).exists()
    assert documents.destroy_old(now + timedelta(days=89)) == 0
    assert documents.destroy_old(now + timedelta(days=91)) == 1
    assert not [path for path in document_folder.rglob("*") if path.is_file()]
    assert documents.kept_by(owner, "no-uuid") is None


def test_it_takes_no_flood_of_files_from_one_person(monkeypatch):
    monkeypatch.setattr(documents, "MOST_A_DAY", 2)
    user = UserFactory()
    for _n in range(2):
        documents.keep(upload(jpeg()), by=user, now=timezone.now())
    with pytest.raises(documents.TooMany):
        documents.keep(upload(jpeg()), by=user, now=timezone.now())
