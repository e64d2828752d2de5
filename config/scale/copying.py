"""Writing rows by COPY, in parts, by several processes that each have a connection of their own."""

import json
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection
from django.db.models import Model
from psycopg.conninfo import make_conninfo

from config.scale.plan import Plan

PART = 20_000  # rows
BUFFER = 1 << 18  # characters handed over at once
Lines = Iterator[str]
Rows = Callable[[Plan, int, int], Lines]


@dataclass(frozen=True)
class Part:
    """One statement; with `rows` a COPY, of rows `first` to `stop`."""

    sql: str
    values: tuple[Any, ...] = ()
    plan: Plan | None = None
    rows: Rows | None = None
    first: int = 0
    stop: int = 0
    rest: str = ""  # the same end of every line


AS_TEXT: dict[type, Callable[[Any], str]] = {
    type(None): lambda _none: r"\N",
    bytes: lambda value: r"\\x" + value.hex(),
    datetime: datetime.isoformat,
    dict: json.dumps,
    list: lambda _empty: "{}",
}


def text(value: Any) -> str:
    """As COPY reads it. Texts hold no tab, no backslash, no line end: nothing made here does."""
    return AS_TEXT.get(type(value), str)(value)


def line(*values: Any) -> str:
    return "\t".join(map(text, values))


def parts(plan: Plan, model: type[Model], columns: str, rows: Rows, count: int, *, part: int = PART) -> list[Part]:
    """A table's rows 0 to count - 1, of which `rows` makes the lines without their end.

    Columns that are not named, and that the database has no value for, get the default of the model's field.
    """
    named = columns.split()
    rest = {
        field.column: field.get_default()
        for field in model._meta.concrete_fields
        if field.column not in named and not (field.null or field.has_db_default() or field.primary_key)
    }
    into = ", ".join(f'"{name}"' for name in (*named, *rest))
    copy = f"COPY {model._meta.db_table} ({into}) FROM STDIN"
    end = "".join("\t" + text(value) for value in rest.values()) + "\n"
    return [Part(copy, (), plan, rows, first, min(first + part, count), end) for first in range(0, count, part)]


def statement(sql: str, *values: Any) -> Part:
    return Part(sql, values)


@contextmanager
def writers(processes: int) -> Iterator[Callable[[Iterable[Part]], None]]:
    """What writes parts, each in a transaction of its own, and waits for them; with one process on Django's own
    connection."""
    if processes == 1:
        yield _write_here
        return
    parameters = connection.get_connection_params()
    names = {"dbname", "user", "password", "host", "port"} & parameters.keys()
    conninfo = make_conninfo(**{name: parameters[name] for name in names})
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _begin, (conninfo,)) as pool:

        def write(work: Iterable[Part]) -> None:
            for _done in pool.map(_write, work):
                pass

        yield write


def _write_here(work: Iterable[Part]) -> None:
    for part in work:
        with connection.cursor() as cursor:
            _write(part, cursor)


_link: psycopg.Connection | None = None


def _begin(conninfo: str) -> None:
    import django

    django.setup()
    global _link  # noqa: PLW0603 -- this process's connection
    _link = psycopg.connect(conninfo, autocommit=True, options="-c synchronous_commit=off")


def _write(part: Part, cursor: Any = None) -> None:
    cursor = cursor or (_link and _link.cursor())
    if part.plan is None or part.rows is None:
        cursor.execute(part.sql, part.values)
        return
    with cursor.copy(part.sql) as copy:
        waiting: list[str] = []
        size = 0
        for row in part.rows(part.plan, part.first, part.stop):
            waiting.append(row)
            size += len(row)
            if size > BUFFER:
                copy.write((part.rest.join(waiting) + part.rest).encode())
                waiting, size = [], 0
        if waiting:
            copy.write((part.rest.join(waiting) + part.rest).encode())
