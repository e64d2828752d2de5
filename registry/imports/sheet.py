"""An XLSX workbook's first sheet, as CSV on standard output: `python -m registry.imports.sheet < book.xlsx`.

A process of its own with bounds on memory and time, because a small file may unpack to anything and a cell may claim to
lie in the last row of the last column: what goes wrong ends here, and the server goes on. Exits 0, or 1 with a word.
"""

import csv
import io
import lzma
import resource
import sys
import zipfile
import zlib
from datetime import date, datetime, time
from typing import Any

MOST_MEMORY = 1_500_000_000  # bytes of address space
MOST_SECONDS = 45  # of CPU
LARGEST_UNPACKED = 400_000_000  # bytes of all parts together; 100,000 rows of ten columns are about 60 MB
MOST_PARTS = 2000


class Refused(Exception):
    """The word that this process ends with: bomb, locked, or broken."""


def main() -> int:
    _bound()
    try:
        _write(_first_sheet(sys.stdin.buffer.read()))
    except Refused as reason:
        print(reason, file=sys.stderr)
        return 1
    except MemoryError:
        print("bomb", file=sys.stderr)
        return 1
    return 0


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _first_sheet(data: bytes) -> Any:
    from python_calamine import CalamineError, PasswordError, SheetVisibleEnum, load_workbook

    _check_size(data)
    try:
        book = load_workbook(io.BytesIO(data))
        shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
        return book.get_sheet_by_name((shown or book.sheet_names)[0])
    except PasswordError:
        raise Refused("locked") from None
    except (CalamineError, IndexError, ValueError, OSError):
        raise Refused("broken") from None


# What zipfile and its decoders raise for a file that is cut or made up; RuntimeError is an encrypted part, or one
# compressed in a way that is not known here.
UNREADABLE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, ValueError)


def _check_size(data: bytes) -> None:
    """What the file says of its parts is not believed: they are unpacked and counted. Raises Refused."""
    left = LARGEST_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if len(parts.infolist()) > MOST_PARTS:
                raise Refused("bomb")
            for part in parts.infolist():
                with parts.open(part) as stream:
                    while block := stream.read(1 << 20):
                        left -= len(block)
                        if left < 0:
                            raise Refused("bomb")
    except Refused:
        raise
    except UNREADABLE:
        raise Refused("broken") from None


def _write(sheet: Any) -> None:
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
    writer = csv.writer(out)
    writer.writerows([""] for _ in range(sheet.start[0] if sheet.start else 0))  # so that rows keep their numbers
    for row in sheet.iter_rows():
        writer.writerow([_text(cell) for cell in row])
    out.flush()


def _text(cell: Any) -> str:
    """A cell as the reader of CSV files takes it: numbers without ".0", dates in ISO form."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, bool):
        return "Y" if cell else "N"
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "minutes" if not cell.second else "seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


if __name__ == "__main__":
    sys.exit(main())
