"""The strip: what the agency signs, one per citizen, device and day (docs/pass-format.md). Pure.

An untagged COSE_Sign1 array (RFC 9052) over CWT claims (RFC 8392), ES256, in deterministic CBOR, verified as received
and never encoded again. Times are seconds since the epoch, points 64 bytes x‖y, signatures 64 bytes r‖s.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB

from registry.format import cbor
from registry.format.cbor import Malformed
from registry.format.es256 import on_curve, sign_es256

MAX_STRIP = 2048
"""Bytes."""
PAPER = 3
"""The `phone` claim of a paper pass; 0 is verified, 1 in grace, 2 extended by an outage."""

_DAY = 86400
_NIGHT = 4 * 3600
_SEOUL = 9 * 3600
_EPOCH = date(1970, 1, 1).toordinal()
_LIMIT = 1 << 32
_ISS, _EXP, _NBF, _IAT, _CTI, _CNF = b"\x01", b"\x04", b"\x05", b"\x06", b"\x07", b"\x08"
_PASS, _PHONE, _HOLDER = b"\x3a\x00\x01\x00\x00", b"\x3a\x00\x01\x00\x01", b"\x3a\x00\x01\x00\x02"
_PROTECTED = bytes.fromhex("a201260448")
"""{1: -7, 4: …} up to the eight bytes of the kid."""
_CNF_X = bytes.fromhex("a101a401022001215820")
_CNF_Y = bytes.fromhex("225820")
"""{1: {1: 2, -1: 1, -2: x, -3: y}} before x and between x and y."""
_USUAL = re.compile(
    rb"\x84\x4d\xa2\x01\x26\x04\x48(?P<kid>.{8})\xa0\x58(?P<size>.)(?P<payload>\xa8"
    rb"\x01(?P<head>[\x61-\x77])(?P<issuer>[\x20-\x7e]+)"
    rb"\x04\x1a(?P<exp>.{4})\x05\x1a(?P<nbf>.{4})\x06\x1a(?P<iat>.{4})"
    rb"\x07\x50(?P<cti>.{16})\x08\xa1\x01\xa4\x01\x02\x20\x01\x21\x58\x20(?P<x>.{32})\x22\x58\x20(?P<y>.{32})"
    rb"\x3a\x00\x01\x00\x00\x82(?P<passes>[\x00\x01])(?P<policy>[\x00-\x17]|\x18[\x18-\xff])"
    rb"\x3a\x00\x01\x00\x01(?P<phone>[\x00-\x02]))\x58\x40(?P<signature>.{64})",
    re.DOTALL,
)
"""A phone's strip as `sign_strip` makes it; see `_usual`."""


def is_uint(value: Any, limit: int = _LIMIT) -> bool:
    """Whether a decoded value is an integer (not a boolean, not a float) from 0 to below `limit`."""
    return type(value) is int and 0 <= value < limit


def expect(condition: bool) -> None:
    """Raise Malformed unless the condition holds."""
    if not condition:
        raise Malformed("not the shape of a pass")


@dataclass(frozen=True, slots=True)
class Strip:
    """What the agency signed for one citizen, device and day. `key` is the phone's for that day; None on paper."""

    day: date
    issuer: str
    nbf: int
    exp: int
    iat: int
    cti: bytes = field(repr=False)
    key: bytes | None = field(repr=False)
    passes: bool
    policy: int
    phone: int
    holder: tuple[str, int] | None = field(repr=False)
    kid: bytes
    raw: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @property
    def paper(self) -> bool:
        """A paper pass has no key, phone 3 and a holder; every other strip has a key and no holder."""
        return self.key is None


