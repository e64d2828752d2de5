"""A file of pass records taken in: who is in it, what is there already, what is refused, and nothing before "go"."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registry import jobs, periods
from registry.imports import files, reasons, refused
from registry.imports.columns import Field
from registry.models import (
    Citizen,
    Disposal,
    Event,
    Import,
    ImportPart,
    ImportRow,
    Job,
    Kept,
    PassRecord,
    Review,
    Tag,
)
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.importing import ISSUER, as_csv, bring, check, line, registrar, some, take_in, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk():
    return registrar()


def ago(days: int) -> str:
    return (timezone.localdate() - timedelta(days=days)).isoformat()


def later():
    """When the period of files that wait is over."""
    return timezone.now() + timedelta(days=periods.days(Kept.IMPORTS) + 1)


def stopped_after_two_of_five(clerk, monkeypatch) -> Import:
    monkeypatch.setattr("registry.imports.taking_in.PART", 2)
    row = check(some(5), by=clerk)
    files.begin(row, by=clerk, now=timezone.now())
    row.refresh_from_db()
    assert jobs.run(row.job_id, seconds=0)
    jobs.stop(row.job, by=clerk, now=timezone.now())
    return Import.objects.get()


def test_it_writes_nothing_before_go(clerk):
    row = check(some(3), by=clerk)
    assert (row.state, row.fresh, row.people, row.known, row.refused) == ("checked", 3, 3, 0, 0)
    assert not PassRecord.objects.exists() and not Citizen.objects.exists()


def test_it_takes_every_kind_in_with_its_facts(clerk):
    lines = [
        line(1),
        line(2, **{"구분": "PCR 음성", "날짜": "", "백신": "", "차수": "", "결과 일시": f"{ago(1)} 10:00"}),
        line(3, **{"구분": "격리해제", "백신": "", "차수": ""}),
        line(4, **{"구분": "예외", "백신": "", "차수": ""}),
    ]
    row = take_in(as_csv(*lines), by=clerk)
    assert (row.state, row.fresh, row.people) == ("done", 4, 4)
    dose, pcr, recovery, exemption = PassRecord.objects.order_by("certificate_number")
    assert (dose.vaccine_id, dose.dose, dose.issuer, dose.imported_in) == ("pfizer", 1, ISSUER, row)
    assert (dose.citizen.name, dose.citizen.birth, dose.citizen.phone) == (
        lines[0]["이름"],
        "1990-01-01",
        "+821000000001",
    )
    assert dose.citizen.region == "11680"
    assert (pcr.day.isoformat(), timezone.localtime(pcr.result_at).hour, pcr.dose) == (ago(1), 10, None)
    assert (recovery.kind, exemption.kind) == ("recovery", "exemption")


def test_it_leaves_who_did_it_in_the_evidence_and_in_each_records_history(clerk):
    row = take_in(some(2), by=clerk)
    tags = [Tag.FILE_BROUGHT, Tag.IMPORT_BEGUN, Tag.IMPORT_DONE]
    told = Event.objects.filter(target=f"import:{row.pk}").order_by("pk")
    assert [(event.tag, event.actor) for event in told] == [(tag, clerk) for tag in tags]
    assert told.last().detail == {"fresh": 2, "known": 0, "people": 2, "refused": 0}
    [history] = PassRecord.objects.first().history.all()
    assert (history.history_type, history.history_user, history.history_change_reason) == (
        "+",
        clerk,
        f"import {row.pk}",
    )


def test_it_is_harmless_to_take_the_same_file_in_again(clerk):
    take_in(some(3), by=clerk)
    row = take_in(some(3), by=clerk)
    assert (row.fresh, row.known, row.people) == (0, 3, 0)
    assert PassRecord.objects.count() == Citizen.objects.count() == 3


def test_it_finds_people_by_number_name_and_birth_date(clerk):
    known = CitizenFactory(name="시험가", birth="1990-01-01", phone="+821000000000", region="11680")
    take_in(as_csv(line(0), line(0, **{"차수": "2", "날짜": ago(20), "증명서 번호": "C-2"})), by=clerk)
    assert Citizen.objects.get() == known and known.records.count() == 2


def test_it_finds_people_without_a_number_by_name_and_birth_date_among_those_without(clerk):
    known = CitizenFactory(name="시험가", birth="1990-01-01", phone=None)
    take_in(as_csv(line(0, **{"휴대전화": ""}), line(1, **{"휴대전화": ""})), by=clerk)
    assert known.records.count() == 1 and Citizen.objects.count() == 2


def test_it_does_not_guess_at_somebody_who_has_a_number(clerk):
    CitizenFactory(name="시험가", birth="1990-01-01")
    row = check(as_csv(line(0, **{"휴대전화": ""})), by=clerk)
    assert row.refusals == {"needs_number": 1}


def test_it_does_not_choose_between_people_of_one_name(clerk):
    for _ in range(2):
        CitizenFactory(name="시험가", birth="1990-01-01", phone=None)
    assert check(as_csv(line(0, **{"휴대전화": ""})), by=clerk).refusals == {"several_people": 1}


def test_it_asks_a_clerk_whether_a_new_person_is_one_of_the_same_name(clerk):
    known = CitizenFactory(name="시험가", birth="1990-01-01", phone="+821000009999")
    take_in(some(1), by=clerk)
    review = Review.objects.get()
    assert (review.kind, review.other) == ("possibly_same", known) and review.citizen.phone == "+821000000000"


def test_it_asks_the_same_of_two_new_people_of_one_name_in_a_file(clerk):
    twice = (line(0), line(1, **{"이름": "시험가", "생년월일": "1990-01-01"}), line(2))
    take_in(as_csv(*twice), by=clerk)
    review = Review.objects.get()
    assert {review.citizen.phone, review.other.phone} == {"+821000000000", "+821000000001"}


def test_it_refuses_a_certificate_number_that_is_on_record_with_other_facts(clerk):
    PassRecordFactory(issuer=ISSUER, certificate_number="C-000000")
    assert check(some(1), by=clerk).refusals == {"certificate_used": 1}


def test_it_refuses_what_a_clerk_has_revoked(clerk):
    PassRecordFactory(issuer=ISSUER, certificate_number="C-000000", revoked_at=timezone.now(), revoke_reason="false")
    assert check(some(1), by=clerk).refusals == {"certificate_revoked": 1}


def test_it_refuses_a_second_row_with_one_certificate_number(clerk):
    row = take_in(as_csv(line(1), line(2), line(1)), by=clerk)
    assert (row.fresh, row.refusals) == (2, {"twice": 1})


def test_it_refuses_doses_that_do_not_follow_one_another(clerk):
    on_record = CitizenFactory(name="시험가", birth="1990-01-01", phone="+821000000000")
    PassRecordFactory(citizen=on_record, dose=2, day=timezone.localdate() - timedelta(days=90))
    after = line(0)  # a first dose, after the second
    twice = [line(1), line(1, **{"증명서 번호": "C-b"})]
    reverse = [line(2), line(2, **{"차수": "2", "날짜": ago(70), "증명서 번호": "C-c"})]
    row = take_in(as_csv(after, *twice, *reverse), by=clerk)
    assert row.refusals == {"doses_out_of_order": 2, "dose_on_record": 1}
    assert PassRecord.objects.filter(imported_in=row).count() == 2


def test_it_refuses_doses_too_close_to_one_another_and_what_lies_before_birth(clerk):
    on_record = CitizenFactory(name="시험가", birth="1990-01-01", phone="+821000000000")
    PassRecordFactory(citizen=on_record, dose=1, day=timezone.localdate() - timedelta(days=80))
    second = line(0, **{"차수": "2"})  # twenty days after the first
    close = [line(1, **{"날짜": ago(21)}), line(1, **{"차수": "2", "날짜": ago(1), "증명서 번호": "C-b"})]
    unborn = line(2, **{"생년월일": ago(59)})
    row = check(as_csv(second, *close, unborn), by=clerk)
    assert (row.fresh, row.refusals) == (1, {"doses_too_close": 2, "before_birth": 1})
    told = row.waiting.get(number=2)
    assert "21일" in reasons.in_words(told.refusal, told.detail)


def test_it_counts_in_the_preview_what_the_import_then_does(clerk):
    take_in(some(2), by=clerk)
    lines = [line(0), line(5), line(6, **{"생년월일": "언젠가"}), line(5, **{"증명서 번호": "C-x"}), line(7), line(7)]
    before = check(as_csv(*lines), by=clerk)
    counts = (before.fresh, before.known, before.people, before.refusals)
    files.begin(before, by=clerk, now=timezone.now())
    after = work(before)
    assert counts == (after.fresh, after.known, after.people, after.refusals) == (
        2, 1, 2, {"dose_on_record": 1, "no_date": 1, "twice": 1},
    )  # fmt: skip


def test_it_judges_anew_what_has_changed_since_the_preview(clerk):
    row = check(some(2), by=clerk)
    PassRecordFactory(issuer=ISSUER, certificate_number="C-000000")
    files.begin(row, by=clerk, now=timezone.now())
    assert (work(row).fresh, row.refusals) == (1, {"certificate_used": 1})


def test_it_lets_a_clerk_of_a_region_bring_that_regions_people_alone(clerk):
    bound = registrar("11680", username="bound")
    CitizenFactory(name="시험가", birth="1990-01-01", phone="+821000000000", region="26110")
    lines = [line(0), line(1), line(2, **{"지역코드": "26110"}), line(3, **{"지역코드": ""})]
    row = take_in(as_csv(*lines), by=bound, region="11680")
    assert (row.fresh, row.refusals) == (2, {"elsewhere": 1, "other_region": 1})
    assert set(Citizen.objects.exclude(region="26110").values_list("region", flat=True)) == {"11680"}


def test_it_destroys_the_file_and_what_waited_and_keeps_refused_rows_alone(clerk):
    row = take_in(as_csv(line(1), line(2, **{"차수": "17"})), by=clerk)
    assert not ImportRow.objects.exists()
    [part] = ImportPart.objects.all()
    assert b"C-000001" not in refused.as_csv(row) and b"C-000002" in refused.as_csv(row)
    assert files.forget(timezone.now() + timedelta(days=13)) == 0
    assert files.forget(later()) == 1
    assert not ImportPart.objects.exists() and Import.objects.get().state == "done"
    assert Disposal.objects.get().what == "imports"


def test_it_discards_files_that_nobody_came_back_to(clerk):
    row = check(some(2), by=clerk)
    files.forget(later())
    row.refresh_from_db()
    assert row.state == "discarded"
    assert not ImportRow.objects.exists() and not ImportPart.objects.exists()


def test_it_discards_a_file_whose_check_was_stopped_and_nobody_came_back_to(clerk):
    row = bring(some(2), by=clerk)
    files.choose(row, {Field(name): n for name, n in row.columns.items()}, kind="", by=clerk, now=timezone.now())
    files.forget(later())
    row = Import.objects.get()
    assert row.state == "checking"  # its turn comes
    jobs.stop(row.job, by=clerk, now=timezone.now())
    files.forget(later())
    row.refresh_from_db()
    assert row.state == "discarded" and not ImportPart.objects.exists()


def test_it_destroys_what_was_stopped_half_way_and_nobody_came_back_to_and_it_can_still_be_undone(clerk, monkeypatch):
    row = stopped_after_two_of_five(clerk, monkeypatch)
    files.forget(timezone.now() + timedelta(days=13))
    assert row.waiting.count() == 5 and row.parts.exists()
    files.forget(later())
    row.refresh_from_db()
    assert (row.state, row.fresh, row.waiting.count(), row.parts.count()) == ("in_part", 2, 0, 0)
    told = Event.objects.get(tag=Tag.FILE_DISCARDED)
    assert (told.actor, told.detail) == (None, {"fresh": 2, "known": 0, "rows": 5})
    with pytest.raises(files.NotNow):
        files.go_on(row, by=clerk, now=timezone.now())
    files.undo(row, reason="half of it", by=clerk, now=timezone.now())
    assert (work(row).state, row.undone) == ("undone", 2)


def test_it_destroys_a_file_whose_undoing_was_stopped_and_goes_on_undoing(clerk, monkeypatch):
    row = stopped_after_two_of_five(clerk, monkeypatch)
    files.undo(row, reason="half of it", by=clerk, now=timezone.now())
    row = Import.objects.get()
    jobs.stop(row.job, by=clerk, now=timezone.now())
    files.forget(later())
    row.refresh_from_db()
    assert (row.state, row.waiting.count(), row.parts.count()) == ("undoing", 0, 0)
    files.go_on(row, by=clerk, now=timezone.now())
    assert (work(row).state, row.undone) == ("undone", 2)


def test_it_outlives_its_jobs_and_goes_on_without_them(clerk):
    done = take_in(some(1), by=clerk)
    stopped = check(some(2), by=clerk)
    files.begin(stopped, by=clerk, now=timezone.now())
    jobs.stop(Import.objects.get(pk=stopped.pk).job, by=clerk, now=timezone.now())
    jobs.forget(timezone.now() + timedelta(days=periods.days(Kept.JOBS) + 1))
    assert not Job.objects.exists()
    done.refresh_from_db()
    stopped.refresh_from_db()
    assert (done.state, done.is_stuck, stopped.is_stuck) == ("done", False, True)
    files.go_on(stopped, by=clerk, now=timezone.now())
    assert work(stopped).state == "done"


def test_it_tells_a_second_clerk_that_the_import_has_begun(clerk):
    row = check(some(1), by=clerk)
    files.begin(row, by=clerk, now=timezone.now())
    for deed in (files.begin, files.discard):
        with pytest.raises(files.NotNow):
            deed(row, by=clerk, **({"now": timezone.now()} if deed is files.begin else {}))


def test_it_goes_on_where_a_stopped_import_was(clerk, monkeypatch):
    row = stopped_after_two_of_five(clerk, monkeypatch)
    assert PassRecord.objects.count() == 2 and row.is_stuck
    files.go_on(row, by=clerk, now=timezone.now())
    assert (work(row).state, row.fresh, PassRecord.objects.count()) == ("done", 5, 5)
