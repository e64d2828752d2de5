"""Rows that wait → people and records, part by part: judged against the registry as it is now, and written set-based.

One part at a time in the whole registry (an advisory lock), so that two imports of one file see each other's rows; what
others write beside them meets the constraints, and the row then counts as already there. Evidence: one event for the
beginning and one for the end, the clerk in each record's history, and the import on the record itself
(docs/decisions/0015-evidence-of-an-import.md).
"""

from datetime import datetime
from typing import Any

from django.db import connection

from registry.imports import judging
from registry.imports.judging import Counts
from registry.models import Import

PART = 2000  # rows in a transaction; each new number is an advisory lock as well
_LOCK = 0x6D6A696D706F7274  # "mjimport"

# As registry.phone.holders.one_at_a_time does for one: nobody proves a number while a person is added for it.
_NUMBERS = """
    SELECT pg_advisory_xact_lock(key) FROM (
        SELECT DISTINCT ('x' || encode(substring(r.phone_index FOR 8), 'hex'))::bit(64)::bigint AS key
        FROM import_judged j JOIN registry_importrow r ON r.imported_in_id = %(import)s AND r.number = j.number
        WHERE j.citizen IS NULL AND j.refusal = '' AND r.phone_index IS NOT NULL ORDER BY key
    ) numbers"""
# The oldest of a name by an aggregate: by ORDER BY … LIMIT 1 the planner walks the index of dates from its beginning.
_PEOPLE = """
    WITH made AS (
        INSERT INTO registry_citizen (
            id, name, birth, phone, name_index, phone_index, region, language, relation, created_at
        )
        SELECT DISTINCT ON (r.name_index, r.phone_index) gen_random_uuid(), r.name, r.birth, r.phone, r.name_index,
            r.phone_index, r.region, 'ko', '', %(now)s
        FROM import_judged j JOIN registry_importrow r ON r.imported_in_id = %(import)s AND r.number = j.number
        WHERE j.citizen IS NULL AND j.refusal = '' ORDER BY r.name_index, r.phone_index, r.number
        ON CONFLICT (phone_index, name_index) DO NOTHING RETURNING id, name_index, phone_index
    ), whose AS (
        UPDATE import_judged j SET citizen = made.id FROM made, registry_importrow r
        WHERE r.imported_in_id = %(import)s AND r.number = j.number AND j.citizen IS NULL AND j.refusal = ''
            AND r.name_index = made.name_index AND r.phone_index IS NOT DISTINCT FROM made.phone_index
    ), akin AS (
        INSERT INTO registry_review (kind, citizen_id, other_id, opened_at, answer)
        SELECT 'possibly_same', made.id, other.id, %(now)s, ''
        FROM made CROSS JOIN LATERAL (
            SELECT (array_agg(c.id ORDER BY c.created_at))[1] AS id FROM registry_citizen c
            WHERE c.name_index = made.name_index
        ) other WHERE made.phone_index IS NOT NULL AND other.id IS NOT NULL
    ) SELECT count(*) FROM made"""
# Whom somebody else added in the very same moment.
_FOUND = """
    UPDATE import_judged j SET citizen = c.id FROM registry_importrow r, registry_citizen c
    WHERE r.imported_in_id = %(import)s AND r.number = j.number AND j.citizen IS NULL AND j.refusal = ''
        AND c.phone_index = r.phone_index AND c.name_index = r.name_index"""
_FACTS = """kind, day, vaccine_id, dose, result_at, immunodeficiency, issuer, certificate_number"""
_RECORDS = f"""
    WITH made AS (
        INSERT INTO registry_passrecord (citizen_id, imported_in_id, created_at, revoke_reason, {_FACTS})
        SELECT j.citizen, %(import)s, %(now)s, '', r.kind, r.day, nullif(r.vaccine, ''), r.dose, r.result_at,
            r.immunodeficiency, r.issuer, r.certificate_number
        FROM import_judged j JOIN registry_importrow r ON r.imported_in_id = %(import)s AND r.number = j.number
        WHERE j.refusal = '' AND NOT j.known AND j.citizen IS NOT NULL ORDER BY j.number
        ON CONFLICT (issuer, certificate_number) WHERE revoked_at IS NULL DO NOTHING
        RETURNING id, citizen_id, created_at, {_FACTS}
    ) INSERT INTO registry_historicalpassrecord (
        id, citizen_id, created_at, {_FACTS}, revoke_reason, history_date, history_type, history_user_id,
        history_change_reason
    ) SELECT id, citizen_id, created_at, {_FACTS}, '', %(now)s, '+', %(by)s, %(why)s FROM made"""  # noqa: S608


def take_in(row: Import, *, now: datetime) -> Counts:
    """Take in the next rows behind `reached`, which moves on. Within a transaction that holds the import's row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        through = _through(row)
        judged = judging.judge(row, row.reached, through)
        values: dict[str, Any] = {"import": row.pk, "now": now, "by": row.by_id, "why": f"import {row.pk}"}
        cursor.execute(_NUMBERS, values)
        cursor.execute(_PEOPLE, values)
        people = cursor.fetchone()[0]
        if people < judged.people:
            cursor.execute(_FOUND, values)
        cursor.execute(_RECORDS, values)
        fresh = cursor.rowcount
    row.reached = through
    return Counts(fresh, judged.known + judged.fresh - fresh, people, judged.refusals)


def _through(row: Import) -> int:
    """The number of the last row of the next part."""
    numbers = row.waiting.filter(number__gt=row.reached).order_by("number").values_list("number", flat=True)
    some = list(numbers[:PART])
    return some[-1] if some else row.last_number
