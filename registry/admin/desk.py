"""What all desks share: no counting, no deleting, a region's clerk sees the region and changes nothing of the whole
country's, evidence cannot be touched."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date, datetime, time
from functools import wraps
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import DateField, DateTimeField, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminSplitDateTimeWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from registry import audit, regions
from registry.admin.districts import rows_in, sorted_by
from registry.admin.meanwhile import Meanwhile
from registry.admin.paginator import BoundedPaginator
from registry.admin.rows import box
from registry.callers import client_address
from registry.errors import DomainError
from registry.models import Tag, User
from registry.models.people import people_of


def clerk(request: HttpRequest) -> User:
    """The signed-in clerk; the site lets nobody else in."""
    return cast(User, request.user)


def evidence(request: HttpRequest) -> dict[str, Any]:
    """Who and from where, as the verbs take it."""
    return {"by": clerk(request), "address": client_address(request)}


def denied(request: HttpRequest) -> None:
    """Note that a clerk asked for what the role or the region does not open. The page is named, and its key."""
    user, match = request.user, request.resolver_match
    if isinstance(user, User) and user.is_staff and match:
        key = str(match.kwargs.get("object_id", ""))[:40]
        told: dict[str, Any] = {"page": match.url_name or "", "method": request.method} | ({"key": key} if key else {})
        audit.record(Tag.DENIED, by=user, target=user, address=client_address(request), **told)


def posted(request: HttpRequest) -> QueryDict | None:
    """What the form of a page was sent with, be it nothing at all; None where the page is only looked at."""
    return request.POST if request.method == "POST" else None


def moment(at: datetime | None) -> str:
    return "" if at is None else f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"


def once(field: Callable[[Any, Any], str]) -> Callable[[Any, Any], str]:
    """For a field that costs a query: a form asks for what it shows up to five times over."""

    @wraps(field)
    def shown(desk: Any, row: Any) -> str:
        kept: dict[str, str] = row.__dict__.setdefault("_shown", {})
        if field.__name__ not in kept:
            kept[field.__name__] = field(desk, row)
        return kept[field.__name__]

    return shown


class DayInput(UnfoldAdminTextInputWidget):
    """The browser's own calendar: it speaks the reader's language, and a keyboard reaches it."""

    input_type = "date"

    def format_value(self, value: Any) -> str | None:
        return value.isoformat() if isinstance(value, date) else value


class TimeInput(UnfoldAdminTextInputWidget):
    """To the minute; seconds that are on record stay."""

    input_type = "time"

    def format_value(self, value: Any) -> str | None:
        return value.isoformat("seconds" if value.second else "minutes") if isinstance(value, time) else value

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        if isinstance(value, time) and value.second:
            context["widget"]["attrs"]["step"] = 1
        return context


class MomentInput(UnfoldAdminSplitDateTimeWidget):
    """A day and a time of it, by the browser's own means."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        parts: list[forms.Widget] = [DayInput({"aria-label": _("Date")}), TimeInput({"aria-label": _("Time")})]
        forms.MultiWidget.__init__(self, parts, attrs)

    class Media:
        extend = False


