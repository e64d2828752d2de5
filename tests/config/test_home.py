"""The desk's first page: what waits for whom, how the day goes, and what it costs."""

from datetime import timedelta
from itertools import combinations

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registry import figures, jobs
from registry.admin import badges
from registry.citizens import requests
from registry.models import Event, Figure, Job, Outage, Provider, Request, Review, Role, Tag
from tests.factories import CitizenFactory, UserFactory
from tests.queries import asked
from tests.registry.clerks import desk_of, make_clerk
from venues.models import Application

pytestmark = pytest.mark.django_db
What = Figure.What
NOW = timezone.now()


def waiting(client) -> dict[str, str]:
    """What waits, by the address that it leads to."""
    return {desk["address"]: desk["count"] for desk in client.get("/admin/").context["waiting"]}


def panels(client) -> dict:
    return {panel.name: panel for panel in client.get("/admin/").context["panels"]}


def application(region):
    return Application.objects.create(
        applicant=UserFactory(), operator_name="x", venue_name="x", category_id="cafe", region=region, address="x",
        sent_at=NOW,
    )  # fmt: skip


def test_each_role_sees_what_waits_for_it_and_nothing_else():
    ask = requests.open_request(CitizenFactory(), Request.Kind.CORRECTION, "x", now=NOW)
    Review.objects.create(kind="possibly_same", citizen=ask.citizen, other=CitizenFactory(), opened_at=NOW)
    application("11680")
    Outage.objects.create(opened_at=NOW, began_at=NOW, cause="x")
    Event.objects.create(at=NOW - timedelta(days=40), tag=Tag.SIGNED_IN, target="user:1")  # last month has a log
    of_all = {"/admin/registry/approval/", "/admin/registry/job/?state__exact=failed",
              "/admin/registry/job/?state__exact=under_way"}  # fmt: skip
    seen = {role: waiting(desk_of(make_clerk(role, username=role.value))) for role in Role}
    found = {role: {address: n for address, n in seen[role].items() if address not in of_all} for role in Role}
    outage = {"/admin/registry/outage/": "1"}
    holds = {"/admin/checkins/legalhold/": ""}
    providers = {"/admin/registry/provider/": ""}
    assert found == {
        Role.REGISTRAR: {"/admin/registry/request/": "2"},
        Role.VENUE_OFFICER: {"/admin/venues/application/?status__exact=waiting": "1"},
        Role.POLICY_MAKER: outage,
        Role.INVESTIGATOR: holds,
        Role.AUDITOR: outage | providers | holds | {"/admin/audit/months/": "1"},
        Role.SERVICE: outage | providers,
    }
    assert all(of_all <= addresses.keys() for addresses in seen.values())


def test_every_link_leads_to_a_list_of_what_waits():
    application("11680")
    client = desk_of(make_clerk(superuser=True))
    for address in waiting(client):
        assert client.get(address).status_code == 200
    assert client.get("/admin/venues/application/?status__exact=waiting").context["cl"].result_count == 1


def test_a_clerk_of_a_region_sees_the_region():
    application("11680"), application("26110")
    today = timezone.localdate()
    figures.keep(What.ENTERED, {("11680", today, 9): 5, ("26110", today, 9): 7}, [(today, 9)], now=NOW)
    figures.keep(What.REFUSED, {}, [(today, 9)], now=NOW)
    of_region = desk_of(make_clerk(Role.VENUE_OFFICER, region="11"))
    assert waiting(of_region)["/admin/venues/application/?status__exact=waiting"] == "1"
    assert panels(of_region)["entries"].chart.totals[0][1] == 5
    assert panels(desk_of(make_clerk(Role.VENUE_OFFICER, username="all")))["entries"].chart.totals[0][1] == 12


def test_what_waits_is_counted_once_a_page_and_no_further_than_a_hundred():
    client = desk_of(make_clerk(superuser=True))
    people = [CitizenFactory() for _ in range(16)]  # 120 pairs
    pairs = list(combinations(people, 2))[: badges.AT_MOST + 1]
    Review.objects.bulk_create(Review(kind="possibly_same", citizen=a, other=b, opened_at=NOW) for a, b in pairs)
    with CaptureQueriesContext(connection) as caught:
        page = client.get("/admin/")
    assert sum("registry_review" in query["sql"] for query in caught) == 1
    assert {desk["address"]: desk["count"] for desk in page.context["waiting"]}["/admin/registry/request/"] == "99+"
    assert '<span class="desk-badge">99+</span>' in page.content.decode()


def test_every_page_comes_without_numbers_where_they_cannot_be_counted(caplog):
    client = desk_of(make_clerk(superuser=True))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE registry_review RENAME TO away")
    for address in ("/admin/", "/admin/registry/vaccine/", "/admin/registry/vaccine/pfizer/change/"):
        caplog.clear()
        page = client.get(address)
        assert page.status_code == 200 and "desk-badge" not in page.content.decode()
        [told] = [record for record in caplog.records if record.name == badges.__name__]
        assert told.exc_info[0].__name__ == "ProgrammingError"


