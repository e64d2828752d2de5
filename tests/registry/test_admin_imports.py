"""The pages of an import: upload, columns, preview, progress, done, undo; for registrars, and by region."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.formats import date_format
from openpyxl import load_workbook

from registry import jobs
from registry.imports import files, samples
from registry.imports.columns import Field
from registry.models import Event, Import, ImportColumns, PassRecord, Role, Tag
from tests.queries import at_most
from tests.registry.clerks import desk_of, make_clerk
from tests.registry.importing import ISSUER, as_csv, bring, check, line, registrar, some, take_in, work

pytestmark = pytest.mark.django_db

BRING = reverse_lazy("admin:registry_import_bring")
LIST = reverse_lazy("admin:registry_import_changelist")


@pytest.fixture
def clerk():
    return registrar()


@pytest.fixture
def client(clerk):
    return desk_of(clerk)


def page_of(row) -> str:
    return reverse("admin:registry_import_change", args=[row.pk])


def do(client, row, deed: str, **data):
    return client.post(reverse(f"admin:registry_import_{deed}", args=[row.pk]), data, follow=True)


def upload(client, data: bytes, name: str = "records.csv", **more):
    fields = {"file": SimpleUploadedFile(name, data), "issuer": ISSUER, "region": ""} | more
    return client.post(BRING, fields, follow=True)


def columns_of(row) -> dict[str, str]:
    return {name: str(place) for name, place in row.columns.items()} | {"kind_of_all": ""}


def test_it_goes_from_the_file_through_columns_and_check_to_the_records(client):
    page = upload(client, as_csv(line(1), line(2), line(3, **{"차수": "17"})))
    row = Import.objects.get()
    assert page.redirect_chain[-1][0] == page_of(row)
    assert page.context["form"]["name"].initial == "0"
    do(client, row, "columns", **columns_of(row))
    assert 'role="status"' in client.get(page_of(row)).text
    page = client.get(page_of(work(row)))
    assert page.context["first"][0]["number"] == 4 and not PassRecord.objects.exists()
    do(client, row, "begin")
    assert client.get(page_of(work(row))).context["row"].state == "done"
    assert PassRecord.objects.count() == 2


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "비어"),
        ("이름,생년월일\n".encode(), "행"),
        ("이름,비고\n홍길동,ÿ\n".encode("latin-1", "replace") + b"\xff\xff\xff", "CP949"),
        ("이름,생년월일,증명번호\n홍길동,1990-01-01,C-1\n김보기,19".encode(), "3행"),
        (b"PK\x03\x04 no workbook", "XLSX"),
    ],
)
def test_it_says_at_the_file_what_is_wrong_with_it(client, data, says):
    page = upload(client, data)
    assert says in " ".join(page.context["form"].errors["file"]) and not Import.objects.exists()


def test_it_asks_for_the_columns_without_which_nothing_is_said(client, clerk):
    row = bring(as_csv(line(1), header=("이름", "휴대전화", "구분", "날짜", "증명서 번호")), by=clerk)
    page = do(client, row, "columns", **columns_of(row))
    assert page.context["form"].errors.keys() == {"birth_date"}
    row.refresh_from_db()
    assert row.state == "columns"


def test_it_refuses_one_column_for_two_things(client, clerk):
    row = bring(some(1), by=clerk)
    page = do(client, row, "columns", **columns_of(row) | {"birth_date": "0"})
    assert page.context["form"].non_field_errors()


def test_it_remembers_an_issuers_columns(client, clerk):
    odd = {"이름": "가", "생년월일": "나", "증명서 번호": "다", "날짜": "라"}
    data = as_csv({odd[name]: cell for name, cell in line(1).items() if name in odd}, header=tuple(odd.values()))
    row = bring(data, by=clerk)
    assert row.columns == {}
    chosen = {"name": "0", "birth_date": "1", "certificate_number": "2", "day": "3", "kind_of_all": "recovery"}
    do(client, row, "columns", **chosen)
    assert ImportColumns.objects.get().headings["name"] == "가"
    again = bring(data, by=clerk)
    assert again.columns == {"name": 0, "birth_date": 1, "certificate_number": 2, "day": 3}
    assert again.default_kind == "recovery"


def test_it_shows_of_what_may_be_personal_the_shape_alone(client, clerk):
    row = bring(as_csv(line(1), header=(*line(1), "주민번호")), by=clerk)
    page = client.get(page_of(row)).text
    assert line(1)["이름"] not in page and "0**-****-****" in page and "화이자" in page


def test_it_can_change_the_columns_after_the_check(client, clerk):
    row = check(some(2), by=clerk)
    do(client, row, "columns", **columns_of(row) | {"phone": ""})
    assert (work(row).state, row.fresh, row.waiting.filter(phone=None).count()) == ("checked", 2, 2)


def test_it_gives_the_refused_rows_with_reasons_in_the_readers_language(client, clerk):
    row = take_in(as_csv(line(1), line(2, **{"이름": "=cmd|' /C calc'!A0", "휴대전화": "-2"})), by=clerk)
    address = reverse("admin:registry_import_refused", args=[row.pk])
    for language, why in (("ko", "수식"), ("en", "formula")):
        answer = client.get(address, headers={"accept-language": language})
        header, [*cells, number, column, told] = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
        assert (number, cells[0], cells[2]) == ("3", "'=cmd|' /C calc'!A0", "'-2") and why in told
    assert Event.objects.filter(tag=Tag.REFUSED_ROWS_SEEN, target=f"import:{row.pk}").count() == 2


@pytest.mark.parametrize("language", samples.LANGUAGES)
def test_its_templates_are_taken_in_as_they_are(client, clerk, language):
    for form in ("csv", "xlsx"):
        answer = client.get(reverse("admin:registry_import_template", args=[language, form]))
        row = check(answer.content, by=clerk, name=f"template.{form}")
        assert set(row.columns) == set(Field)
        assert (row.fresh, row.refused) == (4, 0), row.refusals
    [sheet] = load_workbook(io.BytesIO(answer.content))
    assert sheet["C2"].number_format == "@"


def test_it_undoes_an_import_for_a_reason(client, clerk):
    row = take_in(some(2), by=clerk)
    assert do(client, row, "undo", reason="").context["form"].errors
    do(client, row, "undo", reason="wrong file")
    page = client.get(page_of(work(row))).text
    assert row.state == "undone" and "wrong file" in page
    assert Event.objects.get(tag=Tag.IMPORT_UNDONE).reason == "wrong file"


def test_it_says_of_what_was_stopped_how_much_is_left_and_until_when_it_is_kept(client, clerk, monkeypatch):
    monkeypatch.setattr("registry.imports.taking_in.PART", 2)
    row = check(some(5), by=clerk)
    do(client, row, "begin")
    row.refresh_from_db()
    jobs.run(row.job_id, seconds=0)
    jobs.stop(row.job, by=clerk, now=timezone.now())
    until = date_format(timezone.localtime(timezone.now() + timedelta(days=14)), "DATE_FORMAT")
    page = client.get(page_of(row))
    assert page.context["row"].left == 3 and until in page.text
    assert all(reverse(f"admin:registry_import_{deed}", args=[row.pk]) in page.text for deed in ("go_on", "undo"))
    assert "등록 중, 중지됨" in page.text and "등록 중, 중지됨" in client.get(LIST).text
    files.forget(timezone.now() + timedelta(days=15))
    page = client.get(page_of(row))
    assert page.context["row"].state == "in_part" and until not in page.text
    assert reverse("admin:registry_import_undo", args=[row.pk]) in page.text


def test_it_tells_whoever_was_second(client, clerk):
    row = check(some(1), by=clerk)
    files.begin(row, by=clerk, now=timezone.now())
    page = do(client, row, "begin")
    assert [str(message) for message in page.context["messages"]] == [str(files.NotNow())]


def test_it_is_nothing_to_other_roles_and_regions(clerk):
    row = check(some(1), by=clerk)
    officer = desk_of(make_clerk(Role.VENUE_OFFICER, username="officer"))
    elsewhere = desk_of(registrar("26110", username="elsewhere"))
    assert officer.get(page_of(row)).status_code == 403 and officer.get(BRING).status_code == 403
    for deed in ("columns", "begin", "undo", "discard", "refused", "progress"):
        assert elsewhere.get(reverse(f"admin:registry_import_{deed}", args=[row.pk])).status_code == 404
    assert elsewhere.get(page_of(row)).status_code == 404


def test_a_clerk_of_a_region_cannot_bring_another_regions_people_by_default(clerk):
    page = upload(desk_of(registrar("11680", username="bound")), some(1), region="26110")
    assert page.context["form"].errors.keys() == {"region"}


def test_its_list_costs_the_same_for_any_number_of_files(client, clerk):
    for _ in range(3):
        bring(some(1), by=clerk)
    client.get("/admin/registry/import/")  # a session's first page keeps where it is used from
    with at_most(11):
        client.get("/admin/registry/import/")
