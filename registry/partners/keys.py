"""Keys of partners: made here, shown once, known by a hash alone."""

import secrets as random
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gate.callers import key_in
from registry import secrets
from registry.errors import DomainError
from registry.models import Partner, User


class UnknownKey(DomainError):
    code = "unknown_key"
    status = 401
    message = _("This key is not known, or was replaced. Send the one that the agency gave you as a bearer token.")


def new() -> str:
    return random.token_urlsafe(32)


def put_on_record(partner: Partner, kind: Partner.Kind, *, by: User, now: datetime) -> str:
    """A new partner of a kind; its key, which is told this once."""
    key = new()
    partner.kind, partner.made_by = kind, by
    partner.key_hash, partner.key_made_at = secrets.token_hash(key), now
    partner.save(force_insert=True)
    return key


def partner_of(header: str, kind: Partner.Kind, now: datetime) -> Partner:
    """Whose key an `Authorization: Bearer KEY` header (RFC 6750) holds; the one before is good as long as was said.
    Raises UnknownKey."""
    digest = secrets.token_hash(key_in(header))
    known = Q(key_hash=digest) | Q(former_key_hash=digest, former_key_until__gt=now)
    partner = Partner.objects.open().filter(known, kind=kind).first()
    if partner is None:
        raise UnknownKey
    return partner
