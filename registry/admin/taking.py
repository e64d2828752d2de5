"""Taking what waits, so that no two clerks do the same; for requests and for items."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from registry.admin.desk import ConfirmForm, clerk, evidence, posted
from registry.citizens import requests


class Taking:
    """Mixed into the desks of what waits; their models have `taken_by` and `closed_at`."""

    fetch: Any
    ask: Any
    page_of: Any
    change: str  # the permission

    @display(description=_("state"), label={"open": "warning", "taken": "info", "closed": "success"})
    def state(self, row: Any) -> tuple[str, Any]:
        if row.closed_at:
            return "closed", _("Answered")
        return ("taken", _("Taken")) if row.taken_by_id else ("open", _("Waits"))

    def has_take_permission(self, request: HttpRequest, object_id: str) -> bool:
        return request.user.has_perm(self.change)

    def offers(self, deed: str, row: Any) -> bool:
        if row.closed_at:
            return False
        return {"take": row.taken_by_id is None, "let_go": row.taken_by_id is not None}.get(deed, True)

    @action(description=_("Take it"), icon="back_hand", permissions=["take"])
    def take(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.fetch(request, object_id)
        return self.ask(  # by POST, as all that changes something
            request,
            row,
            ConfirmForm(posted(request)),
            title=_("Take it"),
            text=_("It stands as yours in the list of what waits, so that nobody else begins with it."),
            button=_("Take it"),
            do=lambda values: requests.take(row, now=timezone.now(), **evidence(request)),  # type: ignore[func-returns-value]
            done=_("It is yours."),
        )

    @action(description=_("Let it go"), icon="undo", permissions=["take"])
    def let_go(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.fetch(request, object_id)
        whose = row.taken_by
        return self.ask(
            request,
            row,
            ConfirmForm(posted(request)),
            title=_("Let it go"),
            text=_("Anybody may take it then. {who} has it now.").format(who=whose.username if whose else "–"),
            button=_("Let it go"),
            do=lambda values: requests.let_go(row, **evidence(request)),  # type: ignore[func-returns-value]
            done=_("It waits for somebody again."),
        )


def others(request: HttpRequest, row: Any) -> str:
    """That another clerk has taken it, to be told before a deed; empty where nobody else has."""
    if row.taken_by_id in (None, clerk(request).pk):
        return ""
    return gettext("{who} has taken this.").format(who=row.taken_by.username) + " "
