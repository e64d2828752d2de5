"""The access log read by an auditor: searched by index, told in words and links, and of nobody by name."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from registry import audit
from registry.evidence import reading
from registry.models import Event, Role, Tag
from tests.factories import CitizenFactory, VenueFactory
from tests.queries import at_most
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db
LOG = "/admin/registry/event/"


@pytest.fixture
def auditor():
    return make_clerk(Role.AUDITOR, username="auditor")


@pytest.fixture
def client(auditor):
    client = desk_of(auditor)
    client.cookies["django_language"] = "en"
    return client


def found(client, **query):
    return [event.reason for event in client.get(LOG, query).context["cl"].result_list]


@pytest.fixture
def rows(auditor):
    clerk, citizen = make_clerk(Role.REGISTRAR, username="kim"), CitizenFactory(name="홍길동")
    audit.record(Tag.PERSON_REVEALED, by=clerk, target=citizen, reason="분실 휴대전화로 확인 요청")
    audit.record(Tag.LOCK_LIFTED, by=auditor, target=clerk, reason="forgot the password")
    return citizen


def test_it_searches_by_words_of_the_reason_that_may_go_on(client, rows):
    assert found(client, q="휴대전화 분실") == ["분실 휴대전화로 확인 요청"]
    assert found(client, q="PASS") == ["forgot the password"]
    assert found(client, q="password lost") == []
    assert found(client, q="' & | !:*") == []


def test_it_tells_the_newest_first_of_words_that_many_rows_have(client, rows, monkeypatch):
    for n in (2, 3):
        audit.record(Tag.PERSON_REVEALED, by=None, target=rows, reason=f"분실 {n}")
    newest_first = ["분실 3", "분실 2", "분실 휴대전화로 확인 요청"]
    assert found(client, q="분실") == newest_first
    monkeypatch.setattr(reading, "OFTEN", 3)
    with CaptureQueriesContext(connection) as asked:
        assert found(client, q="분실") == newest_first
    of_words = [query["sql"] for query in asked if "@@" in query["sql"]]
    assert ["COUNT(*)" in sql for sql in of_words] == [True, False]  # counted once; then read from the newest on


def test_it_searches_by_clerk_by_tag_and_by_person(client, rows):
    assert found(client, who="kim") == ["분실 휴대전화로 확인 요청"]
    assert found(client, tag="lock_lifted") == ["forgot the password"]
    for link in (f"citizen:{rows.pk}", str(rows.pk), str(rows.pk).upper()):
        assert found(client, q=link) == ["분실 휴대전화로 확인 요청"]


def test_it_searches_by_days_of_seoul(client):
    zone, clerk = ZoneInfo("Asia/Seoul"), make_clerk(username="kim")
    for hour, day in ((23, 1), (0, 2), (23, 2), (0, 3)):
        at = datetime(2026, 3, day, hour, tzinfo=zone)
        Event.objects.create(at=at, tag=Tag.SIGNED_IN, actor=clerk, target="user:1", reason=f"{day} {hour}")
    assert found(client, who="kim", at_from="2026-03-02", at_to="2026-03-02") == ["2 23", "2 0"]
    assert found(client, who="kim", at_from="nonsense", at_to="2026-03-01") == ["1 23"]


def test_it_uses_an_index_for_each_search(rows, auditor):
    now = timezone.now()
    for number, by, tag in ((1500, None, "x"), (1000, auditor, "y")):  # shares by which no two indexes cost the same
        Event.objects.bulk_create(Event(at=now, tag=tag, actor=by, target="") for _ in range(number))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE registry_event")
        cursor.execute("SET LOCAL enable_seqscan = off")
        for narrowed, index in (
            (reading.search(Event.objects.all(), "분실"), "event_reason"),
            (reading.search(Event.objects.all(), f"citizen:{rows.pk}"), "event_target"),
            (Event.objects.filter(actor=auditor).order_by("-at"), "event_actor"),
            (Event.objects.filter(tag="x").order_by("-at"), "event_tag"),
            (Event.objects.filter(actor=auditor, tag="x").order_by("-at"), "event_actor_tag"),
            (Event.objects.filter(at__gt=timezone.now() - timedelta(days=1)).order_by("-at"), "event_newest"),
        ):
            assert index in narrowed[:25].explain()


def test_it_tells_targets_in_words_with_links_for_whoever_may_open_them(auditor, rows):
    chief, venue = make_clerk(username="chief", superuser=True), VenueFactory(name="시험 카페")
    targets = [f"citizen:{rows.pk}", f"venue:{venue.pk}", "day:2026-01-01", "nothing:1"]
    for_auditor, for_chief = reading.about(targets, auditor), reading.about(targets, chief)
    assert "시험 카페" in for_chief[targets[1]].words and for_chief[targets[1]].page.endswith(
        f"/venue/{venue.pk}/change/"
    )
    assert "시험 카페" not in for_auditor[targets[1]].words and for_auditor[targets[1]].page == ""
    assert for_chief[targets[0]].page and not for_auditor[targets[0]].page
    assert "홍" not in for_chief[targets[0]].words
    assert for_auditor["nothing:1"].words == "nothing 1"


def test_it_tells_what_a_request_for_a_second_person_is_of_in_words():
    with override("ko"):
        told = dict(reading.detail_in_words({"of": "policyversion:6", "page": "https://example.com/"}))
    assert set(told.values()) == {"정책 버전 6", "https://example.com/"}


def test_it_tells_what_was_set_by_the_names_of_the_fields():
    with override("en"):
        told = dict(reading.detail_in_words({"prefix_day": 3000, "before": {"an_hour": 30}}, "budget:1"))
        rule = dict(reading.detail_in_words({"before": {"an_hour": 30}}, "revealrule:1"))
    assert told == {"codes to one block of 10,000 numbers in a day": "3000", "before": "an_hour 30"}
    assert rule == {"before": "fields within an hour 30"}
    with override("ko"):
        person = reading.detail_in_words(
            {"field": "phone", "fields": ["birth", "region"], "region": "11680"}, "citizen:1"
        )
    assert person == [("항목", "휴대전화"), ("항목", "생년월일, 지역"), ("지역", "서울특별시 강남구")]


def test_it_shows_a_row_in_words_and_everything_else_about_its_target(client, rows):
    event = Event.objects.get(tag=Tag.PERSON_REVEALED)
    page = client.get(f"{LOG}{event.pk}/change/").content.decode()
    assert "Personal fields revealed" in page and f"?q=citizen%3A{rows.pk}" in page and "홍길동" not in page


def test_it_costs_the_same_however_many_targets_a_page_names(client, auditor):
    for n in range(24):
        audit.record(Tag.PERSON_SEEN, by=auditor, target=CitizenFactory())
        audit.record(Tag.LOCK_LIFTED, by=auditor, target=make_clerk(username=f"clerk{n}"), roles=["registrar"])
    with at_most(16):
        assert client.get(LOG).status_code == 200
