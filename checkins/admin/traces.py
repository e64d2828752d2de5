"""The desk of traces: asking, how far the work is, the result for the two, and what is done with it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Exists, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from checkins.traces import Finding, Trace
from checkins.tracing import asking, exporting, notices, results
from checkins.tracing.forms import ExportForm, PersonForm, VenueForm, first_days
from registry import approvals
from registry.admin.desk import ReadOnlyAdmin, ReasonForm, clerk, evidence, posted
from registry.admin.jobs import bar, moved
from registry.errors import DomainError
from venues.models import Venue

STATES = {
    "asked": _("Waits for a second person"), "refused": _("Refused"),
    "withdrawn": pgettext_lazy("request", "Withdrawn"),
    "under_way": _("Under way"), "open": _("Result is there"), "over": _("Result destroyed"),
}  # fmt: skip
LABELS = {"asked": "warning", "refused": "danger", "under_way": "info", "open": "success"}


@admin.register(Trace)
class TraceAdmin(ReadOnlyAdmin):
    list_display = ("case_number", "question", "window_shown", "asked_by", "asked_at", "standing", "closes_at")
    list_display_links = ("case_number",)
    list_select_related = ("venue", "asked_by")
    search_fields = ("case_number",)
    search_help_text = _("Case number")
    ordering = ("-asked_at",)
    sortable_by = ()
    when_empty = _(
        "Nothing was traced yet. Ask “Where a person was” or “Who was at a venue”, above: a second person grants it "
        "before anything is looked up."
    )
    actions_list = ("ask_person", "ask_venue")
    actions_detail = ("result", "notify", "export")
    fields = (
        "case_number", ("question", "subject"), ("window_shown", "assumed_shown"), "may_export", "reason",
        ("asked_by", "asked_at"), ("granted_by", "granted_at"),
        "state_shown", "progress", "gone", "closes_at", "sending",
    )  # fmt: skip
    readonly_fields = (
        "question", "subject", "window_shown", "assumed_shown", "state_shown", "progress", "gone", "sending",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Trace]:
        """With what became of the request; a region's clerk sees those they are one of the two of, or may decide."""
        rows, user = Trace.objects.annotate(asking=approvals.asking(asking.DEED, Trace)), clerk(request)
        if user.region:
            mine = Q(asked_by=user) | Q(granted_by=user) | Q(venue__region__startswith=user.region)
            rows = rows.filter(mine | Exists(approvals.about(Trace).filter(deed=asking.DEED).within(user)))
        return rows

    def get_urls(self) -> list[Any]:
        view, own = self.admin_site.admin_view, "<uuid:object_id>"
        return [
            path(f"{own}/found/<int:number>/", view(self.reveal), name="checkins_trace_reveal"),
            path(f"{own}/progress/<slug:work>/", view(self.progress_fragment), name="checkins_trace_progress"),
            *super().get_urls(),
        ]

    # --- what is shown

    @display(description=_("question"))
    def question(self, trace: Trace) -> str:
        return str(trace.get_kind_display())

    @display(description=_("person or venue"))
    def subject(self, trace: Trace) -> str:
        return asking.subject_of(trace)

    @display(description=_("time"))
    def window_shown(self, trace: Trace) -> str:
        return trace.window

    @display(description=_("Stay assumed, in minutes"))
    def assumed_shown(self, trace: Trace) -> int:
        return trace.assumed_minutes

    @display(description=_("state"), label=LABELS)
    def standing(self, trace: Trace) -> tuple[str, Any]:
        if trace.found_at or trace.wiped_at:
            state = "open" if trace.is_open(timezone.now()) else "over"
        else:
            state = "under_way" if trace.granted_at else getattr(trace, "asking", "asked")
        return state, STATES.get(state, "")

    @display(description=_("state"))
    def state_shown(self, trace: Trace) -> str:
        return str(self.standing(trace)[1])

    @display(description=_("work"))
    def progress(self, trace: Trace) -> str:
        return bar(trace.job, self._asks(trace, "job")) if trace.job else "–"

    @display(description=_("messages"))
    def sending(self, trace: Trace) -> str:
        return bar(trace.notices, self._asks(trace, "notices")) if trace.notices else "–"

    def _asks(self, trace: Trace, work: str) -> str:
        return reverse("admin:checkins_trace_progress", args=[trace.pk, work])

    def progress_fragment(self, request: HttpRequest, object_id: Any, work: str) -> HttpResponse:
        """How far a trace's own work is, `job` or `notices`, for whoever may see the trace."""
        trace = self.fetch(request, str(object_id))
        job = getattr(trace, work) if work in ("job", "notices") else None
        if job is None or not self.has_view_permission(request, trace):
            raise Http404
        return moved(job, request.path)

    @display(description=_("destroyed days"))
    def gone(self, trace: Trace) -> str:
        return trace.gone_shown or "–"

    # --- asking

    def has_ask_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("checkins.add_trace")

    @action(description=_("Where a person was"), icon="person_search", permissions=["ask"], url_path="ask-person")
    def ask_person(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        who = evidence(request)

        def do(values: dict[str, Any]) -> HttpResponse:
            citizen = asking.find_person(values.pop("person"), **who)
            first, last = values.pop("first_day"), values.pop("last_day")
            return self._asked(asking.ask_where(citizen, first, last, now=now, **values, **who))

        form = PersonForm(posted(request), initial=first_days(now))
        return self._question(request, form, _("Where was a person?"), do)

    @action(description=_("Who was at a venue"), icon="groups", permissions=["ask"], url_path="ask-venue")
    def ask_venue(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()

        def do(values: dict[str, Any]) -> HttpResponse:
            venue, since, until = values.pop("venue"), values.pop("since"), values.pop("until")
            return self._asked(asking.ask_who(venue, since, until, now=now, **values, **evidence(request)))

        known = {name: request.GET.get(name, "") for name in ("venue", "since", "until", "case_number")}
        form = VenueForm(posted(request), initial=known, venues=Venue.objects.in_region(clerk(request).region))
        return self._question(request, form, _("Who was at a venue?"), do)

    def _question(self, request: HttpRequest, form: Any, title: Any, do: Any) -> HttpResponse:
        text = _(
            "Nothing is looked up until a second investigator has granted it. Then you two see what was found, "
            "for a limited time. Everybody found reads on their own page that it was for contact tracing."
        )
        button = _("Ask a second person")
        return self.ask(request, Trace(), form, title=title, text=text, button=button, do=do)

    def _asked(self, trace: Trace) -> HttpResponse:
        return HttpResponseRedirect(self.page_of(trace))

    def page_of(self, obj: Any) -> str:
        return reverse("admin:checkins_trace_changelist") if obj._state.adding else super().page_of(obj)

    # --- the result

    def has_two_permission(self, request: HttpRequest, object_id: str) -> bool:
        row = self.get_object(request, object_id)
        may = request.user.has_perm("checkins.change_trace")
        return row is not None and may and clerk(request).pk in (row.asked_by_id, row.granted_by_id)

    def offers(self, deed: str, row: Trace) -> bool:
        if (deed == "export" and not row.may_export) or (deed == "notify" and row.kind != Trace.Kind.VENUE):
            return False
        return row.is_open(timezone.now())

    @action(description=_("Look at the result"), icon="visibility", permissions=["two"])
    def result(self, request: HttpRequest, object_id: str) -> HttpResponse:
        trace = self.fetch(request, object_id)
        try:
            found = results.look(trace, now=timezone.now(), page=request.GET.get("page", 1), **evidence(request))
        except DomainError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self.page_of(trace))
        context = self.admin_site.each_context(request) | {
            "title": gettext("Result of the trace"), "object": trace, "opts": self.opts, "found": found,
            "words": asking.in_words(trace), "back": self.page_of(trace), "told": results.told(trace),
        }  # fmt: skip
        return TemplateResponse(request, "admin/checkins/trace_result.html", context)

    def _page_of_result(self, trace: Trace, page: str) -> str:
        address = reverse("admin:checkins_trace_result", args=[trace.pk])
        return f"{address}?page={page}" if page.isdecimal() else address

    def reveal(self, request: HttpRequest, object_id: Any, number: int) -> HttpResponse:
        trace = self.fetch(request, str(object_id))
        if not self.has_two_permission(request, str(object_id)):
            raise self.no_such_row(request, str(object_id))
        finding = get_object_or_404(Finding.objects.select_related("trace"), trace=trace, number=number)

        def do(values: dict[str, Any]) -> HttpResponse:
            clear = results.reveal(finding, reason=values["reason"], now=timezone.now(), **evidence(request))
            context = self.admin_site.each_context(request) | {
                "title": gettext("Person in clear"), "object": trace, "opts": self.opts, "clear": clear,
                "back": f"{self._page_of_result(trace, request.GET.get('page', ''))}#found-{number}",
            }  # fmt: skip
            return TemplateResponse(request, "admin/checkins/trace_revealed.html", context)

        return self.ask(
            request,
            trace,
            ReasonForm(posted(request)),
            title=_("Show one person of the result"),
            text=_("Name, birth date and number are shown once. That you looked and why is kept."),
            button=_("Show"),
            do=do,
        )

    @action(description=_("Notify by SMS"), icon="sms", permissions=["two"])
    def notify(self, request: HttpRequest, object_id: str) -> HttpResponse:
        trace = self.fetch(request, object_id)

        def do(values: dict[str, Any]) -> None:
            notices.send(trace, reason=values["reason"], now=timezone.now(), **evidence(request))

        return self.ask(
            request,
            trace,
            ReasonForm(posted(request)),
            title=_("Notify those concerned"),
            text=_("Everybody found who has a number and was not told yet gets one SMS, in Korean and English, that "
                   "names neither the case nor the venue. It cannot be called back."),
            button=_("Send the messages"),
            do=do,
            done=_("The messages are on their way. The result shows what became of each."),
        )  # fmt: skip

    @action(description=_("Export"), icon="download", permissions=["two"])
    def export(self, request: HttpRequest, object_id: str) -> HttpResponse:
        trace, now = self.fetch(request, object_id), timezone.now()

        def do(values: dict[str, Any]) -> HttpResponse:
            told = {"passphrase": values["passphrase"], "reason": values["reason"]}
            content = exporting.encrypted(trace, now=now, **told, **evidence(request))
            name = f"munjigi-trace-{timezone.localtime(now):%Y%m%d-%H%M}.zip"
            headers = {"Content-Disposition": f'attachment; filename="{name}"'}
            return HttpResponse(content, content_type="application/zip", headers=headers)

        return self.ask(
            request,
            trace,
            ExportForm(posted(request)),
            title=_("Export the result"),
            text=_("A ZIP file, encrypted with AES-256, with everybody found in clear. 7-Zip or Bandizip opens it."),
            button=_("Download"),
            do=do,
        )
