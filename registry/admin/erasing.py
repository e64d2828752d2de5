"""Erasing a person: what goes and what stays first, then the reason; with pass records a second person is asked."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from registry.admin.desk import ReasonForm, evidence, posted
from registry.citizens import erasing
from registry.errors import DomainError


class Erasing:
    """Mixed into the people desk."""

    admin_site: Any
    media: Any
    opts: Any
    fetch: Any
    page_of: Any

    def has_erase_permission(self, request: HttpRequest, object_id: str) -> bool:
        return request.user.has_perm("registry.delete_citizen")

    @action(description=_("Erase the person"), icon="person_remove", permissions=["erase"])
    def erase(self, request: HttpRequest, object_id: str) -> HttpResponse:
        citizen = self.fetch(request, object_id)
        form = ReasonForm(posted(request))
        if request.method == "POST" and form.is_valid():
            try:
                approval = erasing.erase_or_ask(
                    citizen, reason=form.cleaned_data["reason"], now=timezone.now(), **evidence(request)
                )
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                if approval is None:
                    messages.success(request, _("The person is erased."))
                    return HttpResponseRedirect(reverse("admin:registry_citizen_changelist"))
                messages.success(request, _("A second person is asked. Until then everything stays as it is."))
                return HttpResponseRedirect(self.page_of(citizen))
        preview = erasing.preview(citizen)
        context = self.admin_site.each_context(request) | {
            "title": gettext("Erase the person"), "object": citizen, "preview": preview, "form": form,
            "goes": _goes(preview), "opts": self.opts, "media": self.media, "back": self.page_of(citizen),
        }  # fmt: skip
        return TemplateResponse(request, "admin/registry/citizen/erase.html", context)


def _goes(preview: erasing.Preview) -> list[tuple[Any, int]]:
    return [
        (_("Pass records"), preview.records),
        (_("Versions of them in the history"), preview.versions),
        (_("Requests with answers"), preview.requests),
        (_("Items to look at"), preview.items),
        (_("Phones that hold the pass"), preview.phones),
        (_("Paper passes"), preview.paper),
    ]
