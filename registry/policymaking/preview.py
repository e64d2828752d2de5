"""A draft tried on everybody: streamed from PostgreSQL by COPY, a stretch of the keys at a time, and only counted."""

from binascii import unhexlify
from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from registry import secrets
from registry.policymaking.effects import Count, Question

PEOPLE_A_PART = 20_000
MOST_PARTS = 4096
SPACE = 1 << 128
# One line a person, their standing records in the last column: see effects.record_of.
PART = """
    COPY (
        SELECT encode(c.birth, 'hex'), c.region, string_agg(concat(
            r.kind, '|', r.day, '|', r.dose, '|', v.primary_doses, '|',
            extract(epoch FROM date_trunc('hour', r.result_at))::bigint, '|', r.immunodeficiency), ' ')
            FILTER (WHERE r.id IS NOT NULL)
        FROM registry_citizen c
        LEFT JOIN registry_passrecord r ON r.citizen_id = c.id AND r.revoked_at IS NULL
        LEFT JOIN registry_vaccine v ON v.code = r.vaccine_id
        WHERE c.id >= %s AND c.id <= %s GROUP BY c.id
    ) TO STDOUT WITH (NULL '')"""
ESTIMATE = "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'registry_citizen'::regclass"


def parts() -> int:
    """Into how many stretches of keys the registry is divided, each of some ten thousands of people."""
    with connection.cursor() as cursor:
        cursor.execute(ESTIMATE)
        (people,) = cursor.fetchone()
    return max(1, min(MOST_PARTS, people // PEOPLE_A_PART))


def bounds(number: int, of: int) -> tuple[UUID, UUID]:
    """First and last key of a part."""
    return UUID(int=SPACE * number // of), UUID(int=SPACE * (number + 1) // of - 1)


def count(number: int, of: int, questions: Sequence[Question], into: Count | None = None) -> Count:
    """Everybody of one part. `into` goes on with a count."""
    found = into or Count(questions)
    with connection.cursor() as cursor, cursor.copy(PART, bounds(number, of)) as lines:
        for line in lines:
            birth, region, facts = bytes(line)[:-1].split(b"\t")
            born = secrets.decrypt(unhexlify(birth), purpose="citizen.birth")
            found.add(born, region.decode(), facts.split() if facts else ())
    return found
