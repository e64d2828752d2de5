"""The rows of a file → rows that wait (ImportRow): checked each by itself, personal fields encrypted, by COPY.

Nothing of it is in the registry yet.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from registry import secrets
from registry.citizens.names import name_key
from registry.imports import parts
from registry.imports.columns import Field
from registry.imports.values import Circumstances, Fact, Reason, Refused, fact_of, vaccines_by_name
from registry.models import Import, Vaccine

_TYPES = {
    "imported_in_id": "int8", "number": "int4", "refusal": "varchar", "detail": "jsonb", "name": "bytea",
    "birth": "bytea", "phone": "bytea", "name_index": "bytea", "phone_index": "bytea", "region": "varchar",
    "kind": "varchar", "day": "date", "vaccine": "varchar", "dose": "int2", "result_at": "timestamptz",
    "immunodeficiency": "bool", "issuer": "varchar", "certificate_number": "varchar",
}  # fmt: skip
_COPY = f"COPY registry_importrow ({', '.join(_TYPES)}) FROM STDIN WITH (FORMAT BINARY)"
_EMPTY = (None, None, None, None, None, "", "", None, "", None, None, None, "", "")  # from `name` on
# The same certificate number a second time; the first that can be taken counts. Few rows are left before
# they meet the table again.
_TWICE = """
    WITH repeated AS (
        SELECT number, first FROM (
            SELECT number, first_value(number) OVER (PARTITION BY issuer, certificate_number ORDER BY number) AS first
            FROM registry_importrow WHERE imported_in_id = %(import)s AND refusal = ''
        ) numbered WHERE first < number
    ) UPDATE registry_importrow r SET refusal = %(reason)s,
        detail = jsonb_build_object('field', 'certificate_number', 'row', repeated.first)
    FROM repeated WHERE r.imported_in_id = %(import)s AND r.number = repeated.number"""


def stage(row: Import, rows: list[parts.Row], *, now: datetime) -> None:
    """Check some rows of the file by themselves and put them where they wait."""
    at = circumstances(row, now=now)
    places = {Field(name): place for name, place in row.columns.items()}
    numbers: list[int] = []
    facts: list[Fact] = []
    refused: list[tuple[Any, ...]] = []
    for number, cells in rows:
        try:
            fact = fact_of({name: cells[place] for name, place in places.items() if place < len(cells)}, at)
        except Refused as refusal:
            refused.append((row.pk, number, refusal.reason, Jsonb({"field": refusal.where}), *_EMPTY))
        else:
            numbers.append(number)
            facts.append(fact)
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(list(_TYPES.values()))
        for number, columns in zip(numbers, _columns(facts), strict=True):
            copy.write_row((row.pk, number, "", None, *columns))
        for each in refused:
            copy.write_row(each)


def refuse_repeated(row: Import) -> None:
    """Among all rows that wait."""
    with connection.cursor() as cursor:
        cursor.execute(_TWICE, {"import": row.pk, "reason": Reason.TWICE.value})


def analyse() -> None:
    """What waits was not there a moment ago, and is asked for whole next."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE registry_importrow (imported_in_id, number, refusal, phone_index)")


def circumstances(row: Import, *, now: datetime) -> Circumstances:
    listed = list(Vaccine.objects.values_list("code", "name_ko", "name_en"))
    return Circumstances(
        now, row.issuer, vaccines_by_name(listed), kind=row.default_kind, region=row.default_region, bound=row.region
    )


def _columns(facts: list[Fact]) -> Iterator[tuple[Any, ...]]:
    """The columns from `name` on."""
    numbers = [fact.phone for fact in facts if fact.phone]
    phones = zip(_encrypted(numbers, "phone"), secrets.blind_indexes("phone", numbers), strict=True)
    names = _encrypted([fact.name for fact in facts], "name")
    births = _encrypted([fact.birth_date.isoformat() for fact in facts], "birth")
    name_indexes = secrets.blind_indexes("name", [name_key(fact.name, fact.birth_date) for fact in facts])
    for fact, name, birth, name_index in zip(facts, names, births, name_indexes, strict=True):
        phone, phone_index = next(phones) if fact.phone else (None, None)
        yield (
            name, birth, phone, name_index, phone_index, fact.region, fact.kind, fact.day, fact.vaccine or "",
            fact.dose, fact.result_at, fact.immunodeficiency, fact.issuer, fact.certificate_number,
        )  # fmt: skip


def _encrypted(values: list[str], field: str) -> list[bytes]:
    return secrets.encrypt_all([value.encode() for value in values], purpose=f"citizen.{field}")
