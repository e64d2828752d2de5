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
        if getattr(self.object_list, "is_long", False):
            return CAP
        return cast("QuerySet[Any]", self.object_list).order_by()[:CAP].count()

    def page(self, number: Any) -> Any:
        """Where all fit on one page they are asked for without a limit: with one as small as their number PostgreSQL
        hopes to meet them soon in the order of the list, and reads all there is."""
        number = self.validate_number(number)
        if self.count <= self.per_page:
            return self._get_page(self.object_list, number, self)  # type: ignore[attr-defined]
        return super().page(number)

    @property
    def capped(self) -> bool:
        return self.count == CAP
