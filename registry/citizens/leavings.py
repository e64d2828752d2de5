"""The register of those who left: who was erased, and whose pass ended by their wish, kept outside of `default` so that
no restore of it brings them back.

The deed tells the vault as soon as it is done, and the access log in its transaction: from there whatever the vault was
not told comes to it within seconds, and to a file outside of both databases where one is kept (settings.LEAVINGS_FILE).
What the register is for: registry/citizens/burying.py. It holds keys of people, moments, and whether they were erased:
the keys are random, and those of the erased lead to nobody.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from registry import registers, vault
from registry.errors import VaultUnavailable
from registry.models import Event, Leaving, Tag

log = logging.getLogger(__name__)
LOOKED_BACK = timedelta(days=1)  # far longer than a transaction may take from writing a moment to its end
AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Line:
    """A person's key, when they left, and whether they were erased; otherwise their pass was ended."""

    citizen: UUID
    at: datetime
    erased: bool


Lines = dict[UUID, Line]


def of_vault() -> Lines:
    """Raises VaultUnavailable."""
    with vault.reached():
        return {row.citizen: Line(row.citizen, row.at, row.erased) for row in Leaving.objects.iterator()}


def of_file(path: Path) -> Lines:
    """Raises registers.Unreadable, OSError."""
    return merged({}, registers.read(path, _as_line))


def of_access_log(since: datetime | None = None) -> Lines:
    """Whom the access log tells of, former identities among them."""
    told = Event.objects.filter(tag__in=[Tag.PERSON_ERASED, Tag.WITHDRAWN])
    rows = (told.filter(at__gte=since) if since else told).values_list("tag", "at", "target", "detail")
    return merged(
        {},
        [
            Line(UUID(key), at, tag == Tag.PERSON_ERASED)
            for tag, at, target, detail in rows.iterator()
            for key in (target.partition(":")[2], *detail.get("former", ()))
        ],
    )


def tell_soon(identities: Iterable[UUID], *, at: datetime, erased: bool) -> None:
    """Tell the vault once this transaction is done. While the vault is away, or where this process ends in between,
    `keep` does it; and where the newest that it knows is so old that `keep` would no longer look back behind this."""
    told = {key: Line(key, at, erased) for key in identities}

    def tell() -> None:
        try:
            with vault.reached():
                is_up_to_date = Leaving.objects.filter(at__gte=at - LOOKED_BACK).exists()
            if is_up_to_date:
                _tell_vault(told)
        except VaultUnavailable:
            log.warning("the register of those who left waits for the vault")

    transaction.on_commit(tell, robust=True)  # the deed is done, whatever becomes of this


def kept_file() -> Path | None:
    """The file outside of both databases, where one is kept."""
    return Path(settings.LEAVINGS_FILE) if settings.LEAVINGS_FILE else None


def keep() -> int:
    """Tell the vault and the file what they do not know yet; how many lines were new to the vault. May run any number
    of times. Raises VaultUnavailable, registers.Unreadable, OSError."""
    path = kept_file()
    in_file = of_file(path) if path and path.exists() else {}
    with vault.reached():
        newest = Leaving.objects.order_by("-at").values_list("at", flat=True).first()
    told = merged(in_file, of_access_log(newest and newest - LOOKED_BACK).values())
    fresh = _tell_vault(told)
    if path and (fresh or not path.exists() or told != in_file):
        everybody = merged(told, of_vault().values())
        registers.write(path, (asdict(everybody[key]) for key in sorted(everybody)))
    return fresh


def _tell_vault(told: Lines) -> int:
    fresh = 0
    with vault.reached():
        for keys in parts(told):
            known = {row.citizen: row for row in Leaving.objects.filter(citizen__in=keys)}
            new = [told[key] for key in keys if key not in known or _more(told[key], known[key])]
            rows = [Leaving(citizen=line.citizen, at=line.at, erased=line.erased) for line in new]
            Leaving.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["citizen"], update_fields=["at", "erased"]
            )
            fresh += len(rows)
    return fresh


def parts(told: Lines) -> Iterator[list[UUID]]:
    """The keys, some thousand at a time."""
    keys = list(told)
    return (keys[at : at + AT_ONCE] for at in range(0, len(keys), AT_ONCE))


def merged(lines: Lines, more: Iterable[Line]) -> Lines:
    """Of two lines of one person the one that tells more."""
    found = dict(lines)
    for line in more:
        if line.citizen not in found or _more(line, found[line.citizen]):
            found[line.citizen] = line
    return found


def _more(line: Line, than: Line | Leaving) -> bool:
    return (line.erased, line.at) > (than.erased, than.at)


def _as_line(told: Any) -> Line:
    at, erased = datetime.fromisoformat(told["at"]), told["erased"]
    if at.tzinfo is None or not isinstance(erased, bool):
        raise ValueError(told)
    return Line(UUID(told["citizen"]), at, erased)
