"""What is done with the result of a trace: the encrypted file, and one SMS to each of those concerned."""

import io

import pytest
import pyzipper
from django.utils import timezone

from checkins.tracing import exporting, notices, results
from registry import jobs
from registry.models import Event, Message, Role, Tag
from registry.sms import texts
from tests.checkins.conftest import at
from tests.checkins.tracing import ask_who, done, was_at, yesterday
from tests.factories import CitizenFactory, VenueFactory
from tests.registry.clerks import make_clerk

pytestmark = pytest.mark.django_db

PASSPHRASE = "네 개의 낱말 2468 문"


@pytest.fixture
def two(fresh_log):
    return tuple(make_clerk(Role.INVESTIGATOR, username=name) for name in ("first", "second"))


@pytest.fixture
def cafe():
    return VenueFactory(name="=은행나무")


def traced(two, cafe, *people, may_export=True):
    for citizen in people:
        was_at(cafe, citizen.pk, yesterday(), "12:00", "12:30")
    window = at(yesterday(), "12:00"), at(yesterday(), "13:00")
    return done(ask_who(cafe, *window, by=two[0], may_export=may_export), two[1])


def export(trace, by, passphrase=PASSPHRASE):
    return exporting.encrypted(trace, passphrase=passphrase, reason="사건 기록", by=by, now=timezone.now())


def send(trace, by):
    job = notices.send(trace, reason="접촉자 안내", by=by, now=timezone.now())
    assert not jobs.run(job.pk)


def test_it_exports_a_file_that_opens_with_the_passphrase_alone(two, cafe):
    trace = traced(two, cafe, CitizenFactory(phone="+821000001234"))
    with pyzipper.AESZipFile(io.BytesIO(export(trace, two[1]))) as file:
        [name] = file.namelist()
        with pytest.raises(RuntimeError, match="encrypted"):
            file.read(name)
        with pytest.raises(RuntimeError, match="Bad password"):
            file.read(name, pwd=b"another one, as long")
        lines = file.read(name, pwd=PASSPHRASE.encode()).decode("utf-8-sig").splitlines()
    day = yesterday().isoformat()
    assert lines[1].startswith("홍길동,1990-01-01,010-0000-1234,'=은행나무,")
    assert f",{day} 12:00,{day} 12:30,30," in lines[1]
    event = Event.objects.get(tag=Tag.TRACE_EXPORTED, target=f"trace:{trace.pk}")
    assert event.reason == "사건 기록" and PASSPHRASE not in str(event.detail)


@pytest.mark.parametrize("passphrase", ["", "elevenchars", "aaaaaaaaaaaaaaaa"])
def test_it_exports_nothing_without_a_passphrase_worth_the_name(two, cafe, passphrase):
    trace = traced(two, cafe, CitizenFactory())
    with pytest.raises(exporting.WeakPassphrase):
        export(trace, two[0], passphrase)
    assert not Event.objects.filter(tag=Tag.TRACE_EXPORTED).exists()


def test_it_exports_only_where_that_was_granted_and_to_the_two_alone(two, cafe):
    with pytest.raises(exporting.NotForExport):
        export(traced(two, cafe, CitizenFactory(), may_export=False), two[0])
    with pytest.raises(results.NotOneOfTheTwo):
        export(traced(two, cafe), make_clerk(Role.INVESTIGATOR, username="third"))


def test_it_tells_each_number_once_whoever_is_carried_by_it(two, cafe):
    guardian, other, silent = CitizenFactory(), CitizenFactory(), CitizenFactory(phone=None)
    child = CitizenFactory(name="홍아이", phone=guardian.phone, guardian=guardian, relation="child")
    trace = traced(two, cafe, guardian, child, other, silent)
    send(trace, two[0])
    assert sorted(message.phone for message in Message.objects.all()) == sorted([guardian.phone, other.phone])
    lines = {line.citizen: line.message for line in results.look(trace, by=two[0], now=timezone.now())}
    assert lines[guardian] == lines[child] and lines[other] and lines[silent] is None
    with pytest.raises(notices.NobodyLeft):
        send(trace, two[0])
    assert Message.objects.count() == 2


def test_it_says_in_both_languages_what_fits_one_sms_and_neither_case_nor_venue(two, cafe):
    text = texts.possible_contact()
    assert texts.size(text) <= texts.LONGEST and "접촉" in text and "contact" in text
    trace = traced(two, cafe, CitizenFactory())
    send(trace, two[0])
    assert Message.objects.get().text == text and cafe.name not in text and trace.case_number not in text