def seoul_day(now: float) -> date:
    """The day in Seoul at that second (UTC+9, no summer time since 1988)."""
    return date.fromordinal(int(now + _SEOUL) // _DAY + _EPOCH)


def strip_times(day: date, *, worse_tomorrow: bool) -> tuple[int, int]:
    """nbf and exp of a phone's strip: to 04:00 of the next day for nights out, but to midnight where the answer for
    the next day is worse."""
    nbf = (day.toordinal() - _EPOCH) * _DAY - _SEOUL
    return nbf, nbf + _DAY + (0 if worse_tomorrow else _NIGHT)


def permutation(day_key: bytes) -> Callable[[bytes], bytes]:
    """AES-256 of one block under a day key of 32 bytes; may be kept for as many blocks as there are citizens."""
    return Cipher(AES256(day_key), ECB()).encryptor().update  # noqa: S305 - one block: a permutation is what is wanted


def day_pseudonym(day_key: bytes, citizen: UUID) -> bytes:
    """The cti of a citizen under a day key of 32 bytes: AES-256 of the UUID, one block."""
    return permutation(day_key)(citizen.bytes)


def citizen_of(day_key: bytes, cti: bytes) -> UUID:
    """The inverse of `day_pseudonym`."""
    decryptor = Cipher(AES256(day_key), ECB()).decryptor()  # noqa: S305 - as above
    return UUID(bytes=decryptor.update(cti))


def signed_bytes(protected: bytes, payload: bytes) -> bytes:
    """The Sig_structure of a COSE_Sign1 without external data (RFC 9052 §4.4)."""
    return b"\x84\x6aSignature1" + cbor.byte_string(protected) + b"\x40" + cbor.byte_string(payload)


def sign1(private_key: EllipticCurvePrivateKey, kid: bytes, payload: bytes) -> bytes:
    """An untagged COSE_Sign1 array over `payload`, by ES256, in deterministic CBOR."""
    protected = _PROTECTED + kid
    signature = sign_es256(private_key, signed_bytes(protected, payload))
    return b"\x84\x4d" + protected + b"\xa0" + cbor.byte_string(payload) + b"\x58\x40" + signature


def open_sign1(raw: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """kid, payload, the signed bytes and the signature of a COSE_Sign1 array. Raises Malformed; verifies nothing."""
    outer = cbor.decode(raw)
    expect(type(outer) is list and len(outer) == 4)
    protected, unprotected, payload, signature = outer
    expect(type(protected) is bytes and len(protected) == 13 and protected.startswith(_PROTECTED))
    expect(type(unprotected) is dict and not unprotected and type(payload) is bytes)
    expect(type(signature) is bytes and len(signature) == 64)
    return protected[5:], payload, signed_bytes(protected, payload), signature


def sign_strip(
    *,
    private_key: EllipticCurvePrivateKey,
    kid: bytes,
    issuer: str,
    day: date,
    exp: int,
    iat: int,
    cti: bytes,
    cnf: bytes | None,
    passes: bool,
    policy: int,
    phone: int,
    holder: tuple[str, int] | None = None,
) -> bytes:
    """The strip of `day`, signed. Raises Malformed for what `decode_strip` would not read ."""
    nbf = (day.toordinal() - _EPOCH) * _DAY - _SEOUL
    expect(len(kid) == 8 and len(cti) == 16 and 1 <= len(issuer.encode()) <= 64)
    expect(all(0 <= number < _LIMIT for number in (nbf, exp, iat, policy)) and 0 <= phone <= PAPER)
    expect((cnf is None) == (phone == PAPER) == (holder is not None) and (cnf is None or on_curve(cnf)))
    parts = [
        bytes((0xA7 + (cnf is not None) + (holder is not None),)),
        _ISS + cbor.text_string(issuer),
        _EXP + cbor.head(cbor.UINT, exp),
        _NBF + cbor.head(cbor.UINT, nbf),
        _IAT + cbor.head(cbor.UINT, iat),
        _CTI + b"\x50" + cti,
    ]
    if cnf is not None:
        parts.append(_CNF + _CNF_X + cnf[:32] + _CNF_Y + cnf[32:])
    parts.append(_PASS + (b"\x82\x01" if passes else b"\x82\x00") + cbor.head(cbor.UINT, policy))
    parts.append(_PHONE + bytes((phone,)))
    if holder is not None:
        expect(1 <= len(holder[0].encode()) <= 64 and 0 <= holder[1] <= 9999)
        parts.append(_HOLDER + b"\x82" + cbor.text_string(holder[0]) + cbor.head(cbor.UINT, holder[1]))
    return sign1(private_key, kid, b"".join(parts))


def decode_strip(raw: bytes) -> Strip:
    """The strip in `raw`, its shape and lengths checked, its signature not. Raises Malformed."""
    expect(len(raw) <= MAX_STRIP)
    return _usual(raw) or _decoded(raw)


def _usual(raw: bytes) -> Strip | None:
    """A phone's strip of the usual layout, read at a third of the cost; None where `_decoded` must look closer.

    Never more lenient than that: what matches here it reads alike (tests/registry/test_strip_layout.py).
    """
    match = _USUAL.fullmatch(raw)
    if match is None:
        return None
    kid, size, payload, head, issuer, *times, cti, x, y, passes, policy, phone, signature = match.groups()
    exp, nbf, iat = (int.from_bytes(four, "big") for four in times)
    shortest = min(exp, nbf, iat) >= 1 << 16
    if not (shortest and size[0] == len(payload) and head[0] - 0x60 == len(issuer)) or (nbf + _SEOUL) % _DAY:
        return None
    if not on_curve(x + y):
        return None
    day = date.fromordinal((nbf + _SEOUL) // _DAY + _EPOCH)
    signed = signed_bytes(raw[2:15], payload)
    head_and_body = (day, issuer.decode(), nbf, exp, iat, cti, x + y, passes == b"\x01", policy[-1], phone[0])
    return Strip(*head_and_body, None, kid, raw, signed, signature)


def _decoded(raw: bytes) -> Strip:
    """Any strip, by what its CBOR says. Raises Malformed."""
    kid, payload, signed, signature = open_sign1(raw)
    claims = cbor.decode(payload)
    expect(type(claims) is dict)
    issuer, cti, phone, answer = claims.get(_ISS), claims.get(_CTI), claims.get(_PHONE), claims.get(_PASS)
    nbf, exp, iat = claims.get(_NBF), claims.get(_EXP), claims.get(_IAT)
    expect(type(issuer) is str and 1 <= len(issuer.encode()) <= 64)
    expect(is_uint(nbf) and is_uint(exp) and is_uint(iat) and (nbf + _SEOUL) % _DAY == 0)
    expect(type(cti) is bytes and len(cti) == 16)
    expect(type(answer) is list and len(answer) == 2 and is_uint(answer[0], 2) and is_uint(answer[1]))
    expect(is_uint(phone, PAPER + 1))
    key, holder = _confirmation(claims.get(_CNF, ...)), _holder(claims.get(_HOLDER, ...))
    expect((key is None) == (phone == PAPER) == (holder is not None))
    day = date.fromordinal((nbf + _SEOUL) // _DAY + _EPOCH)
    return Strip(
        day, issuer, nbf, exp, iat, cti, key, answer[0] == 1, answer[1], phone, holder, kid, raw, signed, signature
    )


def _confirmation(cnf: Any) -> bytes | None:
    """x‖y of the cnf claim (RFC 8747 §3.2), a point of P-256; None where the claim is absent."""
    if cnf is ...:
        return None
    expect(type(cnf) is dict and len(cnf) == 1)
    key = cnf.get(b"\x01")
    expect(type(key) is dict and len(key) == 4)
    kind, curve, x, y = key.get(b"\x01"), key.get(b"\x20"), key.get(b"\x21"), key.get(b"\x22")
    expect(is_uint(kind) and kind == 2 and is_uint(curve) and curve == 1)
    expect(type(x) is bytes and len(x) == 32 and type(y) is bytes and len(y) == 32)
    expect(on_curve(x + y))
    return bytes(x + y)


def _holder(holder: Any) -> tuple[str, int] | None:
    """The masked name and birth year of a paper pass; None where the claim is absent."""
    if holder is ...:
        return None
    expect(type(holder) is list and len(holder) == 2 and type(holder[0]) is str and is_uint(holder[1], 10000))
    expect(1 <= len(holder[0].encode()) <= 64)
    return holder[0], holder[1]
