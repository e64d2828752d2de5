"""Long work: chunk by chunk, one worker at a time, taken up again after a crash, seen by its clerks."""

import os
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone

from registry import jobs
from registry.errors import DomainError, VaultUnavailable
from registry.models import Event, Job, JobFile, Role, Tag
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db


class Blocked(DomainError):
    message = "The counter is blocked."


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    """A kind of work that counts to its total, two at a time, and stumbles where it is told to."""
    monkeypatch.setattr(jobs, "KINDS", {})

    @jobs.kind("count", title="Counting", permission="registry.view_citizen")
    def count(job, now):
        if job.done == job.values.get("blocked_at"):
            raise Blocked
        if job.done == job.values.get("breaks_at"):
            raise ValueError("010-0000-1234")
        if job.done == job.values.get("too_long_at"):
            raise OperationalError("canceling statement due to statement timeout")
        if job.done == job.values.get("vault_away_at"):
            raise VaultUnavailable
        job.done += 2
        job.at = {"next": job.done}
        return job.done < job.total


@pytest.fixture
def registrar():
    return make_clerk(Role.REGISTRAR)


@contextmanager
def working_on(job):
    """Another worker's connection, which ends as that of a worker that was killed."""
    address = os.environ["DATABASE_URL"].rsplit("/", 1)[0] + "/" + connection.settings_dict["NAME"]
    other = psycopg.connect(address)
    other.execute("SELECT pg_advisory_lock(%s)", [jobs.lock_of(job.pk)])
    yield
    other.close()


def begun(by, **values):
    return jobs.begin("count", by=by, now=timezone.now(), values=values, total=6)


def test_it_works_until_nothing_is_left(registrar):
    job = begun(registrar)
    assert jobs.run(job.pk) is False
    job.refresh_from_db()
    assert (job.state, job.done, job.percent, job.at) == (Job.State.DONE, 6, 100, {"next": 6})
    assert Event.objects.get(tag=Tag.JOB_ASKED).actor == registrar


def test_it_lets_others_have_a_turn_and_goes_on_where_it_stopped(registrar):
    job = begun(registrar)
    assert jobs.run(job.pk, seconds=0) is True
    job.refresh_from_db()
    assert (job.is_under_way, job.done) == (True, 2)
    assert jobs.run(job.pk) is False
    job.refresh_from_db()
    assert job.done == 6


def test_it_tells_what_stood_in_the_way_and_keeps_what_was_done(registrar):
    job = begun(registrar, blocked_at=4)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.error) == (Job.State.FAILED, 4, "The counter is blocked.")


def test_it_tells_of_a_slip_of_ours_without_its_words(registrar):
    job = begun(registrar, breaks_at=2)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert job.error == jobs.OURS


def test_it_ends_work_that_nothing_knows_how_to_do_and_says_so(registrar):
    job = begun(registrar)
    Job.objects.filter(pk=job.pk).update(kind="abolished")
    assert jobs.run(job.pk) is False
    job.refresh_from_db()
    assert job.state == Job.State.FAILED and "abolished" in job.error


def tried(job, error, times=1):
    for _try in range(times):
        with pytest.raises(error):
            jobs.run(job.pk)


def test_it_ends_what_is_begun_again_and_again_and_comes_no_further(registrar):
    job = begun(registrar, too_long_at=0)
    tried(job, OperationalError, times=jobs.MOST_TRIES)
    assert jobs.run(job.pk) is False
    job.refresh_from_db()
    assert (job.state, job.done) == (Job.State.FAILED, 0)
    assert job.error == str(jobs.STUCK).format(tries=jobs.MOST_TRIES)


def test_it_counts_anew_with_each_chunk_and_waits_longer_after_each_try(registrar):
    job, now = begun(registrar, too_long_at=0), timezone.now()
    tried(job, OperationalError, times=3)
    for seconds, left in ((25, []), (35, [job.pk])):
        Job.objects.filter(pk=job.pk).update(worked_at=now - timedelta(seconds=seconds))
        assert jobs.left_lying(now) == left
    Job.objects.filter(pk=job.pk).update(values={})
    assert jobs.run(job.pk, seconds=0) is True
    job.refresh_from_db()
    assert job.tries == 0


