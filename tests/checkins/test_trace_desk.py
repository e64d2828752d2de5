"""The desk of traces: from the question to the result through the pages, and nothing for a stranger."""

import io

import pytest
from django.urls import reverse
from django.utils import timezone
from pyzipper.zipfile_aes import AESZipFile

from checkins.traces import Trace
from checkins.tracing import asking, exporting, results
from registry import jobs
from registry.models import Approval, Event, Role, Tag
from tests.checkins.conftest import at
from tests.checkins.tracing import ask_where, ask_who, done, grant, was_at, work, yesterday
from tests.factories import CitizenFactory, VenueFactory
from tests.queries import at_most
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(fresh_log):
    return tuple(make_clerk(Role.INVESTIGATOR, username=name) for name in ("first", "second"))


def page(name, *args):
    return reverse(f"admin:checkins_trace_{name}", args=args)


def test_it_leads_from_the_question_by_the_second_person_to_one_person_in_clear(two):
    cafe, person = VenueFactory(name="은행나무"), CitizenFactory()
    was_at(cafe, person.pk, yesterday(), "12:00", "12:30")
    first, second = desk_of(two[0]), desk_of(two[1])
    asked = {
        "case_number": "2026-017", "venue": "은행", "since": f"{yesterday()}T12:00", "until": f"{yesterday()}T13:00",
        "assumed_minutes": "60", "may_export": "on", "reason": "접촉자 조사",
    }  # fmt: skip
    assert first.post(page("ask_venue"), asked).status_code == 302
    trace = Trace.objects.get()
    approval = Approval.objects.get()
    inbox = second.get(reverse("admin:registry_approval_change", args=[approval.pk])).content.decode()
    assert "2026-017" in inbox and "은행나무" in inbox and page("change", trace.pk) in inbox
    assert second.post(reverse("admin:registry_approval_grant", args=[approval.pk]), {"words": ""}).status_code == 302
    trace.refresh_from_db()
    work(trace)
    shown = first.get(page("result", trace.pk))
    assert shown.headers["Cache-Control"].count("no-store")
    assert person.masked_name in shown.content.decode() and person.name not in shown.content.decode()
    reveal = page("reveal", trace.pk, 1)
    assert person.name not in first.post(reveal, {"reason": ""}).content.decode(), "not without a reason"
    assert person.name in first.post(reveal, {"reason": "통화"}).content.decode()
    weak = first.post(page("export", trace.pk), {"passphrase": "", "again": "", "reason": "기록"})
    assert weak.status_code == 200 and weak["Content-Type"].startswith("text/html")
    good = {"passphrase": "네 개의 낱말 2468", "again": "네 개의 낱말 2468", "reason": "기록"}
    assert first.post(page("export", trace.pk), good)["Content-Type"] == "application/zip"


def test_it_tells_how_far_the_work_is_as_a_share_and_at_the_end_only_that_it_is_done(two):
    trace = grant(ask_where(CitizenFactory(), yesterday(), yesterday(), by=two[0]), two[1])
    first, bar = desk_of(two[0]), page("progress", trace.pk, "job")
    assert jobs.run(trace.job_id, seconds=0)
    under_way = first.get(bar).content.decode()
    assert "<p>66 %</p>" in under_way and under_way.strip() in first.get(page("change", trace.pk)).content.decode()
    work(trace)
    for address in (bar, page("change", trace.pk)):
        assert "<p><b>완료</b></p>" in first.get(address).content.decode()


def test_its_page_comes_anew_with_the_result_once_the_work_is_done_for_the_second_person_of_a_region_too(fresh_log):
    asker, second = (make_clerk(Role.INVESTIGATOR, username=name, region="11680") for name in ("asker", "second"))
    window = at(yesterday(), "12:00"), at(yesterday(), "13:00")
    trace = grant(ask_who(VenueFactory(region="11680"), *window, by=asker), second)
    bar = page("progress", trace.pk, "job")
    for user in (asker, second):
        assert f'hx-get="{bar}"' in desk_of(user).get(page("change", trace.pk)).content.decode()
        assert "HX-Trigger" not in desk_of(user).get(bar).headers
    work(trace)
    for user in (asker, second):
        assert desk_of(user).get(bar).headers["HX-Trigger"] == "job-over"
        assert page("result", trace.pk) in desk_of(user).get(page("change", trace.pk)).content.decode()
    stranger = desk_of(make_clerk(Role.INVESTIGATOR, username="third", region="26350"))
    assert stranger.get(bar).status_code == 404
    assert desk_of(asker).get(page("progress", trace.pk, "notices")).status_code == 404, "no messages were asked for"


