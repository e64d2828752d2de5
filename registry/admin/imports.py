"""Imports of pass records, step by step: file, columns, check, taking in, done. Each import is one page."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from registry import audit
from registry.admin.desk import ConfirmForm, ReadOnlyAdmin, ReasonForm, clerk, evidence, posted
from registry.admin.regions import RegionField, check_region
from registry.errors import DomainError
from registry.imports import files, parts, reasons, refused, samples
from registry.imports.columns import ALWAYS, Field
from registry.models import Import, ImportColumns, PassRecord, Tag, User

State = Import.State
SHOWN = 20  # refused rows on the page
PERSONAL = frozenset([Field.NAME, Field.BIRTH_DATE, Field.PHONE, Field.CERTIFICATE_NUMBER])
STEPS = (_("File"), _("Columns"), _("Check"), _("Taking in"), _("Done"))
STEP_OF = {
    State.COLUMNS: 1, State.CHECKING: 2, State.CHECKED: 2, State.RUNNING: 3, State.DONE: 4, State.IN_PART: 4,
    State.UNDOING: 4, State.UNDONE: 4, State.DISCARDED: 4,
}  # fmt: skip
_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        widget=UnfoldAdminFileFieldWidget({"accept": ".csv,.txt,.tsv,.xlsx"}),
        help_text=_("CSV (UTF-8 or CP949) or XLSX, at most 25 MB and 200,000 rows. The first sheet is read."),
    )
    issuer = forms.CharField(
        label=_("Issued by"),
        max_length=80,
        widget=UnfoldAdminTextInputWidget({"list": "issuers"}),
        help_text=_("Who issued these records. The columns are remembered for it; a column in the file goes first."),
    )
    region = RegionField(label=_("Region where the file names none"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_issuer(self) -> str:
        return " ".join(self.cleaned_data["issuer"].split())

    def clean_region(self) -> str:
        region = self.cleaned_data["region"]
        return check_region(region, self.user, required=False) if region else ""


class ColumnsForm(forms.Form):
    """One choice for each field: which column has it. `kind_of_all` is for files without a column of the kind."""

    kind_of_all = forms.ChoiceField(
        label=_("Kind of all records"),
        required=False,
        choices=[("", _("as the column says")), *PassRecord.Kind.choices],
        widget=UnfoldAdminSelectWidget,
        help_text=_("For a file without a column of the kind; where a cell is empty, it counts as well."),
    )

    def __init__(self, data: Any, row: Import) -> None:
        super().__init__(data, initial={"kind_of_all": row.default_kind})
        none = ("", gettext("— not in the file —"))
        headings = [(str(n), f"{letters(n)} · {heading or '–'}") for n, heading in enumerate(row.header)]
        for field in Field:
            self.fields[field.value] = forms.ChoiceField(
                label=str(reasons.NAMES[field]),
                choices=[none, *headings],
                required=field in ALWAYS,
                initial=str(row.columns.get(field.value, "")),
                widget=UnfoldAdminSelectWidget,
                error_messages={"required": _("Choose a column: without it no row says anything.")},
            )
        self.order_fields([*(field.value for field in Field if field != Field.KIND), "kind", "kind_of_all"])

    def chosen(self) -> dict[Field, int]:
        return {field: int(self.cleaned_data[field.value]) for field in Field if self.cleaned_data.get(field.value)}


def letters(place: int) -> str:
    """0 → A, 25 → Z, 26 → AA: as a spreadsheet names its columns."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def shape(cell: str) -> str:
    """What a cell looks like, without what it says: 홍길동 → 홍**, 1990-01-01 → 1***-**-**."""
    return cell[:1] + "".join("*" if sign.isalnum() else sign for sign in cell[1:30])


def examples(row: Import) -> list[dict[str, Any]]:
    """Every column with its heading and the first filled cell; what may be personal is shown by its shape."""
    rows = [cells for _number, cells in (parts.read(row, 0) or [])[:50]]
    plain = {place for field, place in row.columns.items() if Field(field) not in PERSONAL}
    found = []
    for place, heading in enumerate(row.header):
        cell = next((cells[place].strip() for cells in rows if place < len(cells) and cells[place].strip()), "")
        shown = cell[:40] if place in plain else shape(cell)
        found.append({"letters": letters(place), "heading": heading, "example": shown})
    return found


