"""At the counter: verified by an identity card, a pass on paper, the safe number by SMS, whose safe number it is."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget

from registry import issuing, paper
from registry.admin.desk import ConfirmForm, ReasonForm, clerk, evidence, once, posted
from registry.citizens import people
from registry.citizens.people import Document
from registry.errors import DomainError
from registry.models import Citizen
from registry.phone import safe_numbers


class DocumentForm(forms.Form):
    document = forms.ChoiceField(
        label=_("Compared with"),
        choices=[("", _("Select value")), *Document.choices],
        widget=UnfoldAdminSelectWidget({"autofocus": True}),
        help_text=_("The photograph is the person before you; name and birth date are those of the record."),
    )


class AtTheCounter:
    """Deeds and facts of a person's page that need no phone of theirs; mixed into the people desk."""

    admin_site: Any
    media: Any
    opts: Any
    fetch: Any
    ask: Any
    page_of: Any
    lead_to: Any

    deeds = ("verify", "print_paper", "send_safe_number", "void")

    @display(description=_("safe number"))
    @once
    def safe_number(self, citizen: Citizen) -> str:
        safe = safe_numbers.of_number(citizen.phone_index)
        return safe.text if safe else ""

    @display(description=_("paper pass"))
    @once
    def paper(self, citizen: Citizen) -> str:
        newest = citizen.paper_passes.order_by("-printed_at").first()
        if newest is None:
            return ""
        return gettext("Printed on {printed}, good through {until}").format(
            printed=date_format(timezone.localdate(newest.printed_at)), until=date_format(newest.until)
        )

    @display(description=_("family"))
    @once
    def family(self, citizen: Citizen) -> str:
        """Who carries this person's pass, and whose passes this person carries, as links."""
        carried = [(ward.get_relation_display(), ward) for ward in citizen.wards.order_by("created_at")]
        near = [(gettext("Carried by"), citizen.guardian)] if citizen.guardian else carried
        link = '{}: <a class="text-link" href="{}">{}</a>'
        return format_html_join(", ", link, [(what, self.page_of(one), one.masked_name) for what, one in near])

    def has_counter_permission(self, request: HttpRequest, object_id: str) -> bool:
        return clerk(request).has_perm("registry.change_citizen")

    @action(description=_("Verify at the desk"), icon="how_to_reg", permissions=["counter"])
    def verify(self, request: HttpRequest, object_id: str) -> HttpResponse:
        citizen = self.fetch(request, object_id)
        return self.ask(
            request,
            citizen,
            DocumentForm(posted(request)),
            title=_("Verify at the desk"),
            text=_(
                "In place of the phone check, for people without a smartphone, with a landline or a foreign number. It "
                "is as good as a phone check and is due again on the same days."
            ),
            button=_("I have compared them"),
            do=lambda values: (
                people.verify_at_desk(
                    citizen, document=Document(values["document"]), now=timezone.now(), **evidence(request)
                )
                and None
            ),
            done=_("The person is verified."),
        )

    @action(description=_("Print a paper pass"), icon="print", permissions=["counter"])
    def print_paper(self, request: HttpRequest, object_id: str) -> HttpResponse:
        citizen = self.fetch(request, object_id)

        def do(values: dict[str, Any]) -> HttpResponse:
            document = Document(values["document"])
            printed = paper.issue(citizen, document=document, now=timezone.now(), **evidence(request))
            context = {"printed": printed, "svg": printed.as_svg(), "back": self.page_of(citizen), "both": ("ko", "en")}
            return TemplateResponse(request, "admin/registry/citizen/paper.html", context)

        return self.ask(
            request,
            citizen,
            DocumentForm(posted(request)),
            title=_("Print a paper pass"),
            text=_(
                "Good until the pass ends, 31 days at most; without a valid pass it lets in where none is asked for. "
                "It is shown with an identity card. An earlier one stays good: if it was lost, void it first."
            ),
            button=_("Print"),
            do=do,
        )

    @action(description=_("Send the safe number"), icon="sms", permissions=["counter"])
    def send_safe_number(self, request: HttpRequest, object_id: str) -> HttpResponse:
        citizen = self.fetch(request, object_id)
        return self.ask(
            request,
            citizen,
            ConfirmForm(posted(request)),
            title=_("Send the safe number"),
            text=_(
                "Four digits and two letters that the person writes on a paper list in place of the phone number. It "
                "goes by SMS to the number on record, which always has the same one."
            ),
            button=_("Send"),
            do=lambda values: safe_numbers.send(citizen, now=timezone.now(), **evidence(request)) and None,
            done=_("The safe number is on its way."),
        )

    @action(description=_("Void the pass in hand"), icon="block", permissions=["counter"])
    def void(self, request: HttpRequest, object_id: str) -> HttpResponse:
        citizen = self.fetch(request, object_id)
        return self.ask(
            request,
            citizen,
            ReasonForm(posted(request)),
            title=_("Void the pass in hand"),
            text=_(
                "For a lost phone or paper. Every code made until now is refused at the doors. A phone that holds the "
                "pass fetches new ones when it is opened with network; paper has to be printed again."
            ),
            button=_("Void"),
            do=lambda values: issuing.revoke(citizen, by=clerk(request), reason=values["reason"], now=timezone.now()),  # type: ignore[func-returns-value]
            done=_("What was in hand is void."),
        )

    def open_safe_number(self, request: HttpRequest, safe: str) -> HttpResponse:
        """Asks why, then leads to whose safe number it is. It comes by POST, as all that finds a person does."""
        if not clerk(request).has_perm("registry.change_citizen"):
            raise PermissionDenied
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if form.is_valid():
            try:
                found = safe_numbers.open_(safe, reason=form.cleaned_data["reason"], **evidence(request))
                return self.lead_to(found)
            except DomainError as error:
                form.add_error(None, str(error))
        context = self.admin_site.each_context(request) | {
            "title": gettext("Whose safe number it is"), "subject": safe, "hidden": {"text": safe}, "form": form,
            "text": gettext("You are led to the person. That you looked, and why, is kept."),
            "button": gettext("Show whose it is"), "opts": self.opts, "media": self.media,
            "back": reverse("admin:registry_citizen_changelist"),
        }  # fmt: skip
        return TemplateResponse(request, "admin/ask.html", context)
