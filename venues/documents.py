"""Proofs that owners send: checked by what they are and not by what they are called, made harmless, kept encrypted
under random names in a storage of their own ("documents" in settings), and destroyed when they have served.

Photos are drawn anew, so that nothing but the picture is left: no metadata, no place, nothing behind the end. PDFs are
kept as they are and therefore refused where they could do anything when opened.
"""

import io
import threading
import warnings
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from registry import audit, periods, secrets
from registry.errors import DomainError
from registry.models import Kept, Tag, User
from venues.models import Application, Document

LARGEST = 10 * 1024 * 1024  # bytes
MOST_PIXELS = 60_000_000  # a phone's largest photo; more is a bomb
LONGEST_SIDE = 3000  # pixels that are kept; a certificate is easily read at that
MOST_PAGES = 20
MOST_OBJECTS = 20_000  # that a PDF of a certificate may have
MOST_A_DAY = 40  # files of one person
FORMATS = ("JPEG", "PNG", "WEBP")
ACTIVE = frozenset(
    ("/JS", "/JavaScript", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia", "/XFA",
     "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Rendition", "/Movie", "/Sound", "/3D")
)  # fmt: skip

_drawing = threading.Lock()  # one picture at a time in a process: a small file may be 300 MB when it is drawn


class TooLarge(DomainError):
    code = "too_large"
    status = 413
    message = _("The file is larger than 10 MB. Take a photo of the page instead, or scan it in a lower quality.")


class NotADocument(DomainError):
    code = "not_a_document"
    status = 422
    message = _("We can take photos (JPEG, PNG, WebP) and PDF files. Take a photo of the page with your phone.")


class TooMany(DomainError):
    code = "too_many_documents"
    status = 429
    message = _("You have sent forty files today. Please go on tomorrow, or ask the agency.")


class PdfRefused(DomainError):
    code = "pdf_refused"
    status = 422
    message = _(
        "This PDF is locked, has more than 20 pages, or contains scripts or attachments, so we cannot take it. "
        "Take a photo of the page instead."
    )


class Gone(DomainError):
    code = "gone"
    status = 410
    message = _("This document was destroyed, as its time was over.")


def storage() -> Storage:
    return storages["documents"]


def check(upload: UploadedFile) -> tuple[Document.Kind, bytes]:
    """What an uploaded file is, and the bytes to keep of it. Raises TooLarge, NotADocument, PdfRefused."""
    if (upload.size or 0) > LARGEST:
        raise TooLarge
    upload.seek(0)
    data = upload.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise TooLarge
    if data.startswith(b"%PDF-"):
        _check_pdf(data)
        return Document.Kind.PDF, data
    return Document.Kind.IMAGE, _redrawn(data)


def _redrawn(data: bytes) -> bytes:
    """The picture alone, as JPEG. Raises NotADocument."""
    try:
        with _drawing, warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise NotADocument
                image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                upright = ImageOps.exif_transpose(image)
                clean = Image.new("RGB", upright.size, "white")
                drawn = upright.convert("RGBA")
                clean.paste(drawn, mask=drawn.getchannel("A"))
    except NotADocument:
        raise
    except Exception as error:  # Pillow raises what its decoders raise
        raise NotADocument from error
    kept = io.BytesIO()
    clean.save(kept, "JPEG", quality=85, optimize=True)
    return kept.getvalue()


def _check_pdf(data: bytes) -> None:
    """Raises PdfRefused for what is locked, long, broken, or may act when opened."""
    try:
        reader = PdfReader(io.BytesIO(data), strict=True)
        refused = (
            reader.is_encrypted
            or not 1 <= len(reader.pages) <= MOST_PAGES
            or any(ACTIVE & _words(found) for found in _objects(reader))
        )
    except Exception as error:  # pypdf raises what a broken file makes it raise
        raise PdfRefused from error
    if refused:
        raise PdfRefused


