"""The access log is kept for its period (registry/periods.py); then it goes in whole sealed stretches, on record."""

from datetime import datetime

from django.db import connection, transaction

from registry import audit, periods
from registry.evidence.sealing import LOCK
from registry.models import Kept, Seal, Tag

SEALS_AT_ONCE = 2000

DELETE = """
    DELETE FROM registry_event e USING (
        SELECT unnest(events) AS keys FROM registry_seal WHERE number BETWEEN %s AND %s AND destroyed_at IS NULL) sealed
    WHERE e.id >= lower(keys) AND e.id < upper(keys)"""


def destroy(now: datetime) -> int:
    """Destroy the stretches whose every row is past its period; how many rows."""
    rows = 0
    while gone := _destroy_stretch(now):
        rows += gone
    return rows


@transaction.atomic
def _destroy_stretch(now: datetime) -> int:
    """The oldest seals that are past their time. The last of them stays, without its rows' hashes, as what the chain
    begins with; the evidence of the destruction names its hash."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        since = periods.since(Kept.ACCESS_LOG, now)
        kept = Seal.objects.filter(destroyed_at=None).order_by("number").only("number", "newest", "hash")
        past = [seal for seal in kept[:SEALS_AT_ONCE] if seal.newest < since]
        if not past:
            return 0
        last = past[-1]
        cursor.execute(DELETE, [past[0].number, last.number])
        rows = cursor.rowcount
    Seal.objects.filter(number__lt=last.number).delete()
    Seal.objects.filter(number=last.number).update(destroyed_at=now, hashes=b"")
    periods.destroyed(Kept.ACCESS_LOG, rows, now)
    audit.record(Tag.EVENTS_DESTROYED, by=None, target=last, rows=rows, hash=bytes(last.hash).hex())
    return rows
