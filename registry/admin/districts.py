"""Rows of a region, found without reading those of the whole country."""

from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, F, Func, OrderBy, QuerySet
from django.db.models.functions import Coalesce

from registry import regions


def rows_in(rows: QuerySet[Any], path: str, region: str) -> QuerySet[Any]:
    """Those of a region, to which `path` leads.

    A district has some hundred venues or scanners, which are named where rows lead to them: PostgreSQL passes over the
    rows of others by a hash of these, where it would fetch the venue of each.
    """
    of, _dunder, theirs = path.partition("__")
    if not theirs or len(region) < regions.DISTRICT:
        return rows.filter(**{f"{path}__startswith": region})
    model: Any = rows.model._meta.get_field(of).related_model
    there = model._base_manager.filter(**{f"{theirs}__startswith": region})
    return rows.filter(_among(of, there.values_list("pk", flat=True)))


def _among(of: str, keys: Iterable[int]) -> Func:
    """Whether a foreign key is one of these. They are written out: bound, each would cost as much as a row, and a plan
    that is kept for other values as well has no hash of them."""
    written = ",".join(str(int(key)) for key in keys)
    return Func(F(of), template=f"%(expressions)s = ANY ('{{{written}}}'::bigint[])", output_field=BooleanField())


def sorted_by(name: str) -> OrderBy:
    """A field as an order that no index has."""
    field = name.removeprefix("-")
    return OrderBy(Coalesce(field, field), descending=name.startswith("-"))