def _objects(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Every dictionary that leads from the file's root. Raises PdfRefused where there are too many objects."""
    waiting: list[Any] = [reader.trailer]
    seen: set[tuple[int, int]] = set()
    looked_at = 0
    while waiting:
        looked_at += 1
        if looked_at > MOST_OBJECTS * 10:
            raise PdfRefused
        found = waiting.pop()
        if isinstance(found, IndirectObject):
            key = (found.idnum, found.generation)
            if key in seen:
                continue
            seen.add(key)
            if len(seen) > MOST_OBJECTS:
                raise PdfRefused
            found = found.get_object()
        if isinstance(found, DictionaryObject):
            yield found
            waiting.extend(dict.values(found))
        elif isinstance(found, ArrayObject):
            waiting.extend(list.__iter__(found))


def _words(found: DictionaryObject) -> set[str]:
    """The names in a dictionary that say what it does: its keys, and the kind of action or annotation it is."""
    kinds = (dict.get(found, name) for name in ("/S", "/Subtype", "/Type"))
    return {str(name) for name in dict.keys(found)} | {str(kind) for kind in kinds if isinstance(kind, str)}


def keep(upload: UploadedFile, *, by: User, now: datetime) -> Document:
    """Check a file and keep it, not yet part of an application. Raises TooMany and what `check` does."""
    if Document.objects.filter(by=by, at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY:
        raise TooMany
    kind, data = check(upload)
    document = Document(by=by, kind=kind, size=len(data), at=now)
    storage().save(_name(document), ContentFile(secrets.encrypt(data, purpose="document")))
    try:
        document.save(force_insert=True)
    except Exception:
        storage().delete(_name(document))
        raise
    return document


def kept_by(user: User, key: str) -> Document | None:
    """A document that this user has sent and that is part of no application yet."""
    try:
        return Document.objects.filter(by=user, application=None, pk=UUID(key)).first()
    except ValueError:
        return None


def look(document: Document, *, by: User, address: str | None = None) -> bytes:
    """The content, for a clerk; looking is on record. Raises Gone."""
    try:
        with storage().open(_name(document)) as file:
            data = file.read()
    except FileNotFoundError as error:
        raise Gone from error
    audit.record(
        Tag.DOCUMENT_SEEN, by=by, target=document, address=address, application=document.application_id
    )  # fmt: skip
    return secrets.decrypt(data, purpose="document")


def destroy_old(now: datetime) -> int:
    """Destroy documents some time after the decision, and those never sent after a day (registry/periods.py); how
    many."""
    served = Q(application__decided_at__lt=periods.since(Kept.DOCUMENTS, now))
    unsent = Q(application=None, at__lt=periods.since(Kept.UNSENT_DOCUMENTS, now))
    destroyed = 0
    for document in Document.objects.filter(served | unsent)[:1000]:
        what = Kept.DOCUMENTS if document.application_id else Kept.UNSENT_DOCUMENTS
        storage().delete(_name(document))
        with transaction.atomic():
            destroyed += periods.destroyed(what, document.delete()[0], now)
    return destroyed


@transaction.atomic
def attach(documents: list[Document], application: Application) -> None:
    """Make them part of an application."""
    Document.objects.filter(pk__in=[each.pk for each in documents], application=None).update(application=application)


def _name(document: Document) -> str:
    """Where the storage has it: spread over folders, with nothing in the name."""
    return f"{document.pk.hex[:2]}/{document.pk.hex}"


def encrypt_anew(after: str | None) -> tuple[str | None, int]:
    """Write a few documents under the present master key (registry.rekeying): where it stopped, how many."""
    rows = list(Document.objects.filter(pk__gt=UUID(after or "0" * 32)).order_by("pk")[:20])
    for document in rows:
        name = _name(document)
        try:
            with storage().open(name) as file:
                data = secrets.decrypt(file.read(), purpose="document")
        except FileNotFoundError:
            continue  # destroyed meanwhile
        storage().delete(name)
        storage().save(name, ContentFile(secrets.encrypt(data, purpose="document")))
    return (str(rows[-1].pk) if rows else None), len(rows)
