"""What citizens ask of clerks from their own page, and the clerks' answers."""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import PhoneNumber

from registry import audit
from registry.errors import DomainError
from registry.models import Citizen, Request, Review, Tag, User
from registry.sms import outbox, texts

LONGEST = 1000  # characters of a request or an answer
NOTICE_USEFUL_FOR = timedelta(hours=12)
_REFERENCE = re.compile(r"[A-Z0-9]{8}")


class AlreadyAsked(DomainError):
    code = "already_asked"
    message = _("A request of this kind is open already. A clerk will answer it here.")


class NothingAsked(DomainError):
    code = "nothing_asked"
    status = 422
    message = _("Please say in a few words what we should look at.")


class AlreadyAnswered(DomainError):
    code = "already_answered"
    message = _("Somebody has answered this request already.")


class NoReference(DomainError):
    code = "no_reference"
    status = 422
    message = _("A reference has eight letters and digits, such as ABCD-2345. It stands on the scanner’s screen.")


class AlreadyTaken(DomainError):
    code = "already_taken"
    message = _("Somebody has taken this already, or it is closed.")


def open_request(citizen: Citizen, kind: Request.Kind, text: str, *, now: datetime, reference: str = "") -> Request:
    """Put a citizen's request before the clerks, in the citizen's words; of a refusal with its `reference`, if known.

    Raises AlreadyAsked, NothingAsked, NoReference.
    """
    text, reference = _plain(text), "".join(letter for letter in reference.upper() if letter.isalnum())
    if reference and not _REFERENCE.fullmatch(reference):
        raise NoReference
    if not text and kind != Request.Kind.ERASURE:
        raise NothingAsked
    try:
        with transaction.atomic():
            request = Request.objects.create(citizen=citizen, kind=kind, text=text, reference=reference, opened_at=now)
            audit.record(Tag.REQUEST_OPENED, by=None, target=request, citizen=str(citizen.pk), kind=kind.value)
    except IntegrityError as error:
        if "one_open_request_of_a_kind" in str(error):
            raise AlreadyAsked from error
        raise
    return request


@transaction.atomic
def answer(request: Request, *, text: str, by: User, now: datetime, address: str | None = None) -> None:
    """Close a request with an answer that the citizen reads; an SMS says that it is there. Raises AlreadyAnswered."""
    still_open = Request.objects.open().filter(pk=request.pk)
    if not still_open.update(answer=_plain(text), closed_at=now, closed_by=by):
        raise AlreadyAnswered
    audit.record(Tag.REQUEST_ANSWERED, by=by, target=request, address=address, citizen=str(request.citizen_id))
    _send_word(request.citizen, now=now)


@transaction.atomic
def tell(citizen: Citizen, *, text: str, by: User, now: datetime, address: str | None = None) -> Request:
    """What a clerk has found, where nothing was asked: it stands on the citizen's page as an answer does."""
    told = Request.objects.create(
        citizen=citizen, kind=Request.Kind.COMPARED, text="", opened_at=now, answer=_plain(text), closed_at=now,
        closed_by=by,
    )  # fmt: skip
    audit.record(Tag.REQUEST_ANSWERED, by=by, target=told, address=address, citizen=str(citizen.pk))
    _send_word(citizen, now=now)
    return told


def _send_word(citizen: Citizen, *, now: datetime) -> None:
    """An SMS that an answer is there, to who has a checked number."""
    if citizen.phone and citizen.verified_at:
        outbox.enqueue(
            PhoneNumber.from_string(citizen.phone),
            texts.request_answered((citizen.guardian or citizen).language, settings.SITE_URL),
            purpose="notice",
            useful_for=NOTICE_USEFUL_FOR,
            now=now,
        )


@transaction.atomic
def take(waiting: Request | Review, *, by: User, now: datetime, address: str | None = None) -> None:
    """A clerk takes what waits, so that no other begins with it. Raises AlreadyTaken."""
    open_ones = _open(waiting).filter(taken_by=None)
    if not open_ones.update(taken_by=by, taken_at=now):
        raise AlreadyTaken
    tag = Tag.REVIEW_TAKEN if isinstance(waiting, Review) else Tag.REQUEST_TAKEN
    audit.record(tag, by=by, target=waiting, address=address)


@transaction.atomic
def let_go(waiting: Request | Review, *, by: User, address: str | None = None) -> None:
    """Somebody else may take it again; who had taken it may be ill, so any clerk may do that. Raises AlreadyTaken where
    nobody has it any more."""
    if not _open(waiting).filter(taken_by__isnull=False).update(taken_by=None, taken_at=None):
        raise AlreadyTaken
    tag = Tag.REVIEW_LET_GO if isinstance(waiting, Review) else Tag.REQUEST_LET_GO
    audit.record(tag, by=by, target=waiting, address=address)


def _open(waiting: Request | Review) -> QuerySet[Any]:
    model: Any = type(waiting)
    return cast("QuerySet[Any]", model.objects.open().filter(pk=waiting.pk))


def _plain(text: str) -> str:
    """Without control characters but line ends, which browsers send in several ways."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c == "\n" or unicodedata.category(c)[0] != "C").strip()