@pytest.fixture
def another():
    """A second connection to the database; what it has begun ends by itself when nothing comes for a minute."""
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = '60s'")
        yield cursor
    other.close()


def patience():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
        return cursor.fetchone()


def comes_without_numbers_beside_a_locked_table(client, another, caplog):
    another.execute("BEGIN; LOCK TABLE registry_review IN ACCESS EXCLUSIVE MODE")
    page = client.get("/admin/registry/vaccine/")
    another.execute("ROLLBACK")
    [told] = [record for record in caplog.records if record.name == badges.__name__]
    assert page.status_code == 200 and "desk-badge" not in page.content.decode()
    assert "lock timeout" in str(told.exc_info[1])


def test_it_does_not_wait_for_a_table_that_is_locked_and_is_in_no_hurry_otherwise(another, caplog):
    client, usual = desk_of(make_clerk(superuser=True)), patience()
    comes_without_numbers_beside_a_locked_table(client, another, caplog)
    assert patience() == usual
    application("11680")
    assert "desk-badge" in client.get("/admin/registry/vaccine/").content.decode()
    assert patience() == usual


@pytest.mark.django_db(transaction=True)
def test_nor_does_it_where_no_transaction_goes_on(another, caplog):
    client, usual = desk_of(make_clerk(superuser=True)), patience()
    comes_without_numbers_beside_a_locked_table(client, another, caplog)
    assert patience() == usual
    application("11680")
    with CaptureQueriesContext(connection) as caught:
        assert "desk-badge" in client.get("/admin/registry/vaccine/").content.decode()
    assert sum("registry_review" in query["sql"] for query in caught) == 1
    assert patience() == usual


def test_the_first_page_does_not_say_that_nothing_waits_where_that_is_not_known():
    client = desk_of(make_clerk(superuser=True))
    assert "지금 처리할 일이 없습니다" in client.get("/admin/").content.decode()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE registry_review RENAME TO away")
    text = client.get("/admin/").content.decode()
    assert "지금은 세지 못했습니다" in text and "지금 처리할 일이 없습니다" not in text and "<strong>0<" not in text


def test_ones_own_work_that_failed_waits_for_a_week(monkeypatch):
    clerk, kind = make_clerk(superuser=True), "made up"
    monkeypatch.setitem(jobs.KINDS, kind, jobs.Kind(kind, kind, "registry.view_job", lambda _job, _now: False))

    def job(by, ago):
        at = NOW - timedelta(days=ago)
        Job.objects.create(kind=kind, state=Job.State.FAILED, asked_by=by, asked_at=at, finished_at=at)

    job(clerk, 1), job(clerk, 8), job(UserFactory(), 1)
    assert waiting(desk_of(clerk))["/admin/registry/job/?state__exact=failed"] == "1"


def test_each_chart_has_its_numbers_in_a_table():
    days = [timezone.localdate() + timedelta(days=n) for n in range(figures.DAYS)]
    figures.keep(What.DUE, {("11680", days[3], 0): 1234}, [(day, 0) for day in days], now=NOW)
    client = desk_of(make_clerk(superuser=True))
    page = client.get("/admin/", headers={"accept-language": "en"}).content.decode()
    assert f'<th scope="row">{days[3]:%Y-%m-%d}' in page and "<td>1,234</td>" in page
    rows = panels(client)["due"].chart.rows
    assert len(rows) == figures.DAYS and [numbers for _day, numbers in rows][3] == [1234]


def test_it_says_so_where_nothing_was_counted_and_where_nothing_waits():
    page = desk_of(make_clerk(Role.VENUE_OFFICER)).get("/admin/", headers={"accept-language": "en"}).content.decode()
    assert "Nothing waits for you now." in page and "Not counted yet." in page


def test_it_points_at_a_provider_in_trouble():
    Provider.objects.update(health=0.2, health_at=timezone.now(), health_why="ConnectError")
    client = desk_of(make_clerk(Role.SERVICE))
    assert waiting(client)["/admin/registry/provider/"] == "1"
    assert "cannot be reached" in client.get("/admin/", headers={"accept-language": "en"}).content.decode()


def test_it_costs_the_same_number_of_queries_however_much_there_is():
    client = desk_of(make_clerk(superuser=True))

    def queries() -> int:
        client.get("/admin/")
        with CaptureQueriesContext(connection) as caught:
            client.get("/admin/")
        return len(asked(caught))

    before = queries()
    for number in range(3):
        application("11680")
        requests.open_request(CitizenFactory(name=f"홍길{number}"), Request.Kind.CORRECTION, "x", now=NOW)
        Provider.objects.create(name=f"p{number}", kind="http")
    figures.count(NOW)
    after = queries()
    assert after == before
    assert after <= 15
