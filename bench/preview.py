"""Previews of a policy: the whole registry read and judged, against reading the same columns by COPY and no more."""

import os
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from bench.measure import Result, Spent, watching
from bench.town import town

PEOPLE, RECORDS_EACH = 200_000, 1.5
GOAL, FLAT = 0.1, 1.1
SEED, FIRST = 20220103, date(2021, 3, 1)
FLOOR = (
    "COPY (SELECT id, birth, region FROM registry_citizen) TO STDOUT",
    "COPY (SELECT r.citizen_id, r.kind, r.day, r.dose, v.primary_doses, r.result_at, r.immunodeficiency "
    "FROM registry_passrecord r LEFT JOIN registry_vaccine v ON v.code = r.vaccine_id "
    "WHERE r.revoked_at IS NULL) TO STDOUT",
)


def run() -> Iterable[Result]:
    """A registry made by COPY; the draft is the oldest policy's rules in place of those in force."""
    town()
    from django.db import connection

    _people(connection)
    floor, ours = Spent(), Spent()
    me = [os.getpid()]  # PostgreSQL is a child
    for _round in range(2):  # the first fills the caches
        floor = Spent()
        with watching(me, floor):
            _read(connection)
    early, late, records = 0.0, 0.0, PEOPLE * RECORDS_EACH
    with watching(me, ours):
        early, late = _preview()
    yield Result("preview", records / ours.cpu, "records per CPU s", records / floor.cpu, GOAL)
    yield Result("preview, memory", late, "MB in the end", early, FLAT, at_most=True)


def _read(connection: object) -> None:
    for statement in FLOOR:
        with connection.cursor() as cursor, cursor.copy(statement) as lines:  # type: ignore[attr-defined]
            for _line in lines:
                pass


def _preview() -> tuple[float, float]:
    """Megabytes of this process after a tenth of the work, and in the end."""
    import psutil

    from registry.models import PolicyVersion
    from registry.policymaking import preview
    from registry.policymaking.effects import Count, Question, figures
    from registry.validity import Rules

    versions = PolicyVersion.objects.published().order_by("effective_on")
    before, after = (Rules.from_json(version.rules) for version in (versions[0], versions[1]))
    questions = [Question(date(2022, 1, 3) + timedelta(days=n), before, after) for n in (0, 29)]
    of, found, early = max(10, preview.parts()), Count(questions), 0.0
    for number in range(of):
        preview.count(number, of, questions, into=found)
        early = early or (psutil.Process().memory_info().rss / 1e6 if number >= of // 10 else 0.0)
    told = figures(found.cells.items(), 0)
    if told.people != PEOPLE or not told.lose:
        raise RuntimeError(f"the preview came to {told}")
    return early, psutil.Process().memory_info().rss / 1e6


def _people(connection: object) -> None:
    """People of all ages, each with a second dose on some day; every second one has a third, a test or a recovery."""
    from registry import secrets

    chance, name = Random(SEED), "\\\\x" + secrets.encrypt("홍길동".encode(), purpose="citizen.name").hex()
    keys = [UUID(int=chance.getrandbits(128)) for _ in range(PEOPLE)]
    with connection.cursor() as cursor:  # type: ignore[attr-defined]
        columns = "id, name, birth, name_index, region, language, relation, created_at"
        with cursor.copy(f"COPY registry_citizen ({columns}) FROM STDIN") as rows:
            for key in keys:
                born = date(1930 + chance.randrange(90), 1 + chance.randrange(12), 1 + chance.randrange(28))
                birth = "\\\\x" + secrets.encrypt(born.isoformat().encode(), purpose="citizen.birth").hex()
                region = chance.choice(("11680", "26110", "41131", ""))
                rows.write(f"{key}\t{name}\t{birth}\t\\\\x00\t{region}\tko\t\t2022-01-01\n")
        columns = "citizen_id, kind, day, vaccine_id, dose, result_at, immunodeficiency, issuer, certificate_number, "
        with cursor.copy(f"COPY registry_passrecord ({columns}created_at, revoke_reason) FROM STDIN") as rows:
            for number, line in enumerate(_records(keys, chance)):
                rows.write(f"{line}\tf\tbench\t{number}\t2022-01-01\t\n")
        cursor.execute("ANALYZE registry_citizen, registry_passrecord")


def _records(keys: list[UUID], chance: Random) -> Iterator[str]:
    for number, key in enumerate(keys):
        day = FIRST + timedelta(days=chance.randrange(300))
        yield f"{key}\tvaccination\t{day}\tpfizer\t2\t\\N"
        if number % 2:
            continue
        later = day + timedelta(days=90)
        at = datetime(2021, 12, 28) + timedelta(minutes=chance.randrange(10_000))
        yield chance.choice(
            (
                f"{key}\tvaccination\t{later}\tmoderna\t3\t\\N",
                f"{key}\trecovery\t{later}\t\\N\t\\N\t\\N",
                f"{key}\tpcr_negative\t{at:%Y-%m-%d}\t\\N\t\\N\t{at}+09",
            )
        )
