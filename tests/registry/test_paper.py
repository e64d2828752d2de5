"""Paper passes: good for weeks without a phone, compared with an identity card, void with everything else."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest

from checkins.scanning import judging
from registry import issuing, paper, policy, signing, vault
from registry.citizens.people import Document
from registry.format import passcode
from registry.format.passcode import DayRule, Verdict
from registry.models import Event, PaperKey, PaperPass, PolicyVersion, Revocation, Role, Tag
from registry.validity import SEOUL
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.clerks import make_clerk
from venues import revocations

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk():
    return make_clerk(Role.REGISTRAR)


@pytest.fixture
def citizen():
    return CitizenFactory(verified=True, phone=None)


@pytest.fixture
def now(noon):
    return noon


def issue(citizen, clerk, now):
    return paper.issue(citizen, document=Document.PASSPORT, by=clerk, now=now)


def at_the_door(printed, moment):
    revocations.forget()
    return passcode.verdict(
        printed.code,
        now=moment.timestamp(),
        keys=signing.agency_keys(),
        days={vault.today(moment): DayRule()},
        revoked=lambda day, cti: revocations.revoked(day, cti, now=moment),
        last_shown=lambda cti: None,
    )


def test_it_opens_doors_for_31_days_beside_an_identity_card(citizen, clerk, now):
    PassRecordFactory(citizen=citizen)
    printed = issue(citizen, clerk, now)
    today = vault.today(now)
    assert (printed.passes, printed.until) == (True, today + timedelta(days=30))
    for moment in (now, now + timedelta(days=29)):
        result = at_the_door(printed, moment)
        assert (result.verdict, result.identity) == (Verdict.PASS, True)
    assert result.strip.holder == ("홍*동", 1990)
    after = datetime.combine(today + timedelta(days=31), datetime.min.time(), SEOUL)
    assert at_the_door(printed, after - timedelta(seconds=1)).verdict is Verdict.PASS
    assert at_the_door(printed, after).verdict is Verdict.EXPIRED


def test_it_ends_on_the_day_on_which_the_pass_ends(citizen, clerk, now):
    today = vault.today(now)
    PassRecordFactory(citizen=citizen, day=today - timedelta(days=175))  # through day 180
    printed = issue(citizen, clerk, now)
    assert printed.until == today + timedelta(days=5)
    assert PaperPass.objects.get().until == printed.until


def test_without_a_valid_pass_it_is_for_entry_alone(citizen, clerk, now):
    printed = issue(citizen, clerk, now)
    assert printed.passes is False
    assert at_the_door(printed, now).verdict is Verdict.NO_PASS


def test_it_ends_before_the_day_from_which_an_older_policy_counts_no_more(citizen, clerk, now):
    PassRecordFactory(citizen=citizen)
    day = vault.today(now) + timedelta(days=9)
    rules = policy.in_force_on(vault.today(now)).rules
    PolicyVersion.objects.create(title="new", effective_on=day, floor_from=day, rules=rules, published_at=now)
    policy.forget()
    try:
        assert issue(citizen, clerk, now).until == day - timedelta(days=1)
    finally:
        policy.forget()


def test_it_is_printed_only_for_whom_somebody_has_checked(clerk, now):
    with pytest.raises(paper.NotVerified):
        issue(CitizenFactory(), clerk, now)
    with pytest.raises(paper.NotVerified):
        issue(CitizenFactory(verified_at=now, due_on=vault.today(now) - timedelta(days=9)), clerk, now)
    assert not PaperPass.objects.exists()


def test_printing_is_evidence(citizen, clerk, now):
    issue(citizen, clerk, now)
    event = Event.objects.get(tag=Tag.PAPER_PASS_PRINTED)
    assert (event.target, event.actor, event.detail["document"]) == (f"citizen:{citizen.pk}", clerk, "passport")


def test_the_code_is_a_symbol_that_prints_small(citizen, clerk, now):
    PassRecordFactory(citizen=citizen)
    printed = issue(citizen, clerk, now)
    assert printed.as_svg().startswith("<svg") and "<script" not in printed.as_svg()
    assert len(printed.code) < 420  # a QR of at most 65 modules at level M


def test_a_long_latin_name_fits_the_format(clerk, now):
    person = CitizenFactory(verified=True, name="Wolfeschlegelsteinhausenbergerdorff " + "Ñ" * 40)
    assert len(passcode.decode_code(issue(person, clerk, now).code).strip.holder[0].encode()) <= 64


@pytest.mark.parametrize("later", [timedelta(minutes=1), timedelta(days=12), timedelta(days=29)])
def test_revoking_its_holder_voids_it_wherever_it_is_shown(citizen, clerk, now, later):
    PassRecordFactory(citizen=citizen)
    printed = issue(citizen, clerk, now)
    issuing.revoke(citizen, by=clerk, reason="lost", now=now + timedelta(seconds=30))
    assert Revocation.objects.get().paper
    assert at_the_door(printed, now + later).verdict is Verdict.REVOKED
    fresh = issue(citizen, clerk, now + timedelta(seconds=40))
    assert at_the_door(fresh, now + later).verdict is Verdict.PASS


def test_scanners_get_it_in_the_list_of_each_living_day(citizen, clerk, now):
    printed = issue(citizen, clerk, now)
    issuing.revoke(citizen, by=clerk, reason="lost", now=now + timedelta(seconds=5))
    prefix = passcode.decode_code(printed.code).strip.cti[:8]
    later = now + timedelta(days=12)
    revocations.forget()
    for moment in (now + timedelta(seconds=9), later):
        for part in revocations.listing(now=moment):
            raw = revocations.segment(part.day, part.number, now=moment).raw
            assert prefix in raw, part
    beyond = now + timedelta(days=70)
    assert all(
        prefix not in revocations.segment(part.day, part.number, now=beyond).raw
        for part in revocations.listing(now=beyond)
    )


def test_who_has_no_paper_takes_no_more_room_in_the_list(citizen, clerk, now):
    issue(citizen, clerk, now)
    other = CitizenFactory(verified=True)
    issuing.revoke(other, by=clerk, reason="x", now=now)
    assert not Revocation.objects.get().paper


def test_an_upload_is_flagged_where_the_scanner_had_not_heard(citizen, clerk, now):
    PassRecordFactory(citizen=citizen)
    printed = issue(citizen, clerk, now - timedelta(days=12))
    issuing.revoke(citizen, by=clerk, reason="lost", now=now - timedelta(hours=1))
    revocations.forget()
    strip = passcode.decode_code(printed.code).strip
    scan = SimpleNamespace(second=int(now.timestamp()), alone=False)
    flags = judging._flags(scan, strip, {vault.today(now): DayRule()}, now)
    assert flags & judging.Flag.REVOKED


def test_keys_are_made_ahead_and_destroyed_once_no_pass_of_the_month_lives():
    def months():
        return set(PaperKey.objects.values_list("month", flat=True))

    september, october = date(2026, 9, 1), date(2026, 10, 1)
    PaperKey.objects.bulk_create(PaperKey(month=month, key=b"x") for month in (september, october))
    vault.keep_paper_keys(date(2026, 12, 1))  # what was printed on 31 October was good through 30 November
    assert october in months() and september not in months()
    assert vault.keep_paper_keys(date(2026, 12, 2)) == 1
    assert months() >= {date(2026, 12, 1), date(2027, 1, 1)} and october not in months()
    with pytest.raises(vault.DayGone):
        vault.paper_key(september)
