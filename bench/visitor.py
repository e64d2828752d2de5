"""A process that works on one registry and visits its pages when told, so that two can be asked in turn."""

import multiprocessing
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench.pages import REGION, Asks, asks, client

MOST_READ = 30_000  # rows of one table by one statement; a larger table may not be read beyond
MOST_COUNTED = 1_000  # rows, without a LIMIT: what belongs to one person or venue
COUNTS = re.compile(r"SELECT COUNT\(\*\) (?:AS \"__count\" )?FROM \"(\w+)\"", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a page asked of the database: how many statements, and what was wrong with them."""

    statements: int
    reads_much: list[str]
    counts: list[str]


class Visitor:
    """The process, from outside. Whatever goes wrong in it is raised here."""

    def __init__(self, environment: dict[str, str]) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._link, there = spawn.Pipe()
        self._process = spawn.Process(target=_serve, args=(there, environment), daemon=True)
        self._process.start()

    def pages(self) -> list[str]:
        """The names of all there are."""
        return list(self._ask("pages"))

    def visit(self, page: str) -> float:
        """Ask for a page; the seconds until it was there."""
        return float(self._ask("visit", page))

    def look(self, page: str) -> Looked:
        """Ask for a page and go through its statements, with EXPLAIN ANALYZE of what reads."""
        found: Looked = self._ask("look", page)
        return found

    def stop(self) -> None:
        self._link.close()
        self._process.join(10)

    def _ask(self, *words: str) -> Any:
        self._link.send(words)
        answer = self._link.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


def _serve(link: Any, environment: dict[str, str]) -> None:
    os.environ.update(environment)
    desk: _Desk | None = None
    while True:
        try:
            what, *words = link.recv()
        except EOFError:
            return
        try:
            desk = desk or _Desk()
            answer = getattr(desk, what)(*words)
        except Exception as error:
            answer = RuntimeError(f"{' '.join([what, *words])}: {type(error).__name__}: {error}")
        link.send(answer)


class _Desk:
    """The site in this process, and the clerks who ask."""

    def __init__(self) -> None:
        import django

        django.setup()
        from django.conf import settings
        from django.utils import timezone

        from config.scale.making import count_figures

        # Static files go by their own names: what they are called when collected is no part of a page's cost.
        plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
        count_figures(timezone.now())  # as the tasks do while the desk is open
        self.clients = {region: client(region) for region in ("", REGION)}
        self.asks: Asks = asks(self.clients[""], self.clients[REGION], timezone.localdate())
        self.large = _large_tables()

    def pages(self) -> list[str]:
        return list(self.asks)

    def visit(self, page: str) -> float:
        ask = self.asks[page]
        asking = self.clients[ask.region]
        started = time.perf_counter()
        answer = asking.post(ask.address, ask.form) if ask.form else asking.get(ask.address)
        seconds = time.perf_counter() - started
        if answer.status_code not in (200, 302):
            raise RuntimeError(f"{ask.address}: {answer.status_code}")
        return seconds

    def look(self, page: str) -> Looked:
        from django.db import connection

        kept: list[tuple[str, Any]] = []

        def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            kept.append((sql, params))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(keep):
            self.visit(page)
        reads_much, counts = [], []
        for sql, values in kept:
            if not sql.lstrip().upper().startswith(("SELECT", "WITH")):
                continue
            read = _read(sql, values)
            reads_much += [f"{rows:,} rows of {table}: {sql[:1500]}" for table, rows in read if rows > MOST_READ]
            counted = COUNTS.search(sql)
            unbounded = counted and counted[1] in self.large and " LIMIT " not in sql
            if unbounded and any(rows > MOST_COUNTED for _table, rows in read):
                counts.append(f"{counted and counted[1]}: {sql[:300]}")
        return Looked(len(kept), reads_much, counts)


def _large_tables() -> set[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND reltuples > %s", [MOST_READ])
        return {table for (table,) in cursor.fetchall()}


def _read(sql: str, values: Any) -> list[tuple[str, int]]:
    """How many rows of which tables were looked at, by a scan of any kind."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", values)
        (plan,) = cursor.fetchone()
    return list(_looked_at(plan[0]["Plan"]))


def _looked_at(node: dict[str, Any]) -> Iterator[tuple[str, int]]:
    if "Scan" in node["Node Type"] and ("Relation Name" in node or "Index Name" in node):
        each = sum(
            node.get(name, 0) for name in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
        )
        yield node.get("Relation Name") or node["Index Name"], round(each * node["Actual Loops"])
    for inner in node.get("Plans", ()):
        yield from _looked_at(inner)
