"""A whole import taken back: the records that it made and that nobody has touched since are revoked, part by part.

What was corrected since stays, as somebody has looked at it; the people stay, for a record revoked is still theirs. The
passes that were made with a revoked record end at the doors.
"""

from datetime import datetime

from django.db import connection

from registry import vault
from registry.imports import plans, taking_in
from registry.models import Citizen, Import

PART = 2000  # records in a transaction

_FACTS = """kind, day, vaccine_id, dose, result_at, immunodeficiency, issuer, certificate_number"""
_REVOKE = f"""
    WITH these AS (
        SELECT id FROM registry_passrecord WHERE imported_in_id = %(import)s AND id > %(after)s AND id <= %(through)s
            AND revoked_at IS NULL ORDER BY id FOR UPDATE
    ), revoked AS (
        UPDATE registry_passrecord p SET revoked_at = %(at)s, revoke_reason = %(reason)s FROM these
        WHERE p.id = these.id AND NOT EXISTS (
            SELECT FROM registry_historicalpassrecord h WHERE h.id = p.id AND h.history_type = '~'
        ) RETURNING p.id, p.citizen_id, p.created_at, {", ".join(f"p.{name}" for name in _FACTS.split(", "))}
    ), history AS (
        INSERT INTO registry_historicalpassrecord (
            id, citizen_id, created_at, {_FACTS}, revoked_at, revoke_reason, history_date, history_type,
            history_user_id, history_change_reason
        ) SELECT id, citizen_id, created_at, {_FACTS}, %(at)s, %(reason)s, %(now)s, '~', %(by)s, %(why)s FROM revoked
    ), holders AS (
        SELECT citizen_id, max(d.seen_at) AS seen_at, EXISTS (
            SELECT FROM registry_paperpass t WHERE t.citizen_id = revoked.citizen_id AND t.until >= %(today)s
        ) AS paper
        FROM revoked LEFT JOIN registry_device d USING (citizen_id) GROUP BY citizen_id
    ), void AS (
        INSERT INTO registry_revocation (citizen_id, since, reason, by_id, paper)
        SELECT citizen_id, greatest(%(now)s, to_timestamp(ceil(extract(epoch FROM seen_at)) + 1)), %(reason)s, %(by)s,
            paper
        FROM holders WHERE paper OR seen_at IS NOT NULL RETURNING citizen_id
    ), told AS (
        INSERT INTO registry_event (at, tag, actor_id, target, reason, detail)
        SELECT %(now)s, 'pass_revoked', %(by)s, 'citizen:' || citizen_id, %(reason)s, '{{}}'::jsonb FROM void
    ) SELECT (SELECT count(*) FROM revoked), (SELECT count(*) FROM these)"""  # noqa: S608 -- nothing of a caller's


def undo(row: Import, *, after: int, now: datetime) -> int | None:
    """Revoke the next records behind `after` and count them on the row; the last one's key, None when all are done.

    Within a transaction that holds the import's row.
    """
    records = row.passrecord_set.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
    some = list(records[:PART])
    if not some:
        return None
    values = {
        "import": row.pk, "after": after, "through": some[-1], "at": row.undone_at, "reason": row.undo_reason,
        "now": now, "today": vault.today(now), "by": row.undone_by_id, "why": f"import {row.pk} undone",
    }  # fmt: skip
    with connection.cursor() as cursor:
        taking_in.one_part_at_a_time(cursor)
        plans.make_each_time(cursor)
        # Strips that are being signed by these records are waited for, as registry.issuing.revoke does.
        Citizen.objects.filter(pk__in=row.passrecord_set.filter(pk__in=some).values("citizen")).hold()
        cursor.execute(_REVOKE, values)
        revoked, standing = cursor.fetchone()
        plans.check_references(cursor)
    row.undone += revoked
    row.kept += standing - revoked
    return some[-1]
