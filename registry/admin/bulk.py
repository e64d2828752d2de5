"""One deed for many rows of a list: asked once, with one reason, done row by row. What fails is told by its row, and
holds up no other."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from registry.errors import DomainError

AT_ONCE = 100


def ask_for_all(
    desk: Any, request: HttpRequest, rows: Any, form: Callable[[Any], forms.Form], *, deed: str, title: Any, text: Any,
    button: Any, do: Callable[[Any, dict[str, Any]], Any], done: Callable[[int], str],
) -> HttpResponse | None:  # fmt: skip
    """The page that asks before the deed `deed` (an action of the list), and after it back to the list.

    `do` gets a row and the form's values and calls the verb; `done` says how many were done.
    """
    chosen = list(rows[: AT_ONCE + 1])
    if len(chosen) > AT_ONCE:
        messages.error(request, _("Choose at most {number} at once.").format(number=AT_ONCE))
        return None
    asked = form(request.POST if "confirmed" in request.POST else None)
    if asked.is_bound and asked.is_valid():
        _do(request, chosen, asked.cleaned_data, do, done)
        return None
    hidden = [(ACTION_CHECKBOX_NAME, str(row.pk)) for row in chosen] + [("action", deed), ("confirmed", "yes")]
    context = desk.admin_site.each_context(request) | {
        "title": title, "text": text, "button": button, "form": asked, "opts": desk.opts, "media": desk.media,
        "chosen": chosen, "pairs": hidden,
        "back": reverse(f"admin:{desk.opts.app_label}_{desk.opts.model_name}_changelist"),
    }  # fmt: skip
    return TemplateResponse(request, "admin/ask_for_all.html", context)


def _do(
    request: HttpRequest, rows: list[Any], values: dict[str, Any], do: Callable[[Any, dict[str, Any]], Any],
    done: Callable[[int], str],
) -> None:  # fmt: skip
    failed = 0
    for row in rows:
        try:
            do(row, values)
        except DomainError as error:
            failed += 1
            messages.error(request, f"{row}: {error}")
    if len(rows) > failed:
        messages.success(request, done(len(rows) - failed))
