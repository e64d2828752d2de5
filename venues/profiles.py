"""What owners and managers change of their venue by themselves: its profile (a clerk is asked for another name), and
closing and opening it."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from registry import audit
from registry.errors import DomainError
from registry.models import Tag, User
from venues.models import Venue

PROFILE = ("address", "capacity", "hours", "stay", "scans_exits")


class NotToClose(DomainError):
    code = "not_open"
    message = _("Only an open venue can be closed.")


class NotClosed(DomainError):
    code = "not_closed"
    message = _("This venue is not closed.")


@transaction.atomic
def change(venue: Venue, values: dict[str, Any], *, by: User, address: str | None = None) -> list[str]:
    """Write the new values of the profile; which of them changed."""
    changed = [name for name in PROFILE if name in values and getattr(venue, name) != values[name]]
    if not changed:
        return []
    for name in changed:
        setattr(venue, name, values[name])
    venue.save(update_fields=changed)
    audit.record(Tag.VENUE_CHANGED, by=by, target=venue, address=address, fields=changed)
    return changed


@transaction.atomic
def close(venue: Venue, *, by: User, reason: str, address: str | None = None) -> None:
    """No scanner is paired with a closed venue; those it has go on until they are revoked. Raises NotToClose."""
    if not Venue.objects.open().filter(pk=venue.pk).update(status=Venue.Status.CLOSED):
        raise NotToClose
    audit.record(Tag.VENUE_CLOSED, by=by, target=venue, reason=reason, address=address)


@transaction.atomic
def open_again(venue: Venue, *, by: User, address: str | None = None) -> None:
    """Open what the owner closed; a clerk's suspension is not lifted by it. Raises NotClosed."""
    closed = Venue.objects.filter(pk=venue.pk, status=Venue.Status.CLOSED)
    if not closed.update(status=Venue.Status.OPEN):
        raise NotClosed
    audit.record(Tag.VENUE_OPENED, by=by, target=venue, address=address)