class Listed(ChangeList):
    """unfold's list, without the "all rows" that it offers where all rows were not counted."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.full_result_count = self.result_count


class DeskAdmin(ModelAdmin):
    """A list of rows that a clerk works on. Nothing is deleted here: rows end by a verb that leaves evidence."""

    paginator: Any = BoundedPaginator
    show_full_result_count = False
    list_per_page = 25  # a row costs a millisecond or two
    list_max_show_all = 0
    list_fullwidth = True
    list_filter_submit = True
    actions: Any = None
    warn_unsaved_form = True
    formfield_overrides: Any = {
        DateField: {"widget": DayInput},
        DateTimeField: {"form_class": forms.SplitDateTimeField, "widget": MomentInput},
    }
    region_path: str | None = None  # the lookup that leads to the region of a row
    people_path: str | None = None  # the same where it is a person's, who may have none
    of_the_country = False  # it holds everywhere: a clerk of a region reads it and changes nothing
    change_form_before_template = "admin/meanwhile.html"
    when_empty: Any = _("Nothing is here yet.")  # why the list has no rows, or where they come from

    @display(description=ModelAdmin.action_checkbox.short_description)
    def action_checkbox(self, obj: Any) -> str:
        """Made once and filled in for each row: as a widget it takes a third of a millisecond each."""
        return box(obj.pk)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if self.region_path and clerk(request).region:
            rows = rows_in(rows, self.region_path, clerk(request).region)
        if self.people_path:
            rows = rows.filter(people_of(clerk(request), self.people_path))
        return rows

    def get_ordering(self, request: HttpRequest) -> Any:
        """The few rows of a district are found by the district and then sorted, where they are rare: in the order of an
        index, hoping to meet enough of them, PostgreSQL would read all there are of a kind. A province has so many that
        they are met soon."""
        ordering = super().get_ordering(request)
        narrowed = len(clerk(request).region) == regions.DISTRICT and self.is_rare(request)
        return [sorted_by(name) for name in ordering] if narrowed else ordering

    def is_rare(self, request: HttpRequest) -> bool:
        """Whether a district has so few of the rows asked for that all of them may be read."""
        return bool(self.people_path)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, *args, **kwargs)
        return type(form.__name__, (form, Meanwhile), {"refused": getattr(request, "refused", "")})

    def _changeform_view(self, request: HttpRequest, object_id: Any, form_url: str, extra_context: Any) -> Any:
        """Of two clerks who save one row at the same moment the second waits, and then sees what the first did. What a
        verb refuses, or a constraint of the database, is told on the form, with all that was typed."""
        if request.method == "POST" and object_id:
            with suppress(ValueError, ValidationError):
                key = self.opts.pk.to_python(unquote(object_id))  # type: ignore[union-attr]
                self.hold(key)
        show = super()._changeform_view
        if request.method != "POST":
            return show(request, object_id, form_url, extra_context)
        try:
            with transaction.atomic():
                return show(request, object_id, form_url, extra_context)
        except (DomainError, IntegrityError) as error:  # between looking at it and saving it somebody was first
            request.refused = str(error) if isinstance(error, DomainError) else ""  # type: ignore[attr-defined]
        return show(request, object_id, form_url, extra_context)

    def hold(self, key: Any) -> None:
        """Lock a row until the transaction ends, and before it what verbs lock before it."""
        list(self.model._default_manager.filter(pk=key).select_for_update(no_key=True).values_list("pk"))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from registry.admin import saved_filters

        own = saved_filters.of_list(request, self.opts.label_lower) | {
            "title": self.opts.verbose_name_plural, "only_reads": self.only_reads(request),
        }  # fmt: skip
        return super().changelist_view(request, own | (extra_context or {}))

    def get_action_choices(self, request: HttpRequest, *args: Any) -> list[tuple[str, str]]:
        """The first choice in the reader's language: unfold's catalogue lacks it."""
        return [("", str(_("Choose what to do"))), *super().get_action_choices(request, *args)[1:]]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """What was typed is one beginning, spaces and all, not a word each: names have spaces."""
        whole = search_term.replace('"', " ").strip()
        return super().get_search_results(request, queryset, f'"{whole}"' if " " in whole else whole)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Listed

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        own = {"show_save_and_add_another": False, "only_reads": self.only_reads(request)}
        return super().render_change_form(request, context | own, *args, **kwargs)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Django's, with the names of the fields as the catalogue has them: with a capital no language knows them."""
        told = super().construct_change_message(request, form, formsets, add)
        own = {"changed": {"fields": self.names_of(form, form.changed_data)}}
        return [own if part.get("changed", {}).keys() == {"fields"} else part for part in told]

    def names_of(self, form: Any, fields: Iterable[str]) -> list[str]:
        """What fields of a form are called, untranslated."""
        known = {field.name: getattr(field, "verbose_name", "") for field in self.opts.get_fields()}
        with override(None):
            return [str(known.get(name) or form.fields[name].label or name) for name in fields]

    def only_reads(self, request: HttpRequest) -> bool:
        """Whether this clerk, being of a region, may not change what holds in the whole country."""
        return self.of_the_country and bool(clerk(request).region)

    def may(self, request: HttpRequest, permission: str) -> bool:
        """Whether the clerk may do this here, where a clerk of a region may only read."""
        return clerk(request).has_perm(permission) and not self.only_reads(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not self.only_reads(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and not self.only_reads(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """A row that is not there and a row of another region are the same to a stranger."""
        raise self.no_such_row(request, object_id)

    def no_such_row(self, request: HttpRequest, object_id: str) -> Http404:
        """What a stranger is told; that a row of another region was asked for is on record."""
        if clerk(request).region:
            key = self.opts.pk.to_python  # type: ignore[union-attr]
            try:
                there = self.model._base_manager.filter(pk=key(object_id)).exists()
            except ValidationError:
                there = False
            if there:
                denied(request)
        return Http404()

    def offers(self, deed: str, row: Any) -> bool:
        """Whether a row as it is has a button for a deed. The deed's page stays open to whoever may do it, so that the
        second of two clerks reads that somebody was first."""
        return True

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        row = self.get_object(request, object_id)
        deeds = super().get_actions_detail(request, object_id) if row else []
        return [deed for deed in deeds if self.offers(deed.method.__name__, row)]

    def fetch(self, request: HttpRequest, object_id: str) -> Any:
        obj = self.get_object(request, object_id)
        if obj is None:
            raise self.no_such_row(request, object_id)
        return obj

    @display(description=_("region"))
    def district(self, row: Any) -> str:
        """Its region by name."""
        return regions.called(row.region) or "–"

    def to_only_row(self, request: HttpRequest) -> HttpResponse:
        """The list of a desk with one row leads to it. Raises PermissionDenied for whom may not see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[1]))

    def has_page(self, obj: Model) -> bool:
        """Whether the way over a page may lead to this row: it is kept, and more than a line of a list."""
        return not obj._state.adding and self.list_display_links is not None

    def page_of(self, obj: Model) -> str:
        """The address of a row's page."""
        return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])

    def ask(
        self,
        request: HttpRequest,
        obj: Model,
        form: forms.Form,
        *,
        title: Any,
        text: Any,
        button: Any,
        do: Callable[[dict[str, Any]], HttpResponse | None],
        done: Any = None,
        subject: Any = None,
    ) -> HttpResponse:
        """A page that asks before a deed, with `form` for the reason; after it, back to the row's page and `done` said.
        `subject` names what it is done to where the row's own name does not.

        `do` gets the form's values, calls the verb, and may answer itself; a DomainError is told on the page.
        """
        if request.method == "POST" and form.is_valid() and (answer := self._attempt(request, obj, form, do, done)):
            return answer
        context = self.admin_site.each_context(request) | {
            "title": title, "text": text, "button": button, "form": form, "opts": self.opts, "media": self.media,
            "subject": subject or ("" if obj._state.adding else obj), "object": obj if self.has_page(obj) else None,
            "back": self.page_of(obj),
        }  # fmt: skip
        return TemplateResponse(request, "admin/ask.html", context)

    def _attempt(
        self,
        request: HttpRequest,
        obj: Model,
        form: forms.Form,
        do: Callable[[dict[str, Any]], HttpResponse | None],
        done: Any,
    ) -> HttpResponse | None:
        """What comes of a deed; None where it was refused, which the form tells."""
        try:
            answer = do(form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
            return None
        if done:
            messages.success(request, done)
        return answer or HttpResponseRedirect(self.page_of(obj))


class ReadOnlyAdmin(DeskAdmin):
    """Evidence: nobody adds, changes or deletes it here, superusers included."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Without the way to a history that is always empty: what was done stands in the access log."""
        return super().render_change_form(request, context | {"show_history": False}, *args, **kwargs)


class HistoryAdmin(SimpleHistoryAdmin, DeskAdmin):
    """With the values before and after, for whom may see the row. Nothing is reverted there: a correction is a deed,
    with its own evidence."""

    def revert_disabled(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        self.fetch(request, object_id)
        return super().history_view(request, object_id, extra_context)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """A version, to be read: without the button the page would still save, and asks for no more than to look."""
        self.fetch(request, object_id)
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return super().history_form_view(request, object_id, version_id, extra_context)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget({"rows": 3, "autofocus": True}),
        help_text=_("It is kept in the access log."),
    )


class ConfirmForm(forms.Form):
    """Nothing to fill in: the button is the answer."""