def test_it_shows_a_crowd_page_by_page_under_its_count_and_exports_all_of_it(two, monkeypatch):
    monkeypatch.setattr(results, "FINDINGS_OF_A_PAGE", 2)
    cafe, crowd = VenueFactory(), [CitizenFactory() for _n in range(5)]
    for number, one in enumerate(crowd):
        was_at(cafe, one.pk, yesterday(), f"12:0{number}", "12:30")
    window = at(yesterday(), "12:00"), at(yesterday(), "13:00")
    trace = done(ask_who(cafe, *window, by=two[0], may_export=True), two[1])
    first, people = desk_of(two[0]), []
    for number in ("", "2", "3", "99", "x"):
        shown = first.get(page("result", trace.pk), {"page": number})
        people.append([line.citizen for line in shown.context["found"]])
        assert "5명" in shown.content.decode()
    assert people == [crowd[:2], crowd[2:4], crowd[4:], crowd[4:], crowd[:2]]
    assert Event.objects.filter(tag=Tag.TRACE_OPENED, detail__page=2).count() == 1, "each page that was looked at"
    second = first.get(page("result", trace.pk), {"page": "2"}).content.decode()
    reveal = f"{page('reveal', trace.pk, 3)}?page=2"
    assert reveal in second
    assert f"{page('result', trace.pk)}?page=2#found-3" in first.post(reveal, {"reason": "통화"}).content.decode()
    asked = {"passphrase": "네 개의 낱말 2468", "reason": "기록", "by": two[0], "now": timezone.now()}
    with AESZipFile(io.BytesIO(exporting.encrypted(trace, **asked))) as file:
        file.setpassword(asked["passphrase"].encode())
        rows = file.read(file.namelist()[0]).decode("utf-8-sig").splitlines()
    assert len(rows) == 1 + len(crowd)


def test_it_says_on_the_page_what_is_wrong_with_a_question_and_writes_nothing(two):
    first = desk_of(two[0])
    asked = {"case_number": "1", "person": "010-0000-9999", "first_day": yesterday(), "last_day": yesterday()}
    asked |= {"assumed_minutes": "60", "reason": "조사"}
    assert str(asking.NobodyFound.message) in first.post(page("ask_person"), asked).content.decode()
    late = asked | {"person": CitizenFactory().phone, "first_day": "2030-01-01", "last_day": "2030-01-02"}
    assert str(asking.WrongWindow(most="31일")) in first.post(page("ask_person"), late).content.decode()
    assert not Trace.objects.exists()


def test_it_shows_the_result_to_nobody_but_the_two(two):
    person = CitizenFactory()
    was_at(VenueFactory(), person.pk, yesterday(), "12:00", "12:30")
    trace = done(ask_where(person, yesterday(), yesterday(), by=two[0]), two[1])
    third, auditor = make_clerk(Role.INVESTIGATOR, username="third"), make_clerk(Role.AUDITOR, username="auditor")
    for stranger in (third, auditor):
        desk = desk_of(stranger)
        assert desk.get(page("change", trace.pk)).status_code == 200, "that there is a trace is no secret here"
        for deed in (page("result", trace.pk), page("export", trace.pk), page("reveal", trace.pk, 1)):
            assert desk.get(deed).status_code in (403, 404)
    assert desk_of(make_clerk(Role.REGISTRAR, username="registrar")).get(page("change", trace.pk)).status_code == 403


def test_its_list_costs_the_same_queries_however_many(two):
    desk = desk_of(two[0])
    for _number in range(5):
        ask_where(CitizenFactory(), yesterday(), yesterday(), by=two[0])
    with at_most(13):
        assert desk.get(page("changelist")).status_code == 200
