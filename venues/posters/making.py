"""A venue's poster: made, renewed, and what it is worth when somebody holds a phone over it.

A venue has one good poster at a time. Renewing makes the next and ends the one before at that second, wherever it
hangs. A poster names the venue as it was called when it was made; online the wallet is told what it is called now.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from registry import audit, regions, signing, vault
from registry.errors import DomainError
from registry.format.cbor import Malformed
from registry.models import Tag, User
from venues.models import Poster, Venue
from venues.posters import signed_code
from venues.posters.signed_code import PosterCode


class UnknownPoster(DomainError):
    code = "unknown_poster"
    status = 404
    message = _("This is not one of our posters. Tell the staff, and show your code or give your safe number instead.")


class PosterEnded(DomainError):
    code = "poster_ended"
    status = 410
    message = _("This poster was replaced by a newer one. Ask the staff for the new one.")


class ClosedPlace(DomainError):
    code = "venue_closed"
    message = _("This venue is closed at the moment, so nobody can check in by a poster.")


class SuspendedPlace(DomainError):
    code = "venue_suspended"
    message = _("This venue is suspended, so nobody can check in by a poster. Ask the staff.")


class AlreadyMade(DomainError):
    code = "already_made"
    message = _("The poster has been made already.")


class Renewed(DomainError):
    code = "already_renewed"
    message = _("The poster was renewed by somebody else in the meantime. Print the new one.")


@dataclass(frozen=True, slots=True)
class Found:
    """A genuine poster and its venue, whatever the state of both."""

    poster: Poster
    venue: Venue


def address(poster: Poster) -> str:
    """What the QR holds: any phone's camera opens it."""
    return f"{settings.SITE_URL}/v/{poster.code}"


def good(venue: Venue) -> Poster | None:
    """The venue's poster, None where none was made."""
    return venue.posters.good().first()


@transaction.atomic
def make(venue: Venue, *, by: User, now: datetime, address: str | None = None) -> Poster:
    """The first poster of a venue. Raises ClosedPlace, SuspendedPlace, AlreadyMade, NoSigningKey."""
    made = _sign(venue, 1, by=by, now=now)
    audit.record(Tag.POSTER_MADE, by=by, target=venue, address=address, number=1)
    return made


@transaction.atomic
def renew(poster: Poster, *, by: User, now: datetime, address: str | None = None) -> Poster:
    """The next poster in place of this one, which ends. Raises Renewed, ClosedPlace, SuspendedPlace,
    NoSigningKey."""
    if not Poster.objects.good().filter(pk=poster.pk).update(ended_at=now):
        raise Renewed
    made = _sign(poster.venue, poster.number + 1, by=by, now=now)
    audit.record(Tag.POSTER_RENEWED, by=by, target=poster.venue, address=address, number=made.number)
    return made


def _sign(venue: Venue, number: int, *, by: User, now: datetime) -> Poster:
    check_open(venue)
    signer = signing.signer_for(vault.today(now))
    code = signed_code.encode(
        private_key=signer.private_key,
        kid=signer.kid,
        venue=venue.pk,
        number=number,
        made=int(now.timestamp()),
        name=venue.name,
        region=regions.names(venue.region)[0],
    )
    try:
        with transaction.atomic():
            return Poster.objects.create(venue=venue, number=number, code=code, made_at=now, made_by=by)
    except IntegrityError:
        raise AlreadyMade from None


def outdated(poster: Poster) -> bool:
    """Whether the venue is called otherwise now than the poster says, so that guests offline read the old name."""
    said = signed_code.decode(poster.code)
    return (said.name, said.region) != (poster.venue.name, regions.names(poster.venue.region)[0])


def find(text: str) -> Found:
    """The poster that a code is of, its signature verified. Raises UnknownPoster."""
    said = read(text)
    if not said.is_genuine(signing.agency_keys()):
        raise UnknownPoster
    found = Poster.objects.select_related("venue__category").filter(venue=said.venue, number=said.number).first()
    if found is None or found.code != text:
        raise UnknownPoster
    return Found(found, found.venue)


def read(text: str) -> PosterCode:
    """What a code says. Raises UnknownPoster where it says nothing."""
    try:
        return signed_code.decode(text)
    except Malformed:
        raise UnknownPoster from None


def check_good(found: Found, *, at: datetime) -> None:
    """Raises PosterEnded where the poster had been replaced by then."""
    if found.poster.ended_at is not None and found.poster.ended_at <= at:
        raise PosterEnded


def check_open(venue: Venue) -> None:
    """Raises ClosedPlace, SuspendedPlace."""
    if venue.status != Venue.Status.OPEN:
        raise ClosedPlace if venue.status == Venue.Status.CLOSED else SuspendedPlace
