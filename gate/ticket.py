"""Tickets of the waiting room and the admissions they are exchanged for: signed, bound to a browser. No Django in here.

Both travel as cookies: base64url of fixed fields and the first 16 bytes of an HMAC-SHA-256 over purpose and fields.
"""

import base64
import binascii
import hashlib
import hmac
import os
import struct
from collections import deque
from dataclasses import dataclass

from gate.clock import SECOND

GOOD_FOR = 12 * 3600 * SECOND  # a ticket, from its arrival on
FIELDS = struct.Struct(">Q8s8s8s")
MAC = 16
LENGTH = -(-(FIELDS.size + MAC) * 4 // 3)  # characters


@dataclass(frozen=True, slots=True)
class Ticket:
    """A place in the line: the order is that of `arrived` (µs). `epoch` names the line that has counted it."""

    arrived: int
    epoch: bytes
    nonce: bytes
    browser: bytes

    @property
    def ends(self) -> int:
        return self.arrived + GOOD_FOR


@dataclass(frozen=True, slots=True)
class Admission:
    """The right to begin until `ends` (µs); `nonce` is that of the ticket it was given for."""

    ends: int
    nonce: bytes
    browser: bytes


_random: deque[bytes] = deque()  # eight bytes each
os.register_at_fork(after_in_child=_random.clear)


def new_nonce() -> bytes:
    """Random; fetched from the system by the thousand, since each call to it would let all other threads go first."""
    try:
        return _random.pop()
    except IndexError:
        block = os.urandom(8 * 1000)
        _random.extend(block[at : at + 8] for at in range(8, len(block), 8))
        return block[:8]


def new_browser() -> str:
    """A browser's name: random, kept in a cookie that scripts cannot read."""
    return base64.urlsafe_b64encode(new_nonce() + new_nonce()).rstrip(b"=").decode()


def browser_mark(browser: str) -> bytes:
    """What tickets hold of a browser's name."""
    return hashlib.sha256(browser.encode()).digest()[:8]


class Signer:
    """Signs and reads tickets and admissions with one key; `read_…` answer None for all that we did not sign, that
    belongs to another browser or whose time is over."""

    def __init__(self, key: bytes) -> None:
        # Copied for each: unlike `hmac.digest` that does not let other threads go first.
        self._keyed = {purpose: hmac.new(key, purpose, "sha256") for purpose in (b"t", b"a")}

    def ticket(self, ticket: Ticket) -> str:
        return self._sign(b"t", FIELDS.pack(ticket.arrived, ticket.epoch, ticket.nonce, ticket.browser))

    def read_ticket(self, text: str | None, browser: str | None, now: int) -> Ticket | None:
        fields = self._open(b"t", text)
        if fields is None or browser is None:
            return None
        ticket = Ticket(*fields)
        return ticket if ticket.browser == browser_mark(browser) and now < ticket.ends else None

    def admission(self, admission: Admission) -> str:
        return self._sign(b"a", FIELDS.pack(admission.ends, bytes(8), admission.nonce, admission.browser))

    def read_admission(self, text: str | None, browser: str | None, now: int) -> Admission | None:
        fields = self._open(b"a", text)
        if fields is None or browser is None:
            return None
        ends, _unused, nonce, mark = fields
        return Admission(ends, nonce, mark) if mark == browser_mark(browser) and now < ends else None

    def _sign(self, purpose: bytes, fields: bytes) -> str:
        return base64.urlsafe_b64encode(fields + self._mac(purpose, fields)).rstrip(b"=").decode()

    def _open(self, purpose: bytes, text: str | None) -> tuple[int, bytes, bytes, bytes] | None:
        if text is None or len(text) != LENGTH:
            return None
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        fields, mac = raw[: FIELDS.size], raw[FIELDS.size :]
        return FIELDS.unpack(fields) if hmac.compare_digest(mac, self._mac(purpose, fields)) else None

    def _mac(self, purpose: bytes, fields: bytes) -> bytes:
        mac = self._keyed[purpose].copy()
        mac.update(fields)
        return mac.digest()[:MAC]
