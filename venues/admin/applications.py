"""What owners apply for: a list with what was checked already, the document, and approve, reject or ask back."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import linebreaksbr
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from registry import regions
from registry.admin import badges
from registry.admin.bulk import ask_for_all
from registry.admin.desk import ConfirmForm, ReadOnlyAdmin, clerk, evidence, moment, posted
from registry.errors import DomainError
from venues import checking, documents, onboarding
from venues.models import Account, Application, Document


class OwnApplication(DomainError):
    code = "own_application"
    status = 403
    message = _("You sent this application yourself: somebody else must decide.")


class QuestionForm(forms.Form):
    text = forms.CharField(
        label=_("Question"),
        max_length=1000,
        widget=UnfoldAdminTextareaWidget({"rows": 4, "autofocus": True}),
        help_text=_("The owner reads it as you write it, and is told by SMS that there is a question."),
    )


class RejectForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget({"rows": 4, "autofocus": True}),
        help_text=_(
            "The owner reads it as you write it: what is missing, and how to do better. Kept in the access log."
        ),
    )


SIGNS = {
    "number": _("business number"),
    "place": _("name or address"),
    "category": _("category"),
    "phone": _("phone"),
}


@badges.counted
def open_count(request: HttpRequest) -> QuerySet[Application]:
    """Applications that wait for this clerk."""
    return Application.objects.filter(status=Application.Status.WAITING, region__startswith=clerk(request).region)


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    """Sent by owners, decided by verbs; nothing is typed over here."""

    region_path = "region"
    list_display = ("venue_name", "kind", "category", "district", "sent_at", "state", "signs")
    list_select_related = ("category",)
    list_filter = ("status", "kind")
    when_empty = _("No application so far. Owners send them from the portal.")
    search_fields = ("venue_name__startswith", "business_number__exact")
    search_help_text = _("Beginning of the venue's name, or the business number (ten digits)")
    ordering = ("-sent_at",)
    sortable_by = ()
    actions_detail = ("approve", "ask_back", "reject")
    actions = ("approve_all", "ask_all_back", "reject_all")
    fieldsets = (
        (None, {"fields": ("status", "kind", "sent_at", "checked")}),
        (
            _("Venue"),
            {"fields": ("venue_name", "name_now", "category", "category_now", "district", "address", "capacity")},
        ),
        (_("Operator"), {"fields": ("operator_name", "number", "proof", "shown_documents")}),
        (_("Applicant"), {"fields": ("applicant_name", "applicant_phone")}),
        (_("What was said"), {"fields": ("said", "decided_at", "decided_by")}),
    )
    readonly_fields = ("checked", "number", "name_now", "category_now", "district", "shown_documents", "applicant_name",
                       "applicant_phone", "said")  # fmt: skip

    @display(
        description=_("status"),
        label={"waiting": "warning", "asked": "info", "approved": "success", "rejected": "danger", "withdrawn": ""},
    )
    def state(self, application: Application) -> tuple[str, Any]:
        return application.status, application.get_status_display()

    @display(description=_("to look at"))
    def signs(self, application: Application) -> str:
        """What was found without a clerk, of those that still wait."""
        found = checking.signs(application) if application.is_open else []
        return ", ".join(str(SIGNS[sign]) for sign in found) or "–"

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """With the signs of a page's rows, in its one query."""
        changes = super().get_changelist_instance(request)
        changes.result_list = checking.with_signs(changes.result_list)
        return changes

    @display(description=_("business registration number"))
    def number(self, application: Application) -> str:
        return application.written_number or "–"

    @display(description=_("district"))
    def district(self, application: Application) -> str:
        return regions.called(application.region)

    @display(description=_("called so far"))
    def name_now(self, application: Application) -> str:
        return application.venue.name if application.venue else "–"

    @display(description=_("category in force"))
    def category_now(self, application: Application) -> str:
        return str(application.venue.category) if application.venue else "–"

    @display(description=_("name"))
    def applicant_name(self, application: Application) -> str:
        account = self._account(application)
        return f"{account.name} ({application.applicant.username})" if account else application.applicant.username

    @display(description=_("phone, proven by a code"))
    def applicant_phone(self, application: Application) -> str:
        account = self._account(application)
        return f"{account.masked_phone} · {moment(account.proven_at)}" if account else "–"

    def _account(self, application: Application) -> Account | None:
        return Account.objects.filter(user=application.applicant_id).first()

    @display(description=_("checked without you"))
    def checked(self, application: Application) -> str:
        lines = _findings(application, checking.check(application, today=timezone.localdate()))
        rows = format_html_join("", "<li>{} {}</li>", (("✓" if fine else "⚠", line) for fine, line in lines))
        return format_html("<ul>{}</ul>", rows)

    @display(description=_("documents"))
    def shown_documents(self, application: Application) -> str:
        """Photos are shown, PDFs can be downloaded; either is on record as looked at."""
        found = [(document, self._address(document)) for document in application.documents.order_by("at")]
        if not found:
            return "–"
        return format_html_join(
            "",
            '<p class="desk-document"><a class="text-link" href="{}">{} · {} · {} kB</a>{}</p>',
            (
                (address, document.get_kind_display(), moment(document.at), -(-document.size // 1024),
                 format_html('<br><img src="{}" alt="{}" class="desk-document__picture">', address, gettext("Document"))
                 if document.kind == Document.Kind.IMAGE else "")
                for document, address in found
            ),
        )  # fmt: skip

    @display(description=_("questions and answers"))
    def said(self, application: Application) -> str:
        rows = [
            (remark.get_kind_display(), moment(remark.at), remark.by.username, linebreaksbr(remark.text))
            for remark in application.remarks.select_related("by")
        ]
        return format_html_join("", "<p><strong>{}</strong> · {} · {}<br>{}</p>", rows) or "–"

    def _address(self, document: Document) -> str:
        return reverse("admin:venues_application_document", args=[document.application_id, document.pk])

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.document)
        name = "venues_application_document"
        return [path("<path:object_id>/documents/<uuid:key>/", view, name=name), *super().get_urls()]

    def document(self, request: HttpRequest, object_id: str, key: Any) -> HttpResponse:
        """The file, to be kept out of any page: never rendered, never run, never kept in a cache."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        application = self.fetch(request, object_id)
        document = get_object_or_404(Document, application=application, pk=key)
        try:
            data = documents.look(document, **evidence(request))
        except DomainError as error:
            return HttpResponse(str(error), status=error.status, content_type="text/plain; charset=utf-8")
        headers = {
            "Content-Disposition": f'attachment; filename="{document.file_name}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
        return HttpResponse(data, content_type=document.content_type, headers=headers)

    def _may_decide(self, request: HttpRequest, object_id: str) -> bool:
        """Nobody decides about what they applied for themselves."""
        application = self.get_object(request, object_id)
        others = application is None or application.applicant_id != clerk(request).pk
        return others and request.user.has_perm("venues.change_application")

    def offers(self, deed: str, row: Application) -> bool:
        return row.is_open

    has_approve_permission = has_reject_permission = has_ask_back_permission = _may_decide

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("venues.change_application")

    def _others(self, request: HttpRequest, application: Application) -> Application:
        """Raises OwnApplication: nobody decides about what they applied for themselves, not among many either."""
        if application.applicant_id == clerk(request).pk:
            raise OwnApplication
        return application

    def _decide_all(
        self, request: HttpRequest, rows: Any, form: type[forms.Form], verb: Callable[..., Any], **words: Any
    ) -> HttpResponse | None:
        """One verb of venues.onboarding for all the chosen; what it is told is what the form asks for."""

        def do(application: Application, values: dict[str, Any]) -> None:
            verb(self._others(request, application), now=timezone.now(), **values, **evidence(request))

        return ask_for_all(self, request, rows, form, do=do, **words)

    @action(description=_("Approve the chosen"), permissions=["decide"])
    def approve_all(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return self._decide_all(
            request,
            queryset,
            ConfirmForm,
            onboarding.approve,
            deed="approve_all",
            title=_("Approve the chosen applications"),
            text=_("The venues appear in their owners' portals at once, and the owners are told by SMS."),
            button=_("Approve all"),
            done=lambda number: ngettext("{n} approved.", "{n} approved.", number).format(n=number),
        )

    @action(description=_("Ask the owners of the chosen"), permissions=["decide"])
    def ask_all_back(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return self._decide_all(
            request,
            queryset,
            QuestionForm,
            onboarding.ask_back,
            deed="ask_all_back",
            title=_("Ask the owners of the chosen applications"),
            text=_("Each owner gets the same question. The applications wait; you can still decide them."),
            button=_("Send the question to all"),
            done=lambda number: ngettext("{n} question sent.", "{n} questions sent.", number).format(n=number),
        )

    @action(description=_("Reject the chosen"), permissions=["decide"])
    def reject_all(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return self._decide_all(
            request,
            queryset,
            RejectForm,
            onboarding.reject,
            deed="reject_all",
            title=_("Reject the chosen applications"),
            text=_("Each owner reads the same reason and can apply anew."),
            button=_("Reject all"),
            done=lambda number: ngettext("{n} rejected.", "{n} rejected.", number).format(n=number),
        )

    def _decide(
        self, request: HttpRequest, application: Application, form: type[forms.Form], verb: Callable[..., Any],
        **words: Any,
    ) -> HttpResponse:  # fmt: skip
        """The same for one."""

        def do(values: dict[str, Any]) -> None:
            verb(application, now=timezone.now(), **values, **evidence(request))

        return self.ask(request, application, form(posted(request)), do=do, **words)

    @action(description=_("Approve"), icon="check", permissions=["approve"])
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        application = self.fetch(request, object_id)
        return self._decide(
            request,
            application,
            ConfirmForm,
            onboarding.approve,
            title=_("Approve the application"),
            text=_APPROVAL[application.kind],
            button=_("Approve"),
            done=_("The application is approved."),
        )

    @action(description=_("Ask back"), icon="help", permissions=["ask_back"])
    def ask_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request,
            self.fetch(request, object_id),
            QuestionForm,
            onboarding.ask_back,
            title=_("Ask the owner"),
            text=_("The application waits for the answer; you can still decide it."),
            button=_("Send the question"),
            done=_("The question is sent."),
        )

    @action(description=_("Reject"), icon="block", permissions=["reject"])
    def reject(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request,
            self.fetch(request, object_id),
            RejectForm,
            onboarding.reject,
            title=_("Reject the application"),
            text=_("The owner reads the reason and can apply anew."),
            button=_("Reject"),
            done=_("The application is rejected."),
        )


_APPROVAL = {
    Application.Kind.VENUE: _("The venue appears in the owner's portal at once, and the owner is told by SMS."),
    Application.Kind.CATEGORY: _("The new category is in force at once, and the owner is told by SMS."),
    Application.Kind.NAME: _("The venue is called so at once, and the owner is told by SMS."),
}


def _findings(application: Application, checks: checking.Checks) -> list[tuple[bool, str]]:
    """What was checked, in words, and whether it is fine."""
    found: list[tuple[bool, str]] = []
    if application.business_number:
        found.append((True, gettext("The digits of the business number fit together.")))
        number_of = checks.number_of
        owner = (
            gettext("The number belongs to the operator “{name}” already.").format(name=number_of) if number_of else ""
        )
        found.append((not number_of, owner or gettext("No other operator has this number.")))
    else:
        found.append((False, gettext("No business number: the document is all there is.")))
    waiting = ", ".join(f"{each.pk} {each.venue_name}" for each in checks.same_number)
    if waiting:
        found.append((False, gettext("The same number stands in other open applications: {list}").format(list=waiting)))
    places = [f"{venue.name} ({venue.address})" for venue in checks.same_place]
    places += [f"{each.venue_name} ({each.address})" for each in checks.same_place_waiting]
    same = gettext("The same name or address in this district: {list}").format(list=", ".join(places))
    found.append((not places, same if places else gettext("No venue of this name or address in the district.")))
    other = checks.sounds_like
    found.append((not other, gettext("The name speaks of another category: {category}.").format(category=other) if other
                  else gettext("Nothing in the name speaks against the category.")))  # fmt: skip
    proven = gettext("The applicant's phone was proven by a code on {day}.").format(day=moment(checks.proven_at)[:10])
    found.append((bool(checks.proven_at), proven if checks.proven_at
                  else gettext("The applicant has proven no phone number.")))  # fmt: skip
    asks = gettext("This category asks for a pass today.") if checks.asks else gettext(
        "This category asks for no pass today, only for an entry.")  # fmt: skip
    found.append((True, asks + (" " + gettext("A guest without a pass may sit alone.") if checks.alone else "")))
    return found
