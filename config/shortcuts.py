"""The desk's keys: which leads where, for the script that listens and for the page that lists them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

GO = (  # pressed one after the other: the keys, where they lead, and to whom
    ("g h", _("Home"), "index", ""),
    ("g p", _("People"), "registry_citizen_changelist", "registry.view_citizen"),
    ("g r", _("Pass records"), "registry_passrecord_changelist", "registry.view_passrecord"),
    ("g i", _("Items to look at"), "registry_review_changelist", "registry.view_review"),
    ("g q", _("Requests of citizens"), "registry_request_changelist", "registry.view_request"),
    ("g a", _("Applications"), "venues_application_changelist", "venues.view_application"),
    ("g v", _("Venues"), "venues_venue_changelist", "venues.view_venue"),
    ("g b", _("Approvals"), "registry_approval_changelist", "registry.view_approval"),
    ("g w", _("Work in the background"), "registry_job_changelist", "registry.view_job"),
    ("g y", _("Policy versions"), "registry_policyversion_changelist", "registry.view_policyversion"),
    ("g e", _("Entries"), "checkins_entry_changelist", "checkins.view_entry"),
    ("g s", _("SMS"), "registry_provider_changelist", "registry.view_provider"),
    ("g l", _("Access log"), "registry_event_changelist", "registry.view_event"),
)
HERE = (  # on the page at hand; static/js/admin/shortcuts.js knows what they do
    ("/", _("To the search of this page")),
    ("j", _("To the next row of a list")),
    ("k", _("To the row before")),
    ("Enter", _("Open the row")),
    ("n", _("Add a new one, where this list lets you")),
    ("f", _("Filters")),
    ("Ctrl + S", _("Save the form")),
    ("?", _("This page")),
)


def of(request: HttpRequest) -> dict[str, str]:
    """Where keys lead on every page, for the script."""
    may = request.user.has_perm  # type: ignore[union-attr]
    found = {
        keys: reverse(f"admin:{name}") for keys, _title, name, permission in GO if not permission or may(permission)
    }
    return found | {"?": reverse("admin:keyboard")}


def page(request: HttpRequest) -> HttpResponse:
    """All keys of this clerk."""
    leading = of(request)
    context: dict[str, Any] = admin.site.each_context(request) | {
        "title": text("Keyboard"),
        "here": HERE,
        "go": [(keys, title, leading[keys]) for keys, title, _name, _permission in GO if keys in leading],
    }
    return TemplateResponse(request, "admin/keyboard.html", context)
