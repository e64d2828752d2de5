"""Counting a large table costs as much as reading it; a clerk turns a few pages and then searches."""

from functools import cached_property
from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import QuerySet

CAP = 1_000  # forty pages: nobody turns more


class BoundedPaginator(Paginator):
    """Counts at most CAP rows, so that a list of ten million costs what a list of ten thousand does."""

    template_name = "admin/bounded_pagination.html"

    @cached_property
    def count(self) -> int:  # type: ignore[override]
        return cast("QuerySet[Any]", self.object_list).order_by()[:CAP].count()

    @property
    def capped(self) -> bool:
        return self.count == CAP
