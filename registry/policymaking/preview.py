"""A draft tried on everybody: streamed from PostgreSQL by COPY, a stretch of the keys at a time, and only counted.

What came of it is kept with the version, until the next preview of it. It is fresh as long as neither the draft, nor
the versions it is held against, nor more than a hundredth of the records have changed, for a day at most.
"""

from binascii import unhexlify
from collections import Counter
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registry import audit, figures, jobs, policy, secrets
from registry.errors import DomainError
from registry.models import Citizen, Event, Job, PassRecord, PolicyPreview, PolicyVersion, Tag, User
from registry.policymaking.effects import Cell, Judge, Question
from registry.validity import SEOUL

LATER = timedelta(days=29)  # the second day looked at is the 30th under the new rules
FRESH_FOR = timedelta(hours=24)
STALE_AFTER = 100  # one in so many records
PEOPLE_A_PART = 10_000  # so that a part takes a fraction of a second
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


class DraftChanged(DomainError):
    code = "draft_changed"
    message = _("The draft was changed meanwhile. Please ask for the preview again.")


def parts() -> int:
    """Into how many stretches of keys the registry is divided, each of some ten thousands of people."""
    with connection.cursor() as cursor:
        cursor.execute(ESTIMATE)
        (people,) = cursor.fetchone()
    return max(1, min(MOST_PARTS, people // PEOPLE_A_PART))


def bounds(number: int, of: int) -> tuple[UUID, UUID]:
    """First and last key of a part."""
    return UUID(int=SPACE * number // of), UUID(int=SPACE * (number + 1) // of - 1)


@lru_cache(maxsize=4)
def _judge(questions: tuple[Question, ...]) -> Judge:
    return Judge(questions)


def count(number: int, of: int, questions: tuple[Question, ...]) -> tuple[Counter[Cell], int]:
    """Everybody of one part, and how many records that were."""
    judge, found, records = _judge(questions), Counter[Cell](), 0
    with connection.cursor() as cursor, cursor.copy(PART, bounds(number, of)) as lines:
        for line in lines:
            birth, region, told = bytes(line)[:-1].split(b"\t")
            facts = told.split()
            records += len(facts)
            found[judge.cell(secrets.decrypt(unhexlify(birth), purpose="citizen.birth"), region.decode(), facts)] += 1
    return found, records


def days_of(version: PolicyVersion) -> tuple[date, date]:
    """The days that a preview looks at."""
    return version.effective_on, version.effective_on + LATER


def bases(version: PolicyVersion) -> list[list[int]]:
    """For each of the two days, the numbers of the versions in force without the draft (0: none) and with it."""
    others = list(PolicyVersion.objects.published().exclude(pk=version.pk).order_by("-effective_on"))
    found = []
    for day in days_of(version):
        before = next((other for other in others if other.effective_on <= day), None)
        after = next((other for other in others if version.effective_on < other.effective_on <= day), version)
        found.append([before.number if before else 0, after.number])
    return found


def questions(version: PolicyVersion, held_against: list[list[int]]) -> tuple[Question, ...]:
    """What is asked of every person. Where no policy was in force, nobody held a valid pass."""
    numbers = {number for pair in held_against for number in pair}
    rules = {one.number: policy.rules_of(one) for one in PolicyVersion.objects.filter(pk__in=numbers)}
    return tuple(
        Question(day, rules.get(before), rules[after])
        for day, (before, after) in zip(days_of(version), held_against, strict=True)
    )


def begin(name: str, version: PolicyVersion, *, by: User, now: datetime, address: str | None = None) -> Job:
    """Ask for a preview of a draft, by the job of that name; one that is under way for the same draft is it."""
    asked = {"version": version.pk, "revision": version.revision}
    under_way = Job.objects.unfinished().filter(kind=name, values=asked).first()
    return under_way or jobs.begin(name, by=by, now=now, values=asked, address=address)


def step(job: Job, version: PolicyVersion) -> bool:
    """One part of the registry; whether there is another. The job holds the counts so far."""
    if version.revision != job.values["revision"]:
        raise DraftChanged
    if not job.at:
        newest = PassRecord.objects.aggregate(newest=Max("pk"))["newest"] or 0
        job.total, job.at = parts(), {"bases": bases(version), "last_record": newest, "records": 0}
    found, records = count(job.done, job.total or 1, questions(version, job.at["bases"]))
    for *cell, people in job.result.get("people", []):
        found[tuple(cell)] += people
    job.at["records"] += records
    job.result = {"people": [[*cell, people] for cell, people in sorted(found.items())]}
    job.done += 1
    return job.done < (job.total or 1)


def keep(job: Job, version: PolicyVersion, *, venues: list[object], now: datetime) -> PolicyPreview:
    """Keep what a finished job has found with its version; on the job itself no more than that it is done."""
    preview, _made = PolicyPreview.objects.update_or_create(
        version=version,
        defaults={
            "revision": job.values["revision"], "taken_at": job.asked_at, "last_record": job.at["last_record"],
            "records": job.at["records"], "bases": job.at["bases"], "people": job.result["people"], "venues": venues,
            "phones": phones(version, version.floor_from, now=now) if version.floor_from else None,
        },
    )  # fmt: skip
    job.result = {}
    audit.record(Tag.POLICY_PREVIEWED, by=job.asked_by, target=version, revision=preview.revision)
    return preview


def phones(version: PolicyVersion, floor: date, *, now: datetime) -> int:
    """About how many phones hold a pass that reaches the day `floor` and have to fetch it anew by then: those whose
    check is due from so many days before on, as the desk's charts count them. What is carried for others is on the
    same phones."""
    today = now.astimezone(SEOUL).date()
    first = max(floor - timedelta(days=version.grace_days), today - figures.LATE)
    counted = today + timedelta(days=figures.DAYS - 1)
    beyond = Citizen.objects.filter(guardian=None, due_on__gt=max(counted, first - timedelta(days=1)))  # next to none
    within = sum(figures.due(first, counted, now=now).values()) if first <= counted else 0
    return within + beyond.count()


def stale(preview: PolicyPreview, version: PolicyVersion, *, now: datetime) -> str:
    """Why a preview of a draft says nothing any more; "" while it does."""
    if preview.revision != version.revision:
        return gettext("The draft was changed since.")
    if preview.bases != bases(version):
        return gettext("Another version was published since.")
    if now - preview.taken_at > FRESH_FOR:
        return gettext("It is older than a day.")
    if _changed_since(preview) * STALE_AFTER > preview.records:
        return gettext("More than one in a hundred records changed since.")
    return ""


def _changed_since(preview: PolicyPreview) -> int:
    """Records added, corrected or revoked since, counted no further than matters."""
    most = preview.records // STALE_AFTER + 1
    added = PassRecord.objects.filter(pk__gt=preview.last_record)[:most].count()
    tags = (Tag.RECORD_CORRECTED, Tag.RECORD_REVOKED)
    changed = sum(Event.objects.filter(tag=tag, at__gt=preview.taken_at)[:most].count() for tag in tags)
    return added + changed
