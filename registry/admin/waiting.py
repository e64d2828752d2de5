"""The list of what waits for a registrar, oldest first, each with its age and who has taken it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from registry.admin import badges
from registry.admin.desk import clerk, evidence
from registry.citizens import requests, waiting
from registry.errors import DomainError

WHOSE = [("", _("All")), (waiting.NOBODYS, _("Taken by nobody")), (waiting.MINE, pgettext_lazy("what waits", "Mine"))]


@badges.counted
def open_count(request: HttpRequest) -> QuerySet[Any]:
    """What waits for this clerk."""
    first, second = (rows.values_list("opened_at") for rows in waiting.open_for(clerk(request)))
    return first.union(second, all=True)


class Waiting:
    """Mixed into the desk of requests, beside whose list it stands."""

    admin_site: Any
    opts: Any

    def waiting_urls(self) -> list[Any]:
        take = self.admin_site.admin_view(require_POST(self.take_waiting))
        return [
            path("waiting/", self.admin_site.admin_view(self.waiting), name="registry_waiting"),
            path("waiting/<slug:model>/<str:key>/take/", take, name="registry_waiting_take"),
        ]

    def waiting(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perms(("registry.view_request", "registry.view_review")):
            raise PermissionDenied
        kind = request.GET.get("kind", "") if request.GET.get("kind") in waiting.KINDS else ""
        whose, number = request.GET.get("whose", ""), _number(request.GET.get("page", ""))
        page = waiting.page_for(clerk(request), kind=kind, whose=whose, number=number)
        context = self.admin_site.each_context(request) | {
            "title": gettext("What waits"), "opts": self.opts, "now": timezone.now(),
            "rows": [(row, _page_of(row), row._meta.model_name) for row in page.rows],
            "kinds": _choices([("", _("All")), *waiting.KINDS.items()], kind, "kind", whose=whose),
            "whose": _choices(WHOSE, whose, "whose", kind=kind),
            "newer": page.more and _query(kind=kind, whose=whose, page=number + 1),
            "older": number and _query(kind=kind, whose=whose, page=number - 1),
        }  # fmt: skip
        return TemplateResponse(request, "admin/registry/request/waiting.html", context)

    def take_waiting(self, request: HttpRequest, model: str, key: str) -> HttpResponse:
        """In one press from the list, to its page."""
        found = {rows.model._meta.model_name: rows for rows in waiting.open_for(clerk(request))}
        if model not in found:
            raise Http404
        if not request.user.has_perm(f"registry.change_{model}"):
            raise PermissionDenied
        try:
            row: Any = get_object_or_404(found[model], pk=key)
        except (ValueError, ValidationError) as error:
            raise Http404 from error
        try:
            requests.take(row, now=timezone.now(), **evidence(request))
        except DomainError as error:
            messages.warning(request, str(error))
        return HttpResponseRedirect(_page_of(row))


def _page_of(row: Any) -> str:
    return reverse(f"admin:registry_{row._meta.model_name}_change", args=[row.pk])


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 else 0


def _query(**values: Any) -> str:
    return "?" + urlencode({name: value for name, value in values.items() if value})


def _choices(choices: list[tuple[str, Any]], chosen: str, name: str, **others: str) -> list[tuple[str, Any, bool]]:
    """Address, label, and whether it is the one that is shown."""
    return [(_query(**{name: value}, **others), label, value == chosen) for value, label in choices]
