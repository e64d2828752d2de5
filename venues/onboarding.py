"""Closing a venue's door and opening it again."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from registry import audit
from registry.errors import DomainError
from registry.models import Tag, User
from venues.models import Venue


class NotOpen(DomainError):
    code = "not_open"
    message = _("This venue is not open, so it cannot be suspended.")


class NotSuspended(DomainError):
    code = "not_suspended"
    message = _("This venue is not suspended.")


@transaction.atomic
def suspend(venue: Venue, *, by: User, reason: str, address: str | None = None) -> None:
    """Stop pairing scanners with a venue until a clerk lifts it. Raises NotOpen."""
    if not Venue.objects.open().filter(pk=venue.pk).update(status=Venue.Status.SUSPENDED):
        raise NotOpen
    audit.record(Tag.VENUE_SUSPENDED, by=by, target=venue, reason=reason, address=address)


@transaction.atomic
def reopen(venue: Venue, *, by: User, reason: str, address: str | None = None) -> None:
    """Lift a suspension. Raises NotSuspended."""
    suspended = Venue.objects.filter(pk=venue.pk, status=Venue.Status.SUSPENDED)
    if not suspended.update(status=Venue.Status.OPEN):
        raise NotSuspended
    audit.record(Tag.VENUE_REOPENED, by=by, target=venue, reason=reason, address=address)
