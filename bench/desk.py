"""Every page of the clerk's desk at full size, against the same page at a hundredth of it.

For every list of the desk: as it opens, its second page, each filter, each order, a search, as a region’s clerk sees
it; then a row’s page, and home. Time is the least of some tries in this process, on PostgreSQL with warm caches. The
statements of the large one are run again with EXPLAIN ANALYZE: none may look at more than 30,000 rows of a table, and
no large table be counted.
"""

import os
import re
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bench.countries import SMALL, Countries, countries, large
from bench.measure import Result

GOAL, TRIES = 2.0, 3
MOST_READ = 30_000  # rows of one table by one statement; a larger table may not be read beyond
REGION = "11680"
CHOICES = 3  # of each filter
COUNTS = re.compile(r"SELECT COUNT\(\*\) (?:AS \"__count\" )?FROM \"(\w+)\"", re.IGNORECASE)


@dataclass
class Visit:
    """What one page cost: seconds, and its statements with their values."""

    seconds: float
    statements: list[tuple[str, Any]] = field(default_factory=list)


Seen = dict[str, Visit]  # by a name of the page that is the same in both


def run() -> Iterable[Result]:
    scale = float(os.environ.get("BENCH_SCALE", "1"))
    both = countries(scale)
    import django

    django.setup()
    _plain_files()
    seen = {name: _walk(both, name) for name in ("small", large(scale))}
    few, many = seen.values()
    print(f"desk: {SMALL:g} of the full size against {scale:g}, {len(many)} pages", file=sys.stderr)
    yield from _times(few, many)
    yield _same_count(few, many)
    yield from _plans(both, large(scale), many)


def _plain_files() -> None:
    """Static files under their own names: what they are called when collected is no part of a page's cost."""
    from django.conf import settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


def _times(few: Seen, many: Seen) -> Iterator[Result]:
    """Of each list, the page that grew most."""
    worst: dict[str, Result] = {}
    for page in few.keys() & many.keys():
        of = page.split(" ")[0]
        result = Result(f"desk, {page}", many[page].seconds * 1000, "ms", few[page].seconds * 1000, GOAL, at_most=True)
        if of not in worst or result.ratio > worst[of].ratio:
            worst[of] = result
    yield from (worst[of] for of in sorted(worst))


def _same_count(few: Seen, many: Seen) -> Result:
    pages = few.keys() & many.keys()
    for page in sorted(pages):
        counts = len(few[page].statements), len(many[page].statements)
        if counts[1] > counts[0]:
            print(f"desk: {page}: {counts[0]} statements became {counts[1]}", file=sys.stderr)
    grown = sum(len(many[page].statements) > len(few[page].statements) for page in pages)
    return Result("desk, pages with more statements", grown, "pages", 1, 0, at_most=True)


# --- walking


def _walk(both: Countries, name: str) -> Seen:
    both.use(name)
    seen: Seen = {}
    clients = {"": _client(""), REGION: _client(REGION)}
    from django.contrib import admin

    for region, client in clients.items():
        _visit(seen, client, f"home{' of a region' if region else ''}", "/admin/")
    for model, desk in sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label):
        if not model._meta.managed:
            continue
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        for title, query in _queries(clients[""], desk, address):
            _visit(seen, clients[""], f"{model._meta.model_name} {title}", address + query)
        if getattr(desk, "region_path", None):
            _visit(seen, clients[REGION], f"{model._meta.model_name} of a region", address)
        if row := _first_row(clients[""], address):
            _visit(seen, clients[""], f"{model._meta.model_name} row", row)
    _entries(seen, clients[""])
    return seen


def _first_row(client: Any, address: str) -> str:
    """The address of the first row's page; "" where the list is empty or its rows have none."""
    shown = _shown(client.get(address))
    if shown is None or not shown.result_list or not shown.list_display_links:
        return ""
    return str(shown.url_for_result(shown.result_list[0]))


def _shown(answer: Any) -> Any:
    """The list that a page shows; None where it is another page."""
    return (getattr(answer, "context_data", None) or {}).get("cl")


