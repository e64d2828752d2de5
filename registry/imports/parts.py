"""A file's rows as they were sent, kept in encrypted parts until they have served."""

import json
import zlib
from collections.abc import Iterator

from registry.models import Import, ImportPart

PART = 5000  # rows

Row = tuple[int, list[str]]  # number in the spreadsheet, cells


def in_parts(rows: list[Row]) -> list[bytes]:
    return [packed(rows[first : first + PART]) for first in range(0, len(rows), PART)]


def keep(row: Import, contents: list[bytes]) -> None:
    kept = [ImportPart(imported_in=row, place=place, content=content) for place, content in enumerate(contents)]
    ImportPart.objects.bulk_create(kept, batch_size=5)


def read(row: Import, place: int) -> list[Row] | None:
    """The rows of one part; None behind the last, or once they were destroyed."""
    part = ImportPart.objects.filter(imported_in=row, place=place).first()
    return unpacked(part.content) if part else None


def every(row: Import) -> Iterator[tuple[ImportPart, list[Row]]]:
    """One after the other, so that memory holds one."""
    for part in ImportPart.objects.filter(imported_in=row).order_by("place").iterator(chunk_size=1):
        yield part, unpacked(part.content)


def packed(rows: list[Row]) -> bytes:
    return zlib.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode(), level=1)


def unpacked(content: bytes) -> list[Row]:
    return [(number, cells) for number, cells in json.loads(zlib.decompress(content))]


def destroy(row: Import) -> None:
    ImportPart.objects.filter(imported_in=row).delete()
