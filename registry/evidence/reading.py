"""The access log in words: what a row is about, named and linked for whoever may see it, and nothing personal ever.

`target` is "model:key". A person is told by the beginning of the key; what has a public name (a venue, a policy, an
account) is told by it to whoever may look at such rows.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Model, OrderBy, Value
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from registry import approvals, jobs, regions
from registry.models import Role, User
from registry.models.audit import EventQuerySet

OURS = ("registry", "venues", "checkins", "gate")
NAMED = {  # by which field rows are told; none of them is personal
    "user": "username", "venue": "name", "operator": "name", "application": "venue_name", "policyversion": "title",
    "provider": "name", "scanner": "name", "category": "code", "trace": "case_number", "legalhold": "case_number",
}  # fmt: skip
LABELS = {  # members of `detail` that are told in words; others as the field of what the row is about, or as they are
    "fields": _("fields"), "before": _("before"), "after": _("after"), "region": _("region"), "roles": _("roles"),
    "asked_by": _("asked by"), "citizen": _("person"), "venue": _("venue"), "kind": _("kind"),
    "document": _("document"), "searched_by": _("searched by"), "found": _("found"),
    "own_name": _("own family name"), "page": pgettext_lazy("access log", "page"),
    "wrong": _("what was wrong"), "rows": _("rows"), "of": _("of what"), "deed": _("deed"), "how": _("how"),
    "region_before": _("region before"), "signs_from": _("signs from"), "signs_until": _("signs until"),
    "number": _("number"), "device": _("device"), "guardian": _("carried by"), "reason": _("reason"),
    "key": _("key"), "method": pgettext_lazy("access log", "method"), "days": _("days"),
    "revision": _("state of the draft"),
    "former": _("former identities"), "done": _("done"), "application": _("application"), "case": _("case number"),
    "clerks": _("clerks"), "day": _("day"), "effective_on": _("in force from"), "erase": _("erasure asked"),
    "first": _("first day"), "last": _("last day"), "floor_from": _("older passes end on"), "fresh": _("new ones"),
    "given_back": _("given back"), "hash": _("hash"), "invitation": _("invitation"), "known": _("known ones"),
    "lab": _("lab or hospital"), "language": _("language"), "leaked": _("key leaked"), "lines": _("lines"),
    "other": _("the other"), "stays": _("stays"), "moved": _("moved"), "people": _("people"), "phones": _("phones"),
    "portal": _("portal"), "reached": _("reached"), "role": _("role or file"), "since": _("since"),
    "terms": _("terms of use"), "user": _("user"), "old": _("old device"), "new": _("new device"),
    "alone": _("number checked alone"), "weight": _("weight"), "enabled": _("enabled"), "daily": _("SMS a day"),
    "field": _("field"), "until": _("until"), "state": _("state"), "outage": _("outage"), "relation": _("relation"),
    "partner": _("partner"), "by_app": _("by the app itself"), "counted": _("entries counted"), "size": _("size"),
    "cause": _("cause"), "due_from": _("due from"), "due_to": _("due through"), "settings": _("name of its settings"),
    "rate": _("people a second"), "polls": _("questions a second"), "minutes": _("minutes"), "limits": _("limits"),
}  # fmt: skip
NAMES = ("field", "fields")  # members of `detail` whose values are names of fields
REGIONS = ("region", "region_before")
OFTEN = 5_000  # rows from which on words are found by reading the newest
_TARGET = re.compile(r"[a-z]+:\S+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class About:
    """What a row is about: its kind and name in words, and its page where the reader may open it."""

    words: str
    page: str = ""


def about(targets: Iterable[str], reader: User) -> dict[str, About]:
    """For each target what it is; a query a kind, however many rows."""
    keys: dict[str, set[str]] = defaultdict(set)
    for target in targets:
        kind, _colon, key = target.partition(":")
        keys[kind].add(key)
    found: dict[str, About] = {}
    for kind, wanted in keys.items():
        model = _models().get(kind)
        names = _names(model, wanted, reader) if model else {}
        for key in wanted:
            found[f"{kind}:{key}"] = _about(model, kind, key, names.get(key, ""), reader)
    return found


def _models() -> dict[str, type[Model]]:
    return {model._meta.model_name or "": model for model in apps.get_models() if model._meta.app_label in OURS}


def _may_see(model: type[Model], reader: User) -> bool:
    return reader.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")


def _names(model: type[Model], keys: set[str], reader: User) -> dict[str, str]:
    field = NAMED.get(model._meta.model_name or "")
    if field is None or not _may_see(model, reader):
        return {}
    known = [key for key in keys if key.isdigit()] if model._meta.pk.get_internal_type().endswith("AutoField") else keys
    rows = model._base_manager.filter(pk__in=known).values_list("pk", field)
    return {str(key): str(name) for key, name in rows}


def _about(model: type[Model] | None, kind: str, key: str, name: str, reader: User) -> About:
    if model is None:
        return About(f"{kind} {key}")
    words, page = _words(model, key, name), ""
    if admin.site.is_registered(model) and _may_see(model, reader):
        try:
            page = reverse(f"admin:{model._meta.app_label}_{kind}_change", args=[key])
        except NoReverseMatch:
            page = ""
    return About(words, page)


def _words(model: type[Model], key: str, name: str = "") -> str:
    return f"{model._meta.verbose_name} {name or key[:8]}{'' if name or len(key) <= 8 else '…'}"


def target_in_words(target: str) -> str:
    """ "model:key" by kind and key, where no name is at hand."""
    kind, _colon, key = target.partition(":")
    model = _models().get(kind)
    return _words(model, key) if model else target


def detail_in_words(detail: dict[str, Any], target: str = "") -> list[tuple[str, str]]:
    """What else is told of a deed, as pairs of label and value; `target` is what it was done to."""
    model = _models().get(target.partition(":")[0])
    told = [(name, value) for name, value in detail.items() if value not in ("", None, [])]
    return [(_label(name, model), _told(name, value, model)) for name, value in told]


def _told(name: str, value: Any, model: type[Model] | None) -> str:
    if name in REGIONS:
        return regions.called(str(value))
    return (_called if name in NAMES else _value)(value, model)


def _called(value: Any, model: type[Model] | None) -> str:
    """Of fields: their names in words."""
    return ", ".join(_label(name, model) for name in (value if isinstance(value, list) else [value]))


def _label(name: str, model: type[Model] | None) -> str:
    if name in LABELS or model is None:
        return str(LABELS.get(name, name))
    try:
        return str(getattr(model._meta.get_field(name), "verbose_name", name))
    except FieldDoesNotExist:
        return name


def _value(value: Any, model: type[Model] | None = None) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(_value(each) for each in value) or "–"
    if isinstance(value, dict):
        return ", ".join(f"{_label(name, model)} {_value(each)}" for name, each in value.items()) or "–"
    return _text(value) if isinstance(value, str) else str(value)


def _text(value: str) -> str:
    """A text as it is, but for names of ours: a role, a deed or kind of work, a key, a target."""
    if value in Role.values:
        return str(Role(value).label)
    if named := approvals.DEEDS.get(value) or jobs.KINDS.get(value):
        return str(named.title)
    if _UUID.fullmatch(value):
        return f"{value[:8]}…"
    return target_in_words(value) if _TARGET.fullmatch(value) else value


def search(events: EventQuerySet, text: str) -> EventQuerySet:
    """Rows about a target ("model:key", or the key of a person), else rows whose reason has all of these words or words
    that begin so, the newest first. All by index."""
    text = text.strip()
    if _UUID.fullmatch(text):
        return events.filter(target=f"citizen:{text.lower()}")
    if _TARGET.fullmatch(text):
        return events.filter(target=text)
    words = re.findall(r"\w+", text)
    if not words:
        return events.none()
    # Where few rows have the words they are found by the words, and then sorted: by the moment, hoping to meet enough,
    # all rows would be read. Where many have them, the newest are met at once: with a weight it is no index that they
    # are looked for in, as PostgreSQL knows no share of words in the few rows that have a reason.
    query = SearchQuery(" & ".join(f"'{word}':*" for word in words), config="simple", search_type="raw")
    found = _with_words(events, query)
    if found.order_by()[:OFTEN].count() == OFTEN:
        return _with_words(events, query, weight="A").order_by("-at", "-pk").long()
    return found.order_by(OrderBy(F("at") + Value(timedelta(0)), descending=True), "-pk")


def _with_words(events: EventQuerySet, query: SearchQuery, weight: str | None = None) -> EventQuerySet:
    vector = SearchVector("reason", config="simple", weight=weight)
    return events.exclude(reason="").annotate(_words=vector).filter(_words=query)
