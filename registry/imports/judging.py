"""Rows that wait, beside the registry: whose each is, whether it is there already, or why it is refused.

Set-based, into a table of this transaction alone; the registry is not touched. The preview asks for a whole file, the
import for each part as it takes it in, since the registry has gone on meanwhile.

Who is in a row is found as at the desk (registry/citizens/people.py): by number, name and birth date; without a number
by name and birth date, among those without one. Whoever is in the registry with a number is not guessed at by name
alone: the row is refused, and asks for the number.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from registry.citizens import records
from registry.errors import DomainError
from registry.imports import plans
from registry.models import Import, Vaccine


class Verdict(StrEnum):
    """Why a row is refused for what the registry has. The words for people: registry/imports/reasons.py."""

    USED = "certificate_used"
    REVOKED = "certificate_revoked"
    SEVERAL = "several_people"
    NEEDS_NUMBER = "needs_number"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of rows that were not refused by themselves."""

    fresh: int
    known: int
    people: int  # that the fresh ones would add
    refusals: dict[str, int]


_TABLE = """
    DROP TABLE IF EXISTS pg_temp.import_judged;
    CREATE TEMPORARY TABLE import_judged (
        number int NOT NULL, citizen uuid, person bytea NOT NULL, dose int2, day date, vaccine text,
        known boolean NOT NULL, refusal text NOT NULL, detail jsonb
    ) ON COMMIT DROP"""
# One look into an index for each question and row; LATERAL, so that no plan reads a table of millions instead. The
# first look spares most rows the two after it.
_JUDGE = """
    INSERT INTO import_judged (number, citizen, person, dose, day, vaccine, known, refusal)
    SELECT number, citizen, coalesce(uuid_send(citizen), name_index || coalesce(phone_index, '')), dose, day, vaccine,
        known, refusal
    FROM (
        SELECT r.number, r.name_index, r.phone_index, r.dose, r.day, r.vaccine, coalesce(known.same, false) AS known,
            coalesce(known.citizen_id, numbered.id, named.id) AS citizen, CASE
                WHEN known.same THEN ''
                WHEN known.same IS NOT NULL THEN 'certificate_used'
                WHEN revoked.id IS NOT NULL THEN 'certificate_revoked'
                WHEN named.people > 1 THEN 'several_people'
                WHEN named.people = 0 AND named.elsewhere THEN 'needs_number'
                WHEN coalesce(numbered.region, named.region, '') <> ''
                    AND NOT coalesce(numbered.region, named.region) LIKE %(region)s THEN 'elsewhere'
                ELSE '' END AS refusal
        FROM registry_importrow r
        LEFT JOIN LATERAL (
            SELECT true AS seen FROM registry_passrecord p WHERE p.certificate_number = r.certificate_number LIMIT 1
        ) met ON true
        LEFT JOIN LATERAL (
            SELECT p.citizen_id, (
                p.kind = r.kind AND p.day = r.day AND coalesce(p.vaccine_id, '') = r.vaccine
                AND p.dose IS NOT DISTINCT FROM r.dose AND p.result_at IS NOT DISTINCT FROM r.result_at
                AND p.immunodeficiency = r.immunodeficiency AND c.name_index = r.name_index
            ) AS same
            FROM registry_passrecord p JOIN registry_citizen c ON c.id = p.citizen_id
            WHERE met.seen AND p.issuer = r.issuer AND p.certificate_number = r.certificate_number
                AND p.revoked_at IS NULL LIMIT 1
        ) known ON true
        LEFT JOIN LATERAL (
            SELECT p.id FROM registry_passrecord p LEFT JOIN registry_import i ON i.id = p.imported_in_id
            WHERE met.seen AND p.certificate_number = r.certificate_number AND p.issuer = r.issuer
                AND p.revoked_at IS NOT NULL AND p.revoked_at IS DISTINCT FROM i.undone_at LIMIT 1
        ) revoked ON true
        LEFT JOIN LATERAL (
            SELECT c.id, c.region FROM registry_citizen c
            WHERE c.phone_index = r.phone_index AND c.name_index = r.name_index LIMIT 1
        ) numbered ON true
        LEFT JOIN LATERAL (
            SELECT (array_agg(c.id) FILTER (WHERE c.phone_index IS NULL))[1] AS id,
                (array_agg(c.region) FILTER (WHERE c.phone_index IS NULL))[1] AS region,
                count(*) FILTER (WHERE c.phone_index IS NULL) AS people, count(*) > 0 AS elsewhere
            FROM registry_citizen c WHERE r.phone_index IS NULL AND c.name_index = r.name_index
        ) named ON true
        WHERE r.imported_in_id = %(import)s AND r.number > %(after)s AND r.number <= %(through)s AND r.refusal = ''
    ) judged"""
