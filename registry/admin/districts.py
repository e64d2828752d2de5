"""Rows of a region, found without reading those of the whole country."""

from typing import Any

from django.db.models import OrderBy, QuerySet
from django.db.models.functions import Coalesce

from registry import regions


def rows_in(rows: QuerySet[Any], path: str, region: str) -> QuerySet[Any]:
    """Those of a region, to which `path` leads.

    A district has some hundred venues or scanners, which are named one by one where rows lead to them: PostgreSQL
    passes over the rows of others by a hash of these, where it would fetch the venue of each.
    """
    of, _dunder, theirs = path.partition("__")
    if not theirs or len(region) < regions.DISTRICT:
        return rows.filter(**{f"{path}__startswith": region})
    model: Any = rows.model._meta.get_field(of).related_model
    there = model._base_manager.filter(**{f"{theirs}__startswith": region})
    return rows.filter(**{f"{of}__in": list(there.values_list("pk", flat=True))})


def sorted_by(name: str) -> OrderBy:
    """A field as an order that no index has."""
    field = name.removeprefix("-")
    return OrderBy(Coalesce(field, field), descending=name.startswith("-"))
