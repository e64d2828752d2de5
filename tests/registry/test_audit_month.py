"""The monthly review: unusual access of a month, and one sign-off by an auditor."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from registry.citizens import revealing
from registry.citizens.names import family_name
from registry.citizens.revealing import Field
from registry.evidence import access_days, monthly
from registry.models import AccessDay, Event, MonthReview, Request, Role, Tag
from tests.factories import CitizenFactory
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db
MONTH = date(2026, 3, 1)
NOON = datetime(2026, 3, 4, 12, tzinfo=ZoneInfo("Asia/Seoul"))  # a Wednesday
PAGE = "/admin/audit/months/2026-3/"


@pytest.fixture
def kim():
    return make_clerk(Role.REGISTRAR, username="kim")


def event(clerk, tag, at=NOON, target="citizen:1", **detail):
    Event.objects.create(at=at, tag=tag, actor=clerk, target=target, detail=detail)


def month_of(clerk):
    return next(row for row in monthly.look_through(MONTH) if row.clerk == clerk.username)


def test_it_counts_looks_and_reveals_of_the_month_alone(kim):
    event(kim, Tag.PERSON_SEEN)
    event(kim, Tag.PERSON_REVEALED)
    for at in (datetime(2026, 2, 28, 23, 59, tzinfo=NOON.tzinfo), datetime(2026, 4, 1, tzinfo=NOON.tzinfo)):
        event(kim, Tag.PERSON_REVEALED, at)
    row = month_of(kim)
    assert (row.looks, row.reveals, row.many) == (2, 1, False)


def test_it_marks_many_reveals_of_one_clerk(kim):
    for n in range(3):
        event(make_clerk(username=f"other{n}"), Tag.PERSON_REVEALED)
    for _n in range(21):
        event(kim, Tag.PERSON_REVEALED)
    assert month_of(kim).many and sum(row.many for row in monthly.look_through(MONTH)) == 1
    assert monthly.look_through(MONTH)[0].clerk == "kim"


@pytest.mark.parametrize(
    ("day", "hour", "outside"), [(4, 8, 0), (4, 7, 1), (4, 19, 0), (4, 20, 1), (7, 12, 1), (8, 12, 1)]
)
def test_it_counts_looks_outside_office_hours_of_seoul(kim, day, hour, outside):
    event(kim, Tag.PERSON_SEEN, datetime(2026, 3, day, hour, tzinfo=NOON.tzinfo))
    assert month_of(kim).outside_hours == outside


def test_it_notes_reveals_of_the_clerks_own_family_name_and_no_name(kim):
    kim.last_name, kim.first_name = "남궁", "민"
    for name in ("남궁길동", "남길동", "김철수"):
        revealing.reveal(CitizenFactory(name=name), Field.NAME, by=kim, reason="x", now=timezone.now())
    flags = list(Event.objects.filter(tag=Tag.PERSON_REVEALED).order_by("pk").values_list("detail", flat=True))
    assert [flag.get("own_name") for flag in flags] == [True, None, None]
    event(kim, Tag.PERSON_REVEALED, own_name=True)
    assert month_of(kim).own_name == 1


def test_it_takes_family_names_as_people_write_them():
    pairs = [
        ("홍 길동", "홍"),
        ("남궁민", "남궁"),
        ("선우", "선"),
        ("DOE JANE", "doe"),
        ("O'Neil Sean", "oneil"),
        ("", ""),
    ]
    assert [family_name(name) for name, _family in pairs] == [family for _name, family in pairs]


def test_it_counts_people_looked_at_without_work_or_an_open_item(kim):
    asked, worked, recorded, alone = (CitizenFactory() for _n in range(4))
    Request.objects.create(citizen=asked, kind=Request.Kind.CORRECTION, opened_at=NOON - timedelta(days=3))
    for citizen in (asked, worked, recorded, alone, alone):
        event(kim, Tag.PERSON_SEEN, target=f"citizen:{citizen.pk}")
    event(kim, Tag.PERSON_CORRECTED, NOON + timedelta(hours=1), f"citizen:{worked.pk}")
    event(kim, Tag.RECORD_ADDED, NOON, "passrecord:1", citizen=str(recorded.pk))
    other = make_clerk(username="lee")
    event(other, Tag.PERSON_SEEN, target=f"citizen:{worked.pk}")
    assert (month_of(kim).without_item, month_of(other).without_item) == (1, 1)


def test_it_adds_up_days_that_were_kept_and_counts_the_others_anew(kim):
    for day in (1, 2, 3, 31):
        event(kim, Tag.PERSON_REVEALED, NOON.replace(day=day), own_name=True)
    counted = {field: getattr(month_of(kim), field) for field in access_days.COUNTED}
    assert access_days.keep(datetime(2026, 4, 1, 0, 59, tzinfo=NOON.tzinfo)) == 28 + 30  # the 31st has not settled
    assert access_days.keep(datetime(2026, 4, 1, 1, tzinfo=NOON.tzinfo)) == 1
    assert counted == {field: getattr(month_of(kim), field) for field in access_days.COUNTED}
    AccessDay.objects.filter(day=date(2026, 3, 2)).update(clerks={kim.pk: {"reveals": 7}})
    assert month_of(kim).reveals == 10
    AccessDay.objects.filter(day=date(2026, 3, 1)).delete()
    assert month_of(kim).reveals == 4


def test_it_keeps_days_as_long_as_the_log_has_their_rows():
    AccessDay.objects.create(day=date(2024, 3, 1), counted_at=NOON)
    assert access_days.forget(datetime(2026, 3, 1, tzinfo=NOON.tzinfo)) == 0
    assert access_days.forget(datetime(2026, 4, 1, tzinfo=NOON.tzinfo)) == 1


def test_it_counts_what_was_denied_and_sign_ins_that_were_refused(kim):
    event(kim, Tag.DENIED)
    event(kim, Tag.SESSION_ELSEWHERE)
    event(None, Tag.SIGN_IN_REFUSED, target=f"user:{kim.pk}")
    row = month_of(kim)
    assert (row.denied, row.refused, row.unusual) == (2, 1, 2)


@pytest.fixture
def desk():
    desk = desk_of(make_clerk(Role.AUDITOR, username="auditor"))
    desk.cookies["django_language"] = "en"
    return desk


def test_it_is_signed_once_with_words_and_keeps_what_was_found(desk, kim):
    event(kim, Tag.PERSON_REVEALED)
    page = desk.get(PAGE).content.decode()
    assert "kim" in page and "who=kim&amp;at_from=2026-03-01&amp;at_to=2026-03-31&amp;tag=person_revealed" in page
    assert desk.post(PAGE, {"words": ""}).context["form"].errors
    assert desk.post(PAGE, {"words": "asked kim: a lost phone"}).status_code == 302
    event(kim, Tag.PERSON_REVEALED)
    signed = desk.get(PAGE)
    assert "asked kim: a lost phone" in signed.content.decode() and signed.context["form"] is None
    assert signed.context["rows"][0]["clerk"].reveals == 1
    again = desk.post(PAGE, {"words": "again"})
    assert again.status_code == 200 and MonthReview.objects.get().words == "asked kim: a lost phone"
    assert Event.objects.get(tag=Tag.MONTH_REVIEWED).target == "monthreview:2026-03-01"


def test_it_cannot_be_signed_before_it_is_over(desk):
    today = timezone.localdate()
    page = f"/admin/audit/months/{today.year}-{today.month}/"
    assert desk.get(page).context["form"] is None
    assert desk.post(page, {"words": "x"}).status_code == 200
    assert not MonthReview.objects.exists()
    assert desk.get("/admin/audit/months/2026-13/").status_code == 404
    assert desk.get("/admin/audit/months/2999-1/").status_code == 404


def test_it_reminds_on_the_home_page_while_last_month_is_open(desk):
    address = "/admin/audit/months/"
    badge = f'href="{address}"'
    assert not monthly.waits(timezone.localdate()), "the log has begun since"
    event(None, Tag.SIGNED_IN, at=timezone.now().replace(day=1) - timedelta(days=3))
    assert badge in desk.get("/admin/").content.decode()
    assert monthly.waits(timezone.localdate())
    monthly.sign(monthly.month_before(timezone.localdate()), words="x", by=make_clerk(username="b"), now=timezone.now())
    assert not monthly.waits(timezone.localdate())
    assert "Waits for its review" not in desk.get(address).content.decode()


def test_it_is_for_those_who_read_the_log(kim):
    desk = desk_of(kim)
    assert desk.get(PAGE).status_code == 403 and desk.get("/admin/audit/months/").status_code == 403
    assert desk.post(PAGE, {"words": "x"}).status_code == 403


def test_it_is_signed_by_an_auditor_of_the_whole_country():
    desk = desk_of(make_clerk(Role.AUDITOR, region="11"))
    assert desk.get(PAGE).context["form"] is None
    assert desk.post(PAGE, {"words": "x"}).status_code == 403


def test_it_is_of_a_whole_month(desk):
    with pytest.raises(IntegrityError), transaction.atomic():
        MonthReview.objects.create(
            month=date(2026, 3, 2), words="x", signed_by=make_clerk(username="b"), signed_at=timezone.now()
        )
