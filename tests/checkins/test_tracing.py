"""Tracing contacts: two people, what is found and with which overlap, and what cannot be told any more."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from checkins import holds
from checkins.log import retention
from checkins.models import LegalHold
from checkins.traces import Finding, Sightings, Trace
from checkins.tracing import asking, finding, looking, results
from registry import approvals, jobs, vault
from registry.citizens import merging
from registry.errors import VaultUnavailable
from registry.models import Approval, Citizen, Disposal, Event, Job, Kept, Role, Tag
from tests.checkins.conftest import at
from tests.checkins.faults import vault_away
from tests.checkins.tracing import ask_where, ask_who, done, grant, was_at, work, yesterday
from tests.factories import CitizenFactory, VenueFactory
from tests.registry.clerks import make_clerk
from tests.registry.crowds import apart, wait_for_a_waiter, while_held

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(fresh_log):
    return tuple(make_clerk(Role.INVESTIGATOR, username=name) for name in ("first", "second"))


@pytest.fixture
def cafe():
    return VenueFactory(name="은행나무")


@pytest.fixture
def person():
    return CitizenFactory()


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(finding, "MOMENTS_AT_ONCE", 4)


def found(trace, by):
    return list(results.look(trace, by=by, now=timezone.now()))


def told(line):
    return [(f"{timezone.localtime(stay['since']):%H:%M}", stay["seen"], stay["minutes"]) for stay in line.stays]


def test_it_finds_where_a_person_was_once_a_second_person_has_granted_it(two, cafe, person):
    day, gym = yesterday(), VenueFactory()
    was_at(cafe, person.pk, day, "12:00", "12:40")
    was_at(gym, person.pk, day, "18:00")
    was_at(gym, person.pk, day - timedelta(days=1), "18:00")
    was_at(cafe, CitizenFactory().pk, day, "12:00")
    trace = ask_where(person, day, day, by=two[0])
    assert trace.job is None and not Job.objects.exists(), "nothing is looked up before"
    lines = found(done(trace, two[1]), two[0])
    assert [(line.citizen, line.venue, told(line)) for line in lines] == [
        (person, cafe, [("12:00", True, 40)]),
        (person, gym, [("18:00", False, 60)]),
    ]


def test_it_finds_who_was_at_a_venue_with_the_overlap_also_those_who_came_before(two, cafe, person):
    day, late, gone = yesterday(), CitizenFactory(), CitizenFactory()
    was_at(cafe, person.pk, day, "11:00", "12:20")
    was_at(cafe, late.pk, day, "12:50")
    was_at(cafe, gone.pk, day, "10:00", "11:59")
    was_at(VenueFactory(), gone.pk, day, "12:10")
    trace = done(ask_who(cafe, at(day, "12:00"), at(day, "13:00"), by=two[0]), two[1])
    lines = found(trace, two[1])
    assert [(line.citizen, told(line)) for line in lines] == [
        (person, [("11:00", True, 20)]),
        (late, [("12:50", False, 10)]),
    ]


def test_it_refuses_whoever_asked_as_the_second_person(two, cafe):
    trace = ask_who(cafe, at(yesterday(), "12:00"), at(yesterday(), "13:00"), by=two[0])
    with pytest.raises(approvals.OwnRequest):
        grant(trace, two[0])
    with pytest.raises(IntegrityError, match="trace_is_granted_by_another"), transaction.atomic():
        Trace.objects.filter(pk=trace.pk).update(granted_by=two[0])


def test_it_looks_through_a_crowd_chunk_by_chunk_and_is_taken_up_again_where_it_was(two, cafe, small_parts):
    day, crowd = yesterday(), [CitizenFactory() for _n in range(6)]
    for number, one in enumerate(crowd):
        was_at(cafe, one.pk, day, f"12:0{number // 2}", "12:30")
    trace = grant(ask_who(cafe, at(day, "12:00"), at(day, "13:00"), by=two[0]), two[1])
    shown = []
    while jobs.run(trace.job_id, seconds=0):  # each time another worker
        job = Job.objects.get(pk=trace.job_id)
        shown.append(job.done)
    assert len(shown) > 6 and shown == sorted(shown)
    trace.refresh_from_db()
    lines = found(trace, two[0])
    assert {line.citizen for line in lines} == set(crowd) and len(lines) == 6
    assert [told(line)[0][0] for line in lines] == ["12:00", "12:00", "12:01", "12:01", "12:02", "12:02"]
    assert all(told(line)[0][1] for line in lines) and not Sightings.objects.exists()


def crowd_found(cafe, two):
    """A trace of ten people, who came a minute after each other and were found in parts."""
    for number in range(10):
        was_at(cafe, CitizenFactory().pk, yesterday(), f"12:0{number}", "12:30")
    return done(ask_who(cafe, at(yesterday(), "12:00"), at(yesterday(), "13:00"), by=two[0]), two[1])


def test_a_page_of_the_result_reads_what_it_shows_and_no_more(two, cafe, small_parts, monkeypatch):
    monkeypatch.setattr(results, "FINDINGS_OF_A_PAGE", 3)
    trace = crowd_found(cafe, two)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE checkins_finding SET body = 'nobody can read this' WHERE place > 3")
    assert [told(line)[0][0] for line in found(trace, two[0])] == ["12:00", "12:01", "12:02"]


def test_a_result_from_before_there_were_places_is_put_in_order_when_it_is_looked_at(two, cafe, small_parts):
    trace = crowd_found(cafe, two)
    trace.findings.update(place=None)
    assert [told(line)[0][0] for line in found(trace, two[0])] == [f"12:0{number}" for number in range(10)]
    assert not trace.findings.filter(place=None).exists()


def test_it_reads_what_was_seen_once_more_however_many_parts_it_makes(two, cafe, small_parts, monkeypatch):
    for number in range(8):
        was_at(cafe, CitizenFactory().pk, yesterday(), f"12:0{number}", "12:30")
    read = []
    monkeypatch.setattr(finding, "Sighting", lambda *row: read.append(row) or looking.Sighting(*row))
    trace = done(ask_who(cafe, at(yesterday(), "12:00"), at(yesterday(), "13:00"), by=two[0]), two[1])
    assert len(read) == 16 and len(found(trace, two[0])) == 8


def test_it_works_out_once_a_day_who_came_and_went_many_times(two, cafe, person, monkeypatch):
    for came, left in (("12:00", "12:10"), ("12:20", "12:30")):
        was_at(cafe, person.pk, yesterday(), came, left)
    worked_out, citizen_of = [], vault.citizen_of
    monkeypatch.setattr(vault, "citizen_of", lambda *pair: worked_out.append(pair) or citizen_of(*pair))
    seen, _beyond = looking.at_door(cafe, at(yesterday(), "12:00"), at(yesterday(), "13:00"), most=10)
    assert [one.person for one in seen] == [person.pk] * 4 and len(worked_out) == 1


def half_found(cafe, two):
    """A trace of a crowd whose first part is written down, and its job."""
    for share in (1, 31, 61, 91):  # some are of the first part, some of the last
        was_at(cafe, CitizenFactory(pk=UUID(int=share)).pk, yesterday(), "12:00", "12:30")
    trace = grant(ask_who(cafe, at(yesterday(), "12:00"), at(yesterday(), "13:00"), by=two[0]), two[1])
    while not trace.findings.exists():
        assert jobs.run(trace.job_id, seconds=0)
    return trace, Job.objects.get(pk=trace.job_id)


def test_it_destroys_in_a_week_what_a_stopped_trace_had_found(two, cafe, small_parts):
    trace, job = half_found(cafe, two)
    jobs.stop(job, by=two[0], now=timezone.now())
    week = trace.granted_at + holds.FOR_WORK
    results.wipe(week)
    assert trace.findings.exists() and trace.sightings.exists(), "until then it may be taken up again"
    written = trace.findings.count()
    results.wipe(week + timedelta(seconds=1))
    assert not Finding.objects.exists() and not Sightings.objects.exists()
    assert Disposal.objects.get(what=Kept.TRACES).count == written


def test_it_asks_for_a_new_trace_where_what_was_seen_of_a_failed_one_is_gone(two, cafe, small_parts):
    trace, job = half_found(cafe, two)
    jobs.fail(job.pk, "", now=timezone.now())
    late = timezone.now() - holds.FOR_WORK - timedelta(seconds=1)
    Trace.objects.filter(pk=trace.pk).update(granted_at=late)
    results.wipe(timezone.now())
    jobs.resume(job, by=two[0], now=timezone.now())
    assert not jobs.run(job.pk)
    job.refresh_from_db()
    trace.refresh_from_db()
    assert (job.state, job.error) == (Job.State.FAILED, str(finding.LeftTooLong(days=7)))
    assert trace.found_at is None and not Finding.objects.exists(), "no part of the people passes for all"


@pytest.mark.django_db(transaction=True)
def test_it_writes_nothing_to_a_trace_once_what_it_had_found_is_destroyed(two, cafe, small_parts):
    trace, job = half_found(cafe, two)
    late = trace.granted_at + holds.FOR_WORK + timedelta(seconds=1)
    wiped, part = while_held(
        lambda: results.wipe(late),
        lambda: jobs.run(job.pk, seconds=0),  # by its clock it is in time
    )
    assert wiped == 1 and not part
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.FAILED, str(finding.LeftTooLong(days=7)))
    assert not Finding.objects.exists() and not Sightings.objects.exists()
    with pytest.raises(results.ResultOver):
        found(Trace.objects.get(pk=trace.pk), two[0])


@pytest.mark.django_db(transaction=True)
def test_it_destroys_nothing_of_a_trace_whose_last_part_is_at_hand(two, cafe, small_parts, monkeypatch):
    trace, job = half_found(cafe, two)
    late, found_all = trace.granted_at + holds.FOR_WORK + timedelta(seconds=1), finding._found
    with ThreadPoolExecutor(1) as pool:
        wiping = []

        def slowly(*told, **more):
            wiping.append(pool.submit(apart, lambda: results.wipe(late)))
            wait_for_a_waiter()
            found_all(*told, **more)

        monkeypatch.setattr(finding, "_found", slowly)
        assert not jobs.run(job.pk)
        assert wiping[0].result(10) == 0
    assert len(found(Trace.objects.get(pk=trace.pk), two[0])) == 4


def test_it_covers_both_identities_of_a_merged_person_and_names_the_person_of_today(two, cafe, person):
    day, twin = yesterday(), CitizenFactory(phone=person.phone, name="홍길똥")
    was_at(cafe, person.pk, day, "10:00", "10:30")
    was_at(cafe, twin.pk, day, "15:00", "15:30")
    merging.merge(person, twin, by=make_clerk(Role.REGISTRAR), reason="같은 분", now=timezone.now())
    person = Citizen.objects.get()
    [line] = found(done(ask_where(person, day, day, by=two[0]), two[1]), two[0])
    assert told(line) == [("10:00", True, 30), ("15:00", True, 30)]
    trace = ask_who(cafe, at(day, "15:00"), at(day, "16:00"), by=two[0])
    [line] = found(done(trace, two[1]), two[0])
    assert line.citizen == person and told(line) == [("15:00", True, 30)]


@pytest.mark.django_db(transaction=True)
def test_it_says_which_days_are_destroyed_and_finds_the_others(two, cafe, person):
    today = timezone.localdate()
    kept, over = today - timedelta(days=28), today - timedelta(days=29)
    for day in (kept, over):
        was_at(cafe, person.pk, day, "12:00", "12:30")
    retention.expire(today=today)
    trace = done(ask_where(person, over, kept, by=two[0]), two[1])
    assert trace.gone_days == [over.isoformat()] and trace.gone_shown == str(over)
    trace.gone_days = ["2026-10-30", "2026-10-31", "2026-11-02"]
    assert trace.gone_shown == "2026-10-30 – 2026-10-31, 2026-11-02"
    [line] = found(trace, two[0])
    assert len(line.stays) == 1


def test_it_tells_how_many_were_there_who_are_erased_since(two, cafe, person):
    day = yesterday()
    was_at(cafe, person.pk, day, "12:00", "12:30")
    person.delete()
    trace = done(ask_who(cafe, at(day, "12:00"), at(day, "13:00"), by=two[0]), two[1])
    assert trace.unknown == 1 and found(trace, two[0]) == []


@pytest.mark.django_db(transaction=True)
def test_it_waits_for_the_vault_and_finds_when_it_is_back(two, cafe, person):
    was_at(cafe, person.pk, yesterday(), "12:00", "12:30")
    trace = grant(ask_where(person, yesterday(), yesterday(), by=two[0]), two[1])
    with vault_away(), pytest.raises(VaultUnavailable):
        jobs.run(trace.job_id)
    assert Job.objects.get(pk=trace.job_id).is_under_way
    assert LegalHold.objects.in_force(timezone.localdate()).covering(yesterday()).exists(), "meanwhile nothing goes"
    soon = timezone.now() + timedelta(seconds=2 * jobs.SLICE_SECONDS)
    assert jobs.left_lying(soon) == [trace.job_id], "the next sweep takes it up"
    assert len(found(work(trace), two[0])) == 1
    assert not LegalHold.objects.in_force(timezone.localdate()).exists()


def test_it_shows_the_result_to_the_two_alone_and_destroys_it_after_its_time(two, cafe, person):
    was_at(cafe, person.pk, yesterday(), "12:00", "12:30")
    trace = ask_where(person, yesterday(), yesterday(), by=two[0])
    with pytest.raises(results.NotFoundYet):
        found(trace, two[0])
    trace = done(trace, two[1])
    with pytest.raises(results.NotOneOfTheTwo):
        found(trace, make_clerk(Role.INVESTIGATOR, username="third"))
    over = trace.closes_at
    assert results.wipe(over - timedelta(seconds=1)) == 0
    with pytest.raises(results.ResultOver):
        results.look(trace, by=two[0], now=over)
    finding = trace.findings.get()
    with pytest.raises(results.ResultOver):
        results.reveal(finding, by=two[0], reason="확인", now=over)
    assert results.wipe(over) == 1 and not Finding.objects.exists()
    assert results.wipe(over) == 0


def test_it_keeps_evidence_of_each_step_and_in_the_access_log_of_who_was_found(two, cafe, person):
    was_at(cafe, person.pk, yesterday(), "12:00", "12:30")
    trace = done(ask_who(cafe, at(yesterday(), "12:00"), at(yesterday(), "13:00"), by=two[0]), two[1])
    found(trace, two[1])
    clear = results.reveal(trace.findings.get(), by=two[0], reason="통화", now=timezone.now())
    assert clear["name"] == person.name and clear["phone"].startswith("010-0000-")
    of_trace = Event.objects.filter(target=f"trace:{trace.pk}").order_by("pk")
    assert list(of_trace.values_list("tag", "actor")) == [
        (Tag.TRACE_BEGUN, two[1].pk), (Tag.TRACE_OPENED, two[1].pk), (Tag.TRACE_REVEALED, two[0].pk),
    ]  # fmt: skip
    of_person = Event.objects.filter(target=f"citizen:{person.pk}").order_by("pk")
    assert list(of_person.values_list("tag", flat=True)) == [Tag.TRACED, Tag.TRACE_REVEALED]
    assert not any(event.detail for event in of_person), "not for which case, nor where"


def test_it_holds_no_pseudonym_beside_a_person_and_no_person_in_clear(two, cafe, person):
    was_at(cafe, person.pk, yesterday(), "12:00", "12:30")
    trace = done(ask_who(cafe, at(yesterday(), "12:00"), at(yesterday(), "13:00"), by=two[0]), two[1])
    subject = vault.pseudonym(yesterday(), person.pk)
    content = trace.findings.get().content
    assert content["citizen"] == str(person.pk) and subject.hex() not in str(content)
    with connection.cursor() as cursor:
        cursor.execute("SELECT f::text, j::text FROM checkins_finding f, registry_job j")
        for text in cursor.fetchone():
            assert str(person.pk) not in text and person.pk.hex not in text and subject.hex() not in text


@pytest.mark.parametrize(("first", "last"), [(0, -1), (-31, 0), (1, 2)])
def test_it_refuses_days_that_are_none_too_many_or_still_to_come(two, person, first, last):
    today = timezone.localdate()
    with pytest.raises(asking.WrongWindow):
        ask_where(person, today + timedelta(days=first), today + timedelta(days=last), by=two[0])
    assert not Trace.objects.exists() and not Approval.objects.exists()


def test_it_asks_about_one_person_who_is_known(two, person):
    CitizenFactory(phone=person.phone, name="홍아이", birth="2015-05-05")
    by = two[0]
    with pytest.raises(asking.SeveralFound):
        asking.find_person(person.phone, by=by)
    assert asking.find_person("홍길동 1990-01-01", by=by) == person
    with pytest.raises(asking.NobodyFound):
        asking.find_person("010-0000-9999", by=by)
