"""Who may do what: each role's deeds in words, as the table of permissions has them, and the clerks who have it."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.clerks.roles import PERMISSIONS
from registry.models import Role, User

DEEDS = {
    "view": gettext_lazy("looks"),
    "add": gettext_lazy("adds"),
    "change": gettext_lazy("changes"),
    "delete": gettext_lazy("removes"),
}
MEANS = {
    Role.REGISTRAR: gettext_lazy("People and their pass records, at the desk and on the phone."),
    Role.VENUE_OFFICER: gettext_lazy("Venues, operators and scanners, and the applications of owners."),
    Role.POLICY_MAKER: gettext_lazy("What makes a pass valid and which venues ask for one."),
    Role.INVESTIGATOR: gettext_lazy("The entry log, and contact traces."),
    Role.AUDITOR: gettext_lazy("Reads what was done; changes nothing but signs the monthly review."),
    Role.SERVICE: gettext_lazy("SMS, gate, outages, keys, and accounts with a second person."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """What one kind of thing is called, and for each role what it does with it."""

    about: str
    cells: list[str]


def table() -> list[Row]:
    """One row for each kind of thing that any role may touch, in the order of the roles."""
    found: dict[str, dict[Role, list[str]]] = defaultdict(lambda: defaultdict(list))
    for role, names in PERMISSIONS.items():
        for name in names:
            app, _dot, codename = name.partition(".")
            deed, _line, model = codename.partition("_")
            found[f"{app}.{model}"][role].append(_in_words(deed))
    rows = [Row(_called(name), [", ".join(by_role.get(role, [])) for role in Role]) for name, by_role in found.items()]
    return sorted(rows, key=lambda row: row.about)


def _in_words(deed: str) -> str:
    return str(DEEDS.get(deed, deed))


def _called(name: str) -> str:
    try:
        return str(apps.get_model(name)._meta.verbose_name_plural)
    except LookupError:
        return name


def who_may_do_what(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("registry.view_user"):
        raise PermissionDenied
    clerks: dict[str, list[User]] = defaultdict(list)
    people = User.objects.filter(is_staff=True, is_active=True).prefetch_related("groups").order_by("username")
    for user in people:
        for role in user.roles:
            clerks[role].append(user)
    context: dict[str, Any] = admin.site.each_context(request) | {
        "title": _("Who may do what"),
        "roles": [{"name": role.label, "means": MEANS[role], "clerks": clerks[role]} for role in Role],
        "rows": table(),
        "without": [user for user in people if not user.roles and not user.is_superuser],
        "superusers": [user for user in people if user.is_superuser],
    }
    return TemplateResponse(request, "admin/registry/roles.html", context)
