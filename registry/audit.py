"""Telling what happened: one call beside each deed, in its transaction."""

from typing import Any

from django.db import connection
from django.db.models import Model
from django.utils import timezone
from psycopg.types.json import Jsonb

from registry.models import Partner, Tag, User

# Plain, and to be put into a deed's own statement: evidence stands beside every deed of the busiest day.
INSERT = """
    INSERT INTO registry_event (at, tag, actor_id, address, target, reason, detail)
    VALUES (%s, %s, %s, %s, %s, %s, %s)"""


def name_of(target: Model) -> str:
    """ "model:key", a binary key in hex."""
    key = target.pk
    return f"{target._meta.model_name}:{bytes(key).hex() if isinstance(key, bytes | memoryview) else key}"


def through(partner: Partner | None) -> dict[str, Any]:
    """The detail of what was done in a partner's app; none of what was done in our own wallet."""
    return {"partner": partner.pk} if partner else {}


def record(
    tag: Tag, *, by: User | None, target: Model, reason: str = "", address: str | None = None, **detail: Any
) -> None:
    """Write a row of evidence. `by` None is the citizen or the system itself; `detail` must hold no personal data."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT, row(tag, by=by, target=target, reason=reason, address=address, **detail))


def row(
    tag: Tag, *, by: User | None, target: Model, reason: str = "", address: str | None = None, **detail: Any
) -> list[Any]:
    """The values of INSERT, for a deed that is one statement with its evidence; as `record` otherwise."""
    return [timezone.now(), tag.value, by and by.pk, address, name_of(target), reason, Jsonb(detail)]