def _client(region: str) -> Any:
    """A superuser with a second factor, of the whole country or bound to a region."""
    from django.test import Client
    from django_otp import DEVICE_ID_SESSION_KEY
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from registry.models import User

    user, _made = User.objects.get_or_create(
        username=f"bench-{region}", defaults={"is_staff": True, "is_superuser": True, "region": region}
    )
    device, _made = TOTPDevice.objects.get_or_create(user=user, name="bench", defaults={"confirmed": True})
    client = Client(headers={"host": "localhost"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client


def _queries(client: Any, desk: Any, address: str) -> Iterator[tuple[str, str]]:
    """The ways a list is asked for: a name and what stands behind the "?"."""
    shown = _shown(client.get(address))
    yield "list", ""
    if shown is None:
        return
    yield "page 2", "?p=2"
    for spec in shown.filter_specs:
        for number, choice in enumerate(_choices(spec, shown)):
            yield f"filter {spec.title} {number}", choice
    for number in range(1, len(shown.list_display) + 1):
        if shown.list_display[number - 1] in shown.model_admin.get_sortable_by(client):
            yield f"order {number}", f"?o={number}"
            yield f"order -{number}", f"?o=-{number}"
    if desk.search_fields:
        yield "search", f"?q={_term(desk)}"
        yield "search without answer", "?q=zzzzzz"


def _choices(spec: Any, shown: Any) -> list[str]:
    found = [choice.get("query_string") for choice in spec.choices(shown) if not choice.get("selected")]
    return [query for query in found if query][:CHOICES]


def _term(desk: Any) -> str:
    """What the newest row says in the field that is searched."""
    path = str(desk.search_fields[0]).lstrip("=^@").removesuffix("__startswith").removesuffix("__exact")
    value = desk.model._default_manager.order_by("-pk").values_list(path, flat=True).first()
    return str(value or "가상")


def _entries(seen: Seen, client: Any) -> None:
    from venues.models import Venue

    busiest = Venue.objects.filter(name__startswith="가상").order_by("pk").values_list("pk", flat=True)[0]
    _visit(seen, client, "entry list", f"/admin/checkins/entry/?venue={busiest}")


def _visit(seen: Seen, client: Any, name: str, address: str) -> None:
    """Ask TRIES times; the statements are those of the last."""
    from django.db import connection

    kept: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        kept.append((sql, params))
        return execute(sql, params, many, context)

    seconds = []
    for _again in range(TRIES):
        kept.clear()
        started = time.perf_counter()
        with connection.execute_wrapper(keep):
            answer = client.get(address)
        seconds.append(time.perf_counter() - started)
        if answer.status_code not in (200, 302):
            raise RuntimeError(f"{address}: {answer.status_code}")
    seen[name] = Visit(min(seconds), list(kept))


# --- plans


def _plans(both: Countries, name: str, many: Seen) -> Iterator[Result]:
    """How many pages read more rows than they have any use for, and how many count a large table."""
    from django.db import connection

    both.use(name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND reltuples > %s", [MOST_READ])
        tables = {table for (table,) in cursor.fetchall()}
    reading, counting = set(), set()
    for page, visit in many.items():
        for sql, values in visit.statements:
            counted = COUNTS.search(sql)
            if counted and counted[1] in tables and " LIMIT " not in sql:
                counting.add(page)
                print(f"desk: {page}: counts {counted[1]}: {sql[:300]}", file=sys.stderr)
            if sql.lstrip().upper().startswith(("SELECT", "WITH")):
                for table, rows in _read(sql, values):
                    reading.add(page)
                    print(f"desk: {page}: reads {rows:,} rows of {table}: {sql[:1500]}", file=sys.stderr)
    yield Result("desk, pages that read much of a large table", len(reading), "pages", 1, 0, at_most=True)
    yield Result("desk, pages that count a large table", len(counting), "pages", 1, 0, at_most=True)


def _read(sql: str, values: Any) -> list[tuple[str, int]]:
    """Of which tables more than MOST_READ rows were looked at, by a scan of any kind."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", values)
        (plan,) = cursor.fetchone()
    return [(table, rows) for table, rows in _looked_at(plan[0]["Plan"]) if rows > MOST_READ]


def _looked_at(node: dict[str, Any]) -> Iterator[tuple[str, int]]:
    if "Scan" in node["Node Type"] and ("Relation Name" in node or "Index Name" in node):
        each = sum(
            node.get(name, 0) for name in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
        )
        yield node.get("Relation Name") or node["Index Name"], round(each * node["Actual Loops"])
    for inner in node.get("Plans", ()):
        yield from _looked_at(inner)
