"""How often somebody may check in by posters: counted in PostgreSQL, in windows of ten minutes.

An address may be that of a mobile carrier, with thousands of phones behind it, so its limit stops a flood and nobody
at lunch; a wallet that is refused keeps the visit and sends it later. What is not genuine is refused far sooner, and
that alone: one who makes things up keeps none of the others behind the address out.
"""

import ipaddress
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext_lazy as _

from registry import secrets
from registry.errors import DomainError
from venues.models import PosterTries

WINDOW = timedelta(minutes=10)
PER_ADDRESS, WRONG_PER_ADDRESS, PER_PHONE = 3000, 60, 30
_COUNT = """
    INSERT INTO venues_postertries AS t (key_index, "window", tries)
    SELECT key, %s, 1 FROM unnest(%s::bytea[]) key ORDER BY key
    ON CONFLICT (key_index, "window") DO UPDATE SET tries = t.tries + 1 RETURNING key_index, tries"""


class TooManyVisits(DomainError):
    code = "too_many_requests"
    status = 429
    message = _("Too many check-ins from here. The phone keeps yours and sends it later.")
    retry_after = int(WINDOW.total_seconds()) // 2


def by_address(address: str) -> bytes:
    return secrets.blind_index("visits from", _network(address))


def wrong_by_address(address: str) -> bytes:
    return secrets.blind_index("wrong visits from", _network(address))


def by_phone(day: str, cti: bytes) -> bytes:
    """Of a phone on one day: the pseudonym ends with the day, and so does this."""
    return secrets.blind_index("visits of", f"{day} {cti.hex()}")


def count(most: Mapping[bytes, int], *, now: datetime) -> None:
    """Count one try for each key. Raises TooManyVisits where one is past its number."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [_window(now), sorted(most)])
        if any(tries > most[bytes(key)] for key, tries in cursor.fetchall()):
            raise TooManyVisits


def forget(now: datetime) -> None:
    """What lies further back than a window is of no use."""
    PosterTries.objects.filter(window__lt=now - 2 * WINDOW).delete()


def _window(now: datetime) -> datetime:
    return now - timedelta(seconds=now.timestamp() % WINDOW.total_seconds())


def _network(address: str) -> str:
    """IPv4 as it is, IPv6 by the 64 bits that one household has."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(known) >> 64 << 64, 64)))
    return str(getattr(known, "ipv4_mapped", None) or known)