# Doses of those who have another one, here or perhaps on record.
_DOSES = """
    WITH given AS (
        SELECT * FROM import_judged WHERE dose IS NOT NULL AND refusal = '' AND NOT known
    ), several AS (
        SELECT person FROM given GROUP BY person HAVING count(*) > 1 OR count(citizen) > 0
    )
    SELECT person, number, dose, day, vaccine FROM given JOIN several USING (person)
    UNION ALL
    SELECT uuid_send(citizen), NULL, recorded.*
    FROM (SELECT DISTINCT citizen FROM given WHERE citizen IS NOT NULL) known CROSS JOIN LATERAL (
        SELECT p.dose, p.day, p.vaccine_id FROM registry_passrecord p
        WHERE p.citizen_id = known.citizen AND p.dose IS NOT NULL AND p.revoked_at IS NULL OFFSET 0
    ) recorded
    ORDER BY person, number NULLS FIRST"""
_COUNT = """
    SELECT count(*) FILTER (WHERE NOT known), count(*) FILTER (WHERE known), (
        SELECT count(*) FROM (SELECT FROM import_judged WHERE refusal = '' AND citizen IS NULL GROUP BY person) people
    ) FROM import_judged WHERE refusal = ''"""


def judge(row: Import, after: int, through: int) -> Counts:
    """Judge the rows numbered from behind `after` through `through`, into `import_judged`, and note refusals on them.

    Within a transaction.
    """
    bounds: dict[str, Any] = {"import": row.pk, "after": after, "through": through, "region": row.region + "%"}
    with connection.cursor() as cursor:
        plans.make_each_time(cursor)
        cursor.execute(_TABLE)
        cursor.execute(_JUDGE, bounds)
        cursor.execute("ANALYZE import_judged (number, person, citizen)")
        cursor.execute(_DOSES)
        _refuse_doses(cursor.fetchall())
        refusals = _note(row)
        cursor.execute(_COUNT)
        fresh, known, people = cursor.fetchone()
    return Counts(fresh, known, people, refusals)


def _refuse_doses(rows: list[tuple[bytes, int | None, int, date, str]]) -> None:
    """In the order of the file: a dose that fits neither those on record nor those above it is refused."""
    vaccines = Vaccine.objects.in_bulk() if rows else {}
    standing: dict[bytes, list[tuple[int, date, Vaccine | None]]] = defaultdict(list)
    refused: list[Any] = []
    for person, number, dose, day, vaccine in rows:
        given = (dose, day, vaccines.get(vaccine))
        if number is not None:
            try:
                records.check_given(given, standing[person])
            except DomainError as error:
                refused.append((error.code, Jsonb({key: str(value) for key, value in error.extra.items()}), number))
                continue
        standing[person].append(given)
    if not refused:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE import_judged SET refusal = %s, detail = %s WHERE number = %s",
            refused,
        )


def _note(row: Import) -> dict[str, int]:
    """Write the refusals to the rows that wait; how many of each."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH noted AS (
                UPDATE registry_importrow r SET refusal = j.refusal, detail = j.detail FROM import_judged j
                WHERE r.imported_in_id = %s AND r.number = j.number AND j.refusal <> '' RETURNING r.refusal
            ) SELECT refusal, count(*) FROM noted GROUP BY 1""",
            [row.pk],
        )
        return dict(cursor.fetchall())
