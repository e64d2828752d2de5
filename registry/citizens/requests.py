"""What citizens ask of clerks from their own page, and the clerks' answers."""

import unicodedata
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import PhoneNumber

from registry import audit
from registry.errors import DomainError
from registry.models import Citizen, Request, Tag, User
from registry.sms import outbox, texts

LONGEST = 1000  # characters of a request or an answer
NOTICE_USEFUL_FOR = timedelta(hours=12)


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


def open_request(citizen: Citizen, kind: Request.Kind, text: str, *, now: datetime) -> Request:
    """Put a citizen's request before the clerks, in the citizen's words. Raises AlreadyAsked, NothingAsked."""
    text = _plain(text)
    if not text and kind != Request.Kind.ERASURE:
        raise NothingAsked
    try:
        with transaction.atomic():
            request = Request.objects.create(citizen=citizen, kind=kind, text=text, opened_at=now)
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
    citizen = request.citizen
    audit.record(Tag.REQUEST_ANSWERED, by=by, target=request, address=address, citizen=str(citizen.pk))
    if citizen.phone and citizen.verified_at:
        outbox.enqueue(
            PhoneNumber.from_string(citizen.phone),
            texts.request_answered((citizen.guardian or citizen).language, settings.SITE_URL),
            purpose="notice",
            useful_for=NOTICE_USEFUL_FOR,
            now=now,
        )


def _plain(text: str) -> str:
    """Without control characters but line ends, which browsers send in several ways."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c == "\n" or unicodedata.category(c)[0] != "C").strip()