def in_words(row: Import) -> str:
    """Where an import is, also when nobody works on it."""
    state = row.get_state_display()
    return gettext("{work}, stopped").format(work=state) if row.is_stuck else state


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    region_path = "region"
    when_empty = _("No file so far. “Upload a file” begins; there are templates to fill in as well.")
    list_display = ("file_name", "issuer", "bringer", "at", "standing", "rows", "fresh", "refused")
    list_display_links = ("file_name",)
    list_select_related = ("by", "lab", "job")
    list_filter = ("state",)
    ordering = ("-at",)
    sortable_by = ()
    actions_list = ("bring",)
    actions_detail = ("columns", "begin", "go_on", "undo", "discard")

    @display(description=_("brought by"))
    def bringer(self, row: Import) -> str:
        return row.bringer

    @display(
        description=_("state"),
        label={"columns": "warning", "checked": "warning", "checking": "info", "running": "info", "undoing": "info",
               "done": "success", "in_part": "danger", "undone": "danger", "discarded": "primary", "stuck": "danger"},
    )  # fmt: skip
    def standing(self, row: Import) -> tuple[str, Any]:
        return "stuck" if row.is_stuck else row.state, in_words(row)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("template/<str:language>.<str:form>", view(self.template), name="registry_import_template"),
            path("<int:object_id>/progress/", view(self.progress), name="registry_import_progress"),
            path("<int:object_id>/refused.csv", view(self.refused), name="registry_import_refused"),
            *super().get_urls(),
        ]

    # --- the file
    def has_bring_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("registry.add_import")

    @action(description=_("Upload a file"), icon="upload_file", permissions=["bring"], url_path="bring")
    def bring(self, request: HttpRequest) -> HttpResponse:
        user = clerk(request)
        region = user.region if len(user.region) == 5 else ""
        form = FileForm(posted(request), request.FILES or None, user=user, initial={"region": region})
        if request.method == "POST" and form.is_valid():
            values = form.cleaned_data
            try:
                row = files.bring(
                    values["file"], issuer=values["issuer"], region=values["region"], now=timezone.now(),
                    **evidence(request),
                )  # fmt: skip
                return HttpResponseRedirect(self.page_of(row))
            except DomainError as error:
                form.add_error("file", str(error))
        issuers = ImportColumns.objects.order_by("-at").values_list("issuer", flat=True)[:50]
        context = self._context(request, gettext("Upload a file of pass records"), 0)
        context |= {"form": form, "issuers": issuers, "languages": samples.LANGUAGES}
        return TemplateResponse(request, "admin/registry/import/bring.html", context)

    def template(self, request: HttpRequest, language: str, form: str) -> HttpResponse:
        """The file to fill in."""
        if not self.has_view_permission(request) or language not in samples.LANGUAGES or form not in _TYPES:
            raise Http404
        data = samples.as_csv(language) if form == "csv" else samples.as_xlsx(language)
        return _download(data, f"munjigi-{language}.{form}", _TYPES[form])

    # --- the page
    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        row = self._seen(request, object_id)
        template = "columns" if row.state == State.COLUMNS else "page"
        form = ColumnsForm(None, row) if row.state == State.COLUMNS else None
        return TemplateResponse(request, f"admin/registry/import/{template}.html", self._page(request, row, form))

    def _seen(self, request: HttpRequest, object_id: str) -> Import:
        if not self.has_view_permission(request):
            raise PermissionDenied
        row: Import = self.fetch(request, object_id)
        return row

    def _page(self, request: HttpRequest, row: Import, form: ColumnsForm | None = None) -> dict[str, Any]:
        may = self.has_change_permission_of(request)
        context = self._context(request, row.file_name, STEP_OF[State(row.state)])
        context |= {"row": row, "object": row, "form": form, "may": may, "back": self.page_of(row)}
        context["standing"] = in_words(row)
        if (row.is_stuck or not row.takes_time) and row.parts.exists():
            context["until"] = files.kept_until(row)
        if form:
            context["examples"] = examples(row)
        elif row.refused:
            told = [{"why": reasons.in_words(reason), "rows": rows} for reason, rows in row.refusals.items()]
            context |= {"refusals": told, "first": refused.first(row, SHOWN), "downloadable": row.parts.exists()}
        return context

    def _context(self, request: HttpRequest, title: str, step: int) -> dict[str, Any]:
        steps = [{"name": name, "at": n == step, "over": n < step} for n, name in enumerate(STEPS)]
        return self.admin_site.each_context(request) | {
            "title": title, "steps": steps, "opts": self.opts, "media": self.media,
            "list": reverse("admin:registry_import_changelist"),
        }  # fmt: skip

    def has_change_permission_of(self, request: HttpRequest) -> bool:
        return request.user.has_perm("registry.change_import")

    def progress(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The bar alone, asked for by itself; when the work is over the whole page is fetched anew."""
        row = self._seen(request, str(object_id))
        answer = render(request, "admin/registry/import/progress.html", {"row": row})
        if not row.takes_time or row.is_stuck:
            answer["HX-Refresh"] = "true"
        return answer

    def refused(self, request: HttpRequest, object_id: int) -> HttpResponse:
        row = self.fetch(request, str(object_id))
        if not self.has_change_permission_of(request) or not row.parts.exists():
            raise Http404
        audit.record(Tag.REFUSED_ROWS_SEEN, target=row, **evidence(request))
        return _download(refused.as_csv(row), f"{gettext('refused')}-{row.pk}.csv", _TYPES["csv"])

    # --- the deeds
    def has_deed_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self.has_change_permission_of(request)

    @action(description=_("Columns"), icon="view_column", permissions=["deed"])
    def columns(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Also once the file was checked: it is then checked anew."""
        row = self.fetch(request, object_id)
        form = ColumnsForm(posted(request), row)
        if request.method == "POST" and form.is_valid():
            try:
                files.choose(
                    row, form.chosen(), kind=form.cleaned_data["kind_of_all"], by=clerk(request), now=timezone.now()
                )
                return HttpResponseRedirect(self.page_of(row))
            except DomainError as error:
                form.add_error(None, str(error))
        context = self._page(request, row, form) | self._context(request, row.file_name, 1)
        return TemplateResponse(request, "admin/registry/import/columns.html", context)

    @action(description=_("Take in"), icon="play_arrow", permissions=["deed"])
    def begin(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._do(request, object_id, files.begin)

    @action(description=_("Go on"), icon="resume", permissions=["deed"])
    def go_on(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._do(request, object_id, files.go_on)

    def _do(self, request: HttpRequest, object_id: str, verb: Any) -> HttpResponse:
        """A button of the page: the verb, and back to it."""
        row = self.fetch(request, object_id)
        if request.method == "POST":
            try:
                verb(row, now=timezone.now(), **evidence(request))
            except DomainError as error:
                messages.error(request, str(error))
        return HttpResponseRedirect(self.page_of(row))

    @action(description=_("Undo the import"), icon="undo", permissions=["deed"])
    def undo(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.fetch(request, object_id)
        counted = ngettext("{n} record", "{n} records", row.fresh).format(n=f"{row.fresh:,}")
        return self.ask(
            request,
            row,
            ReasonForm(posted(request)),
            title=_("Undo the import"),
            text=gettext(
                "The import made {records}. Those that nobody has corrected since are revoked for good, and the passes "
                "made with them end at the doors. People that it added stay. Afterwards the same records can be "
                "brought again."
            ).format(records=counted),
            button=_("Undo the import"),
            do=lambda values: files.undo(row, reason=values["reason"], now=timezone.now(), **evidence(request)),  # type: ignore[func-returns-value]
        )

    @action(description=_("Discard the file"), icon="delete", permissions=["deed"])
    def discard(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.fetch(request, object_id)
        return self.ask(
            request,
            row,
            ConfirmForm(posted(request)),
            title=_("Discard the file"),
            text=_("The file is destroyed. Nothing of it was taken in."),
            button=_("Discard the file"),
            do=lambda values: files.discard(row, **evidence(request)),  # type: ignore[func-returns-value]
            done=_("The file is destroyed."),
        )


def _download(data: bytes, name: str, media_type: str) -> HttpResponse:
    header = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return HttpResponse(data, content_type=media_type, headers={"Content-Disposition": header})