def test_it_waits_for_the_vault_however_long(registrar):
    job = begun(registrar, vault_away_at=2)
    tried(job, VaultUnavailable, times=jobs.MOST_TRIES + 1)
    job.refresh_from_db()
    assert job.is_under_way


def test_what_failed_is_taken_up_again_by_its_clerk_where_it_left_off(registrar):
    job = begun(registrar, blocked_at=4)
    jobs.run(job.pk)
    Job.objects.filter(pk=job.pk).update(values={})
    page = reverse("admin:registry_job_resume", args=[job.pk])
    assert desk_of(make_clerk(Role.REGISTRAR, username="other")).post(page).status_code == 403
    mine = desk_of(registrar)
    assert mine.post(page).status_code == 302
    assert jobs.run(job.pk) is False
    job.refresh_from_db()
    assert (job.state, job.done, job.error) == (Job.State.DONE, 6, "")
    assert Event.objects.get(tag=Tag.JOB_RESUMED).detail == {"done": 4}
    with pytest.raises(jobs.NotFailed):
        jobs.resume(job, by=registrar, now=timezone.now())


def test_it_is_stopped_once_by_a_clerk(registrar):
    job = begun(registrar)
    jobs.stop(job, by=registrar, now=timezone.now())
    assert jobs.run(job.pk) is False
    job.refresh_from_db()
    assert (job.state, job.done) == (Job.State.STOPPED, 0)
    with pytest.raises(jobs.NotUnderWay):
        jobs.stop(job, by=registrar, now=timezone.now())


def test_it_is_left_alone_while_another_worker_is_at_it(registrar):
    job = begun(registrar)
    with working_on(job):
        assert jobs.run(job.pk) is False
    while jobs.run(job.pk) or not Job.objects.get().done:
        """PostgreSQL hears of the other's end a moment later."""
    job.refresh_from_db()
    assert job.done == 6


def test_no_job_stands_in_the_way_of_another_whose_id_begins_alike():
    ids = UUID("7a3f21c0-0000-4000-8000-000000000001"), UUID("7a3f21c0-0000-4000-8000-000000000002")
    assert jobs.lock_of(ids[0]) != jobs.lock_of(ids[1])


def test_it_finds_what_a_dead_worker_left(registrar):
    now = timezone.now()
    fresh, left, over = begun(registrar), begun(registrar), begun(registrar)
    Job.objects.filter(pk=fresh.pk).update(worked_at=now)
    jobs.run(over.pk)
    assert jobs.left_lying(now) == [left.pk]


def test_its_desk_shows_each_role_its_own_and_gives_files_to_nobody_else(registrar):
    job = jobs.begin(
        "count", by=registrar, now=timezone.now(), total=6,
        files=(JobFile(role="refused", name="거절.csv", media_type="text/csv", content="이름\n".encode()),),
    )  # fmt: skip
    page, bar = (
        reverse("admin:registry_job_change", args=[job.pk]),
        reverse("admin:registry_job_progress", args=[job.pk]),
    )
    file = reverse("admin:registry_job_file", args=[job.pk, "refused"])
    mine = desk_of(registrar)
    jobs.run(job.pk, seconds=0)
    assert 'value="33"' in mine.get(bar).content.decode()
    assert f'hx-get="{bar}"' in mine.get(page).content.decode() and "HX-Trigger" not in mine.get(bar).headers
    jobs.run(job.pk)
    assert mine.get(bar).headers["HX-Trigger"] == "job-over", "its page fetches itself anew, and shows the files then"
    assert mine.get(page).status_code == 200
    answer = mine.get(file)
    assert answer.content == "이름\n".encode() and "attachment" in answer["Content-Disposition"]
    assert Event.objects.filter(tag=Tag.JOB_FILE_SEEN, actor=registrar).count() == 1
    stranger = desk_of(make_clerk(Role.VENUE_OFFICER, username="stranger"))
    assert [stranger.get(address).status_code for address in (page, bar, file)] == [404, 404, 404]
