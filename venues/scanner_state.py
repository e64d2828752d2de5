"""What a scanner tells of itself with each request, in the header `Munjigi-State`: a JSON object. No database.

It comes from a device that we do not control, so every member is looked at by itself: one that is missing, unknown or
out of its range is left out, and none of it ever fails a request.
"""

import json
import re
from collections.abc import Callable
from typing import Any

HEADER = "Munjigi-State"
LONGEST = 512  # characters
_WORD = re.compile(r"[0-9A-Za-z._-]{1,64}")
_BROWSER = re.compile(r"[0-9A-Za-z ._,;()/-]{1,60}")
_FAR = 4_102_444_800_000  # milliseconds, 2100-01-01


def _whole(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and low <= value <= high


MEMBERS: dict[str, Callable[[Any], bool]] = {
    "waiting": _whole(0, 10_000_000),  # scans on the device that we have not answered
    "foreign": _whole(0, 10_000_000),  # of them for other venues, by an earlier pairing
    "offset": _whole(-_FAR, _FAR),  # milliseconds that its clock is behind ours
    "data_at": _whole(0, _FAR),  # when its manifest was last confirmed, milliseconds
    "fresh_until": _whole(0, _FAR),  # until when that manifest is young enough, milliseconds
    "list_good": lambda value: type(value) is bool,  # whether the revocations could be checked
    "free": _whole(0, 2**53),  # bytes of storage left to the page
    "kept": lambda value: type(value) is bool,  # whether the browser promised not to clear the storage
    "shell": lambda value: type(value) is str and _WORD.fullmatch(value) is not None,  # version of the page
    "browser": lambda value: type(value) is str and _BROWSER.fullmatch(value) is not None,
}


def read(header: str | None) -> dict[str, Any] | None:
    """The members of a header that are good; None where there is no header that can be read."""
    if not header or len(header) > LONGEST:
        return None
    try:
        told = json.loads(header)
    except (ValueError, RecursionError):
        return None
    if type(told) is not dict:
        return None
    return {name: told[name] for name, good in MEMBERS.items() if name in told and good(told[name])}
