"""Registers of what is gone, as files outside of both databases: a JSON object a line, written whole or not at all."""

import json
import os
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from registry.errors import DomainError

Line = TypeVar("Line")


class Unreadable(DomainError):
    """A file of a register is not one, or a line of it is damaged. Nothing was done."""

    code = "register_unreadable"
    status = 400
    message = _("Line {line} of the register {name} cannot be read. Nothing was done.")


def read(path: Path, as_line: Callable[[Any], Line]) -> list[Line]:
    """What each line says, by `as_line`, which raises ValueError, KeyError or TypeError for what is none. Raises
    Unreadable, OSError."""
    lines = []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            lines.append(as_line(json.loads(text)))
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable(line=number, name=path.name) from error
    return lines


def write(path: Path, lines: Iterable[dict[str, Any]]) -> None:
    """Put the lines in the place of what the file holds. Raises OSError."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    with fresh.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line, default=_text) + "\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _text(value: Any) -> str:
    """A moment or day as ISO 8601 has it, a key as it is."""
    return value.isoformat() if isinstance(value, date) else str(value)
