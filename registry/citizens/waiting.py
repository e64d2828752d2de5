"""What waits for a registrar: requests of citizens and items of the phone check, in one list, oldest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast

from registry.models import Request, Review, User
from registry.models.people import people_of

PAGE = 25
KINDS: dict[str, Any] = {**dict(Request.Kind.choices), **dict(Review.Kind.choices)}
del KINDS[Request.Kind.COMPARED]  # told, so that it never waits
NOBODYS, MINE = "nobodys", "mine"


@dataclass(frozen=True, slots=True)
class Page:
    """`rows` of requests and items with their people, and whether there are more."""

    rows: list[Request | Review]
    more: bool


def open_for(user: User) -> tuple[QuerySet[Request], QuerySet[Review]]:
    """What is open of the people for whom a clerk works."""
    theirs = people_of(user, "citizen__region")
    return Request.objects.open().filter(theirs), Review.objects.open().filter(theirs)


def page_for(user: User, *, kind: str = "", whose: str = "", number: int = 0) -> Page:
    """A page of what waits, of one kind or all; taken by nobody, by the clerk, or whoever. Three queries."""
    found = [_narrowed(rows, user, kind, whose) for rows in open_for(user)]
    keys = [_keys(rows) for rows in found]
    start = number * PAGE
    listed = list(keys[0].union(keys[1], all=True).order_by("opened_at", "key")[start : start + PAGE + 1])
    rows = _rows(listed[:PAGE])
    return Page([rows[model, key] for model, key, _at in listed[:PAGE] if (model, key) in rows], len(listed) > PAGE)


def _narrowed(rows: QuerySet[Any], user: User, kind: str, whose: str) -> QuerySet[Any]:
    if kind:
        rows = rows.filter(kind=kind)
    if whose in (NOBODYS, MINE):
        rows = rows.filter(taken_by=None if whose == NOBODYS else user)
    return rows


def _keys(rows: QuerySet[Any]) -> QuerySet[Any, tuple[str, str, datetime]]:
    name = Value(rows.model._meta.model_name, output_field=CharField())
    return rows.annotate(what=name, key=Cast("pk", CharField())).values_list("what", "key", "opened_at")


def _rows(listed: list[tuple[str, str, datetime]]) -> dict[tuple[str, str], Request | Review]:
    found: dict[tuple[str, str], Request | Review] = {}
    for model, people in ((Request, ("citizen", "taken_by")), (Review, ("citizen", "other", "taken_by"))):
        name = str(model._meta.model_name)
        keys = [key for what, key, _at in listed if what == name]
        for row in model._default_manager.filter(pk__in=keys).select_related(*people):  # type: ignore[attr-defined]
            found[name, str(row.pk)] = row
    return found
