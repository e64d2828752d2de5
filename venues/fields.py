"""PostgreSQL's int8multirange: the sequence numbers received from a scanner, gaps included."""

from typing import Any

from django.db import models


class BigIntegerMultiRangeField(models.Field):
    """A set of integers as `psycopg.types.multirange.Multirange`; arithmetic on it is done in SQL."""

    description = "Set of integers"

    def db_type(self, connection: Any) -> str:
        return "int8multirange"
