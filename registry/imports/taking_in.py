"""Rows that wait → people and records, part by part: judged against the registry as it is now, and written set-based.

One part at a time in the whole registry (an advisory lock), so that two imports of one file see each other's rows; what
others write beside them meets the constraints, and the row then counts as already there. Evidence: one event for the
beginning and one for the end, the clerk in each record's history, and the import on the record itself
(docs/decisions/0015-evidence-of-an-import.md).
"""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper

from registry.imports import judging, plans
from registry.imports.judging import Counts
from registry.models import Import

PART = 3000  # rows in a transaction; each new number is an advisory lock as well, and PostgreSQL has some 6,000
_LOCK = 0x6D6A696D706F7274  # "mjimport"

# As registry.phone.holders.one_at_a_time does for one: nobody proves a number while a person is added for it.
_NUMBERS = """
    SELECT count(*) FROM (
        SELECT pg_advisory_xact_lock(key) FROM (
            SELECT DISTINCT ('x' || encode(substring(r.phone_index FOR 8), 'hex'))::bit(64)::bigint AS key
            FROM import_judged j JOIN registry_importrow r ON r.imported_in_id = %(import)s AND r.number = j.number
            WHERE j.citizen IS NULL AND j.refusal = '' AND r.phone_index IS NOT NULL ORDER BY key
        ) numbers
    ) locks"""
_FACTS = """kind, day, vaccine_id, dose, result_at, immunodeficiency, issuer, certificate_number"""
# The people who are new, their records with history, and for each who bears the name of somebody else, an item for a
# clerk. OFFSET 0: otherwise the planner may walk the index of dates from its beginning to find the oldest.
_WRITE = f"""
    WITH part AS MATERIALIZED (
        SELECT j.citizen, r.* FROM import_judged j
        JOIN registry_importrow r ON r.imported_in_id = %(import)s AND r.number = j.number
        WHERE j.refusal = '' AND NOT j.known
    ), people AS (
        INSERT INTO registry_citizen (
            id, name, birth, phone, name_index, phone_index, region, language, relation, created_at
        )
        SELECT DISTINCT ON (name_index, phone_index) gen_random_uuid(), name, birth, phone, name_index, phone_index,
            region, 'ko', '', %(now)s
        FROM part WHERE citizen IS NULL AND %(adding)s ORDER BY name_index, phone_index, number
        /* people */ RETURNING id, name_index, phone_index
    ), named AS (
        SELECT *, first_value(id) OVER (PARTITION BY name_index ORDER BY phone_index IS NOT NULL, id) AS namesake
        FROM people
    ), akin AS (
        INSERT INTO registry_review (kind, citizen_id, other_id, opened_at, answer)
        SELECT DISTINCT ON (named.id) 'possibly_same', named.id, other.id, %(now)s, ''
        FROM named CROSS JOIN LATERAL (
            (SELECT c.id, c.created_at FROM registry_citizen c WHERE c.name_index = named.name_index OFFSET 0)
            UNION ALL SELECT namesake, NULL WHERE namesake <> named.id
        ) other WHERE named.phone_index IS NOT NULL ORDER BY named.id, other.created_at
    ), records AS (
        INSERT INTO registry_passrecord (citizen_id, imported_in_id, created_at, revoke_reason, {_FACTS})
        SELECT coalesce(part.citizen, people.id), %(import)s, %(now)s, '', kind, day, nullif(vaccine, ''), dose,
            result_at, immunodeficiency, issuer, certificate_number
        FROM part LEFT JOIN people ON part.citizen IS NULL AND people.name_index = part.name_index
            AND people.phone_index IS NOT DISTINCT FROM part.phone_index
        WHERE part.citizen IS NOT NULL OR people.id IS NOT NULL ORDER BY number
        /* records */ RETURNING id, citizen_id, created_at, {_FACTS}
    ), history AS (
        INSERT INTO registry_historicalpassrecord (
            id, citizen_id, created_at, {_FACTS}, revoke_reason, history_date, history_type, history_user_id,
            history_change_reason
        ) SELECT id, citizen_id, created_at, {_FACTS}, '', %(now)s, '+', %(by)s, %(why)s FROM records
    ) SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM records)"""  # noqa: S608
# The same where somebody else has added one of them since they were judged: each index is looked into once more.
_WRITE_OTHERS = _WRITE.replace("/* people */", "ON CONFLICT (phone_index, name_index) DO NOTHING").replace(
    "/* records */", "ON CONFLICT (issuer, certificate_number) WHERE revoked_at IS NULL DO NOTHING"
)
_FOUND = """
    UPDATE import_judged j SET citizen = c.id FROM registry_importrow r, registry_citizen c
    WHERE r.imported_in_id = %(import)s AND r.number = j.number AND j.citizen IS NULL AND j.refusal = ''
        AND c.phone_index = r.phone_index AND c.name_index = r.name_index"""
_THROUGH = """
    SELECT max(number) FROM (
        SELECT number FROM registry_importrow WHERE imported_in_id = %s AND number > %s ORDER BY number LIMIT %s
    ) part"""


def take_in(row: Import, *, now: datetime) -> Counts:
    """Take in the next rows behind `reached`, which moves on. Within a transaction that holds the import's row."""
    with connection.cursor() as cursor:
        one_part_at_a_time(cursor)
        cursor.execute(_THROUGH, [row.pk, row.reached, PART])
        through = cursor.fetchone()[0] or row.last_number
        judged = judging.judge(row, row.reached, through)
        values: dict[str, Any] = {"import": row.pk, "now": now, "by": row.by_id, "why": f"import {row.pk}"}
        cursor.execute(_NUMBERS, values)
        people, fresh = _write(cursor, values, judged)
        plans.check_references(cursor)
    row.reached = through
    return Counts(fresh, judged.known + judged.fresh - fresh, people, judged.refusals)


def one_part_at_a_time(cursor: CursorWrapper) -> None:
    """Until the transaction ends no other part of any import is taken in or undone: each holds many people at once."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _write(cursor: CursorWrapper, values: dict[str, Any], judged: Counts) -> tuple[int, int]:
    """How many people and records are new."""
    with suppress(IntegrityError), transaction.atomic():
        cursor.execute(_WRITE, values | {"adding": True})
        people, fresh = cursor.fetchone()
        return people, fresh
    cursor.execute(_WRITE_OTHERS, values | {"adding": True})
    people, fresh = cursor.fetchone()
    if people < judged.people:
        cursor.execute(_FOUND, values)
        cursor.execute(_WRITE_OTHERS, values | {"adding": False})
        fresh += cursor.fetchone()[1]
    return people, fresh
