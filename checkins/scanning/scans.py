"""The shape of what scanners send: a batch of scans, judged item by item before anything else is done. No database.

A wrong type is the fault of the sender's program and fails the whole batch, naming the item. What stands in a code
is not: a strip that cannot be read fails only its own scan, as step 1 of the verdict.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from checkins.models import Direction, Method, Reason
from registry.errors import DomainError
from registry.format import base64url
from registry.format.passcode import Code, Malformed, Verdict, code_of

SIZE = 500  # scans in a batch
MAX_STRIP_TEXT, MAX_PROOF_TEXT = 2731, 86  # characters of 2048 and 64 bytes in base64url
MAX_PEOPLE = 200  # in a group
MAX_SAFE_NUMBER = 40  # characters, gaps and all
MAX_SEQ = 2**53 - 1  # what JavaScript counts without a gap
MAX_AT = 4_102_444_800_000  # milliseconds, 2100-01-01

_VERDICTS = frozenset(Verdict)
_METHODS = frozenset(Method.values)
_DIRECTIONS = frozenset(Direction.values)
_REASONS = frozenset(Reason.values) | {""}
_WITHOUT_CODE = frozenset({"hand", "group"})  # methods by which somebody comes in who showed nothing


class BatchTooLarge(DomainError):
    code = "batch_too_large"
    status = 413
    message = _("A batch holds at most 500 scans. Send them in smaller parts.")


class MalformedBatch(DomainError):
    """`item` is the index of the scan in the batch, `member` what in it is wrong."""

    code = "malformed"
    status = 400
    message = _("These are not scans as the interface describes them.")


class WrongScanner(DomainError):
    code = "wrong_scanner"
    status = 403
    message = _("These scans are of another scanner than the token. Send them with its own.")


@dataclass(slots=True)
class Scan:
    """One scan as the scanner tells of it. `at` is in milliseconds; strip and proof are still base64url.

    With `undoes` it takes back the scan of that number, whose members it repeats, without the code.
    """

    seq: int
    at: int
    verdict: str  # "" where somebody was let in by hand without showing anything
    method: str
    direction: str
    admitted: bool
    alone: bool
    strip: str | None = field(repr=False)
    t: int | None
    proof: str | None = field(repr=False)
    reason: str = ""  # why by hand
    safe_number: str | None = field(default=None, repr=False)  # as typed
    people: int = 1
    undoes: int = 0  # the number of the scan that it takes back

    @property
    def logged(self) -> bool:
        """Whether it makes a row of the log: admitted, with something that says who. The others are only counted."""
        if not self.admitted:
            return False
        return self.method not in _WITHOUT_CODE or self.strip is not None or self.safe_number is not None

    @property
    def second(self) -> int:
        return self.at // 1000

    def code(self) -> Code:
        """What was shown. Raises Malformed."""
        if self.strip is None:
            raise Malformed("no strip")
        proof = None if self.proof is None else base64url.decode(self.proof)
        return code_of(base64url.decode(self.strip), self.t, proof)


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a request. Raises MalformedBatch."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedBatch from None
    if type(data) is not dict:
        raise MalformedBatch
    return data


def parse(data: Mapping[str, Any]) -> list[Scan]:
    """The scans of a batch. Raises BatchTooLarge and MalformedBatch."""
    items = data.get("scans")
    if type(items) is not list:
        raise MalformedBatch(member="scans")
    if len(items) > SIZE:
        raise BatchTooLarge(size=SIZE)
    scans = [_scan(index, item) for index, item in enumerate(items)]
    if len({scan.seq for scan in scans}) != len(scans):
        seqs = [scan.seq for scan in scans]
        raise MalformedBatch(item=next(i for i, seq in enumerate(seqs) if seq in seqs[:i]), member="seq")
    return scans


def _scan(index: int, item: Any) -> Scan:
    if type(item) is not dict:
        raise MalformedBatch(item=index)
    get: Callable[[str], Any] = item.get
    scan = Scan(
        get("seq"),
        get("at"),
        get("verdict") or "",
        get("method"),
        get("direction"),
        get("admitted"),
        get("alone") or False,
        get("strip"),
        get("t"),
        get("proof"),
        get("reason") or "",
        get("safe_number"),
        1 if get("people") is None else get("people"),
        0 if get("undoes") is None else get("undoes"),
    )
    if wrong := _wrong(scan):
        raise MalformedBatch(item=index, member=wrong)
    return scan


def _wrong(scan: Scan) -> str | None:
    """The name of a member of the wrong type or range, or None."""
    for member, good in (
        ("seq", type(scan.seq) is int and 1 <= scan.seq <= MAX_SEQ),
        ("at", type(scan.at) is int and 0 <= scan.at <= MAX_AT),
        ("method", type(scan.method) is str and scan.method in _METHODS),
        ("direction", type(scan.direction) is str and scan.direction in _DIRECTIONS),
        ("admitted", type(scan.admitted) is bool and (scan.admitted or scan.direction == "in")),
        ("alone", type(scan.alone) is bool and not (scan.alone and scan.method == "group")),
        ("verdict", type(scan.verdict) is str and _verdict_fits(scan)),
        ("strip", scan.strip is None or (type(scan.strip) is str and len(scan.strip) <= MAX_STRIP_TEXT)),
        ("t", scan.t is None or type(scan.t) is int),
        ("proof", scan.proof is None or (type(scan.proof) is str and len(scan.proof) <= MAX_PROOF_TEXT)),
        ("reason", type(scan.reason) is str and scan.reason in _REASONS),
        ("safe_number", scan.safe_number is None or _safe_number_fits(scan)),
        ("people", type(scan.people) is int and 1 <= scan.people <= (MAX_PEOPLE if scan.method == "group" else 1)),
        ("undoes", type(scan.undoes) is int and 0 <= scan.undoes <= MAX_SEQ),
    ):
        if not good:
            return member
    return None


def _safe_number_fits(scan: Scan) -> bool:
    """A text, in place of a code, by hand. Whether it is a safe number is for the registry to say, scan by scan."""
    typed = type(scan.safe_number) is str and len(scan.safe_number) <= MAX_SAFE_NUMBER
    return typed and scan.method == "hand" and scan.admitted and scan.strip is None


def _verdict_fits(scan: Scan) -> bool:
    return scan.verdict in _VERDICTS or (scan.verdict == "" and scan.method in _WITHOUT_CODE)
