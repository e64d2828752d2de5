"""A citizen's own visits: where the log knows them, for themselves alone, as long as the keys of the days live."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from checkins.log.retention import KEPT
from checkins.tracing import looking
from registry import audit, regions, vault
from registry.citizens.merging import identities_of
from registry.models import Citizen, Tag
from venues.models import Venue

MOST = 1000


@transaction.atomic
def of(citizen: Citizen, *, now: datetime, address: str | None = None) -> list[dict[str, Any]]:
    """Every time a door saw this person within the period of the log, newest first, under all identities; with
    evidence that it was asked for. Raises VaultUnavailable."""
    rows = looking.seen(identities_of(citizen), now - KEPT - timedelta(days=1), now + timedelta(days=1), now=now)
    newest = sorted(rows, key=lambda row: row[1], reverse=True)[:MOST]
    venues = Venue.objects.select_related("category").in_bulk({venue for venue, _at, _direction in newest})
    audit.record(Tag.VISITS_SEEN, by=None, target=citizen, address=address, since=(vault.today(now) - KEPT).isoformat())
    return [
        {"at": int(at.timestamp() * 1000), "direction": direction, "venue": _place(venues.get(venue))}
        for venue, at, direction in newest
    ]


def _place(venue: Venue | None) -> dict[str, Any] | None:
    if venue is None:
        return None
    ko, en = regions.names(venue.region)
    category = {"ko": venue.category.name_ko, "en": venue.category.name_en}
    return {"name": venue.name, "region": {"ko": ko, "en": en}, "category": category}
