"""What unfold makes anew for each row of a list, made once: headers for a list, icons and boxes for a process."""

from collections.abc import Callable, Iterable
from functools import cache, lru_cache, wraps
from typing import Any

import unfold.utils
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.utils.functional import Promise
from django.utils.html import conditional_escape, escape
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from unfold.admin import checkbox
from unfold.templatetags import unfold_list

KEY = "key-of-the-row"
STATES = 1024  # kept, of all lists and languages


def box(key: Any) -> str:
    """The box by which a row is chosen for an action."""
    return mark_safe(_box(get_language()).replace(KEY, escape(key)))  # noqa: S308 -- the widget's, with an escaped key


@cache
def _box(_language: str | None) -> str:
    return checkbox.render(ACTION_CHECKBOX_NAME, KEY)


def _once_a_list(headers: Callable[[Any], Iterable[dict[str, Any]]]) -> Callable[[Any], Any]:
    @wraps(headers)
    def of_list(cl: Any) -> Any:
        if "_headers" not in vars(cl):
            cl._headers = tuple(header | {"text": conditional_escape(header["text"])} for header in headers(cl))
        return cl._headers

    return of_list


def _with_filters(context: dict[str, Any], url: str) -> str:
    """A row's address with the way back to the list as it was narrowed. Django's function says the same, and looks up
    first what each address leads to."""
    return f"{url}?{context['preserved_filters']}" if context["preserved_filters"] else url


def _once_a_language(icon: Callable[[Any], str]) -> Callable[[Any], str]:
    made = cache(lambda value, _language: icon(value))
    return wraps(icon)(lambda value: made(value, get_language()))


def _once_a_state(show: Callable[[Any, str, Any], str]) -> Callable[[Any, str, Any], str]:
    """For a label that says in words and colour which of some states a row is in."""
    made = lru_cache(STATES)(lambda value, empty, label, _language: show(value, empty, dict(label)))

    @wraps(show)
    def of_state(value: Any, empty: str, label: Any) -> str:
        if isinstance(label, dict) and isinstance(value, tuple) and all(map(_is_plain, value)):
            return made(tuple(map(str, value)), empty, tuple(label.items()), get_language())
        return show(value, empty, label)

    return of_state


def _is_plain(part: Any) -> bool:
    """Whether it is words alone, which are escaped: what is markup is not to be taken for the same words."""
    return isinstance(part, str | Promise) and not hasattr(part, "__html__")


def make_once() -> None:
    """Have unfold's lists use what was made before. Called once, when the desks are imported."""
    unfold_list.result_headers = _once_a_list(unfold_list.result_headers)
    unfold_list.add_preserved_filters = _with_filters
    unfold_list.display_for_label = _once_a_state(unfold_list.display_for_label)
    unfold.utils._boolean_icon = _once_a_language(unfold.utils._boolean_icon)
