"""A draft tried on the whole registry: counted as the rules say, part by part, and believed as long as it is fresh."""

from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry import jobs, policy
from registry.models import Citizen, Event, Job, PassRecord, PolicyPreview, PolicyVersion, Role, Tag
from registry.policymaking import preview, publishing
from registry.policymaking.effects import Judge, Question, age_on, figures, record_of
from registry.seeding import read
from registry.validity import SEOUL, Rules, spans, standing
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.clerks import make_clerk
from tests.registry.policies import draft, previewed
from venues import policies

BEFORE, AFTER = (Rules.from_json(read("policies.json")[n]["rules"]) for n in (0, 1))
DAY = date(2022, 1, 3)
QUESTIONS = (Question(DAY, BEFORE, AFTER), Question(DAY + timedelta(days=29), BEFORE, AFTER))

days = st.dates(date(2021, 1, 1), date(2022, 3, 1))
facts = st.one_of(
    st.builds(lambda day, dose, of: f"vaccination|{day}|{dose}|{of}||f", days, st.integers(1, 4), st.integers(1, 3)),
    st.builds(lambda day: f"recovery|{day}||||f", days),
    st.builds(lambda day, weak: f"exemption|{day}||||{weak}", days, st.sampled_from("tf")),
    st.builds(
        lambda day, hour: f"pcr_negative|{day}|||{int(datetime.combine(day, time(hour), SEOUL).timestamp())}|f",
        days,
        st.integers(0, 23),
    ),
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine draws slowly too
@given(st.lists(facts, max_size=5), st.dates(date(1940, 1, 1), date(2021, 12, 31)))
def test_it_judges_as_the_rules_do(found, born):
    bits, _group, _province = Judge(QUESTIONS).cell(born.isoformat().encode(), "11680", [f.encode() for f in found])
    records = [record_of(fact) for fact in found]
    told = [
        standing(spans(records, born, rules), question.day).valid
        for question in QUESTIONS
        for rules in (question.before, question.after)
    ]
    assert [bool(bits >> n & 1) for n in range(4)] == told


def test_it_counts_by_what_happens_to_people():
    cells = [
        ((bits, 0, ""), people) for bits, people in ((0b0000, 1), (0b0001, 2), (0b0010, 3), (0b0011, 4), (0b0100, 5))
    ]
    first, second = (figures(cells, number) for number in (0, 1))
    assert (first.without, first.lose, first.gain, first.keep, first.people) == (6, 2, 3, 4, 15)
    assert (second.lose, second.people) == (5, 15)


def test_it_counts_years_of_age_as_people_do():
    assert [age_on(DAY, born) for born in (date(2003, 1, 3), date(2003, 1, 4), DAY)] == [19, 18, 0]


@pytest.fixture
def clerk(db):
    policy.forget()
    yield make_clerk(Role.POLICY_MAKER)
    policy.forget()


def second_dose(days_ago: int, **person) -> Citizen:
    citizen = CitizenFactory(**person)
    PassRecordFactory(citizen=citizen, day=timezone.localdate() - timedelta(days=days_ago))
    return citizen


@pytest.mark.django_db
def test_it_counts_everybody_once_whatever_the_parts(clerk, monkeypatch):
    for number in range(12):
        citizen = second_dose(100 + 5 * number, region="11680" if number % 2 else "26110")
        PassRecordFactory(citizen=citizen, dose=1, day=timezone.localdate() - timedelta(days=300))
    CitizenFactory()
    revoked = second_dose(50)
    revoked.records.update(revoked_at=timezone.now())
    version = draft(by=clerk, day=timezone.localdate() + timedelta(days=10), primary_until=130)
    monkeypatch.setattr(preview, "parts", lambda: 7)
    found = previewed(version, by=clerk).preview
    on = version.effective_on
    old = policy.in_force_on(on)
    expected = [0, 0, 0]
    for citizen in Citizen.objects.all():
        records = [preview_record(record) for record in citizen.records.standing()]
        was, will = (
            standing(spans(records, citizen.birth_date, policy.rules_of(one)), on).valid for one in (old, version)
        )
        expected[0 if was and not will else 1 if will and not was else 2] += 1
    told = figures([(tuple(cell), people) for *cell, people in found.people], 0)
    assert [told.lose, told.gain, told.unchanged] == expected and told.lose > 0
    assert {province for _bits, _group, province, _people in found.people} == {"11", "26", ""}
    assert found.records == 24


def preview_record(record: PassRecord):
    from registry.validity import Record

    return Record(record.kind, record.day, record.dose, record.vaccine.primary_doses)


@pytest.mark.django_db
def test_it_goes_on_where_a_worker_was_killed(clerk, monkeypatch):
    for number in range(6):
        second_dose(number)
    version = draft(by=clerk)
    monkeypatch.setattr(preview, "parts", lambda: 4)
    job = policies.begin_preview(version, by=clerk, now=timezone.now())
    assert policies.begin_preview(version, by=clerk, now=timezone.now()) == job, "asked for twice, done once"
    assert jobs.run(job.pk, seconds=-1)
    job.refresh_from_db()
    assert (job.done, job.total, job.percent) == (1, 4, 25)
    assert not jobs.run(job.pk)
    kept = PolicyPreview.objects.get(version=version)
    assert sum(people for *_cell, people in kept.people) == Citizen.objects.count()
    assert Job.objects.get(pk=job.pk).result == {}
    assert Event.objects.filter(tag=Tag.POLICY_PREVIEWED).exists()


@pytest.mark.django_db
def test_it_looks_at_versions_that_come_into_force_in_between(clerk):
    version = draft(by=clerk, day=timezone.localdate() + timedelta(days=5))
    later = draft(by=None, day=timezone.localdate() + timedelta(days=20))
    PolicyVersion.objects.filter(pk=later.pk).update(published_at=timezone.now())
    policy.forget()
    now = policy.in_force_on(timezone.localdate()).number
    assert preview.bases(version) == [[now, version.number], [later.number, later.number]]


@pytest.mark.django_db
def test_it_is_fresh_until_the_draft_another_version_or_the_registry_changed(clerk):
    for _ in range(3):
        second_dose(30)
    now = timezone.now()
    version = previewed(draft(by=clerk), by=clerk)
    assert publishing.fresh_preview(version, now=now)
    second_dose(10)
    with pytest.raises(publishing.NoFreshPreview):
        publishing.fresh_preview(version, now=now)
    version = previewed(version, by=clerk)
    assert publishing.fresh_preview(version, now=now)
    with pytest.raises(publishing.NoFreshPreview):
        publishing.fresh_preview(version, now=now + timedelta(hours=25))
    other = draft(day=timezone.localdate() + timedelta(days=3))
    PolicyVersion.objects.filter(pk=other.pk).update(published_at=now)
    with pytest.raises(publishing.NoFreshPreview):
        publishing.fresh_preview(version, now=now)
    version = previewed(version, by=clerk)
    publishing.changed(version)
    with pytest.raises(publishing.NoFreshPreview):
        publishing.fresh_preview(version, now=now)


@pytest.mark.django_db
def test_it_ends_where_the_draft_is_changed_meanwhile(clerk):
    version = draft(by=clerk)
    job = policies.begin_preview(version, by=clerk, now=timezone.now())
    publishing.changed(version)
    assert not jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED and job.error
    assert not PolicyPreview.objects.exists()


@pytest.mark.django_db
def test_it_tells_which_venues_ask_for_something_else(clerk):
    from tests.factories import VenueFactory
    from venues.models import CategoryRule, Venue

    for status in (Venue.Status.OPEN, Venue.Status.OPEN, Venue.Status.CLOSED):
        VenueFactory(category_id="library", status=status)
    version = draft(by=clerk)
    later = version.effective_on + timedelta(days=10)
    CategoryRule.objects.filter(policy=version, category="library").update(asks_until=later)
    CategoryRule.objects.filter(policy=version, category="cafe").update(alone=False)
    found = {category: (venues, asked) for category, venues, asked in previewed(version, by=clerk).preview.venues}
    asks, nothing = [True, False], [False, False]
    assert found == {
        "library": (2, [[asks, asks], [asks, nothing]]),
        "cafe": (0, [[[True, True], asks], [[True, True], asks]]),
    }
