"""A new master key: everything encrypted under the one before is written anew, while both are read.

The key that was goes to MASTER_KEYS_BEFORE and stays readable until this job is done (docs/operations.md, "Keys"). Each
value is replaced only where it is still what was read, so work may run beside it and the job may do a chunk twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections, models, router
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from registry import jobs, secrets
from registry.fields import EncryptedTextField
from registry.models import Job

CHUNK = 500
RAW = {  # columns that are encrypted by their own verbs
    "registry.SigningKey": {"private_key": "signing key"},
    "registry.DayKey": {"key": "day key"},
    "registry.PaperKey": {"key": "paper key"},
    "registry.ImportRow": {"name": "citizen.name", "birth": "citizen.birth", "phone": "citizen.phone"},
}

Part = Callable[[str | None], tuple[str | None, int]]
PARTS: dict[str, Part] = {}
"""What lies outside the database, by name: each writes some of it anew, from after a place on, and answers with the
place where it stopped (None at the end) and how many it looked at."""


@dataclass(frozen=True, slots=True)
class Column:
    """An encrypted column of a table: which model, and what its values are for."""

    model: type[models.Model]
    name: str
    purpose: str


def columns() -> list[Column]:
    """Every encrypted column of both databases, history tables too."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        raw = RAW.get(model._meta.label, {})
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                found.append(Column(model, str(field.column), field.purpose))
            elif field.name in raw:
                found.append(Column(model, str(field.column), raw[field.name]))
    return sorted(found, key=lambda column: (column.model._meta.db_table, column.name))


def encrypt_anew(column: Column, after: str | None) -> tuple[str | None, int]:
    """Write a chunk of a column under the present master key: where it stopped (None at the end), how many rows."""
    key = column.model._meta.pk
    assert key is not None  # noqa: S101 -- every model has one
    names = {
        "table": sql.Identifier(column.model._meta.db_table),
        "key": sql.Identifier(str(key.column)),
        "value": sql.Identifier(column.name),
    }
    beyond = sql.SQL("WHERE {key} > %(after)s").format(**names) if after else sql.SQL("")
    reading = sql.SQL("SELECT {key}, {value} FROM {table} {beyond} ORDER BY {key} LIMIT %(chunk)s")
    writing = sql.SQL("UPDATE {table} SET {value} = %s WHERE {key} = %s AND {value} = %s").format(**names)
    with connections[router.db_for_write(column.model) or "default"].cursor() as cursor:
        cursor.execute(reading.format(**names, beyond=beyond), {"after": after and _place(key, after), "chunk": CHUNK})
        rows = cursor.fetchall()
        old = [(place, bytes(value)) for place, value in rows if value is not None and _is_old(bytes(value))]
        cursor.executemany(writing, [(_anew(value, column.purpose), place, value) for place, value in old])
    return (_text(rows[-1][0]) if len(rows) == CHUNK else None), len(rows)


@jobs.kind("rekey", title=_("Encrypt everything under the present master key"), permission="registry.change_signingkey")
def _step(job: Job, now: datetime) -> bool:
    found = columns()
    parts: list[Part] = [*(partial(encrypt_anew, column) for column in found), *PARTS.values()]
    names = [*(f"{column.model._meta.db_table}.{column.name}" for column in found), *PARTS]
    at = job.at if job.at.get("parts") == names else {}  # after an update that has others: from the beginning
    number, after = at.get("part", 0), at.get("after")
    after, rows = parts[number](after)
    job.done += rows
    number, after = (number, after) if after else (number + 1, None)
    job.at = {"parts": names, "part": number, "after": after}
    job.total = max(job.done, _estimate())
    if job.at["part"] < len(parts):
        return True
    job.total = job.done
    return False


def _estimate() -> int:
    """About how many values there are, as PostgreSQL's statistics have it."""
    tables = [(column.model._meta.db_table, router.db_for_write(column.model) or "default") for column in columns()]
    total = 0
    for alias in {alias for _table, alias in tables}:
        names = [table for table, where in tables if where == alias]
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT relname, greatest(reltuples, 0) FROM pg_class WHERE relname = ANY(%s)", [names])
            rows = dict(cursor.fetchall())
        total += sum(int(rows.get(name, 0)) for name in names)
    return total


def _is_old(value: bytes) -> bool:
    return value[: secrets.KEY_ID] != secrets.key_id(settings.MASTER_KEY)


def _anew(value: bytes, purpose: str) -> bytes:
    return secrets.encrypt(secrets.decrypt(value, purpose=purpose), purpose=purpose)


def _text(key: Any) -> str:
    return bytes(key).hex() if isinstance(key, bytes | memoryview) else str(key)


def _place(key: Any, text: str) -> Any:
    return bytes.fromhex(text) if isinstance(key, models.BinaryField) else key.to_python(text)
