"""The pass format, version 1 (docs/pass-format.md): strips, the code on the screen, and the order of the verdict.

Pure: no Django, no clock, no store. The JavaScript twin is static/js/passcode.js; both answer to
tests/vectors/passcode.json. Times are seconds since the epoch, points 64 bytes x‖y, signatures 64 bytes r‖s.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB

from registry import base45, cbor
from registry.cbor import Malformed
from registry.es256 import on_curve, point_of, public_key_of, sign_es256, verify_es256

__all__ = [
    "AgencyKey",
    "Code",
    "DayRule",
    "Malformed",
    "Result",
    "Strip",
    "Verdict",
    "check",
    "citizen_of",
    "code_of",
    "day_pseudonym",
    "decode_code",
    "decode_strip",
    "encode_code",
    "on_curve",
    "point_of",
    "proof_message",
    "public_key_of",
    "rule_for",
    "seoul_day",
    "sign1",
    "sign_es256",
    "sign_proof",
    "sign_strip",
    "signed_bytes",
    "strip_times",
    "verdict",
    "verify_es256",
    "verify_proof",
    "verify_strip_signature",
]

PREFIX = "MJ1:"
MAX_CODE = 4296
"""Characters in the largest alphanumeric QR; nothing longer is looked at."""
MAX_STRIP = 2048
"""Bytes."""
PAPER = 3
"""The `phone` claim of a paper pass; 0 is verified, 1 in grace, 2 extended by an outage."""

EARLY, OLD, AHEAD, REPEAT_WITHIN = 60, 30, 10, 600
"""Seconds: before nbf; t behind now; t ahead of now; between two showings that count as one."""

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
_CNF_SPLIT = len(_CNF_X) + 32


class Verdict(StrEnum):
    """What a door says, in the order in which it is found."""

    MALFORMED = "MALFORMED"
    UNKNOWN_KEY = "UNKNOWN_KEY"
    FORGED = "FORGED"
    NOT_YET = "NOT_YET"
    EXPIRED = "EXPIRED"
    STALE = "STALE"
    REVOKED = "REVOKED"
    REPEAT = "REPEAT"
    ENTRY = "ENTRY"
    OUTDATED = "OUTDATED"
    PASS = "PASS"  # noqa: S105 - a verdict
    NO_PASS = "NO_PASS"  # noqa: S105

    @property
    def colour(self) -> str:
        """red, green or blue; amber means "cannot tell yet" and is never a refusal."""
        return _COLOURS.get(self, "amber")

    @property
    def step(self) -> int:
        """The first of the eleven steps that gives it (FORGED comes from 3 and from 5)."""
        return _STEPS[self]


_COLOURS = {
    Verdict.FORGED: "red",
    Verdict.REVOKED: "red",
    Verdict.NO_PASS: "red",
    Verdict.ENTRY: "blue",
    Verdict.PASS: "green",
}
_STEPS = dict(zip(Verdict, (1, 2, 3, 4, 4, 6, 7, 8, 9, 10, 11, 11), strict=True))


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


@dataclass(frozen=True, slots=True)
class Code:
    """What a phone shows: the strip, the second `t` and the proof. Paper shows the strip alone."""

    strip: Strip
    t: int | None = None
    proof: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class AgencyKey:
    """A public key of the agency and the days, both inclusive, for which it may sign."""

    kid: bytes
    public_key: EllipticCurvePublicKey
    since: date
    until: date

    @classmethod
    def load(cls, kid: bytes, point: bytes, since: date, until: date) -> "AgencyKey":
        """Raises Malformed where `point` is not on the curve. Load once and keep: this costs some microseconds."""
        return cls(kid, public_key_of(point), since, until)


@dataclass(frozen=True, slots=True)
class DayRule:
    """What a venue's category asks on a day, whether a guest without a pass may sit alone, and the policy floor."""

    asks: bool = True
    alone: bool = False
    floor: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """A verdict and what goes with it: `identity`, compare with an identity card; `ago`, seconds since the last time."""

    verdict: Verdict
    strip: Strip | None = None
    t: int | None = None
    proof: bytes | None = field(default=None, repr=False)
    alone: bool = False
    identity: bool = False
    ago: int | None = None

    @property
    def colour(self) -> str:
        return self.verdict.colour


def seoul_day(now: float) -> date:
    """The day in Seoul at that second (UTC+9, no summer time since 1988)."""
    return date.fromordinal(int(now + _SEOUL) // _DAY + _EPOCH)


def strip_times(day: date, *, worse_tomorrow: bool) -> tuple[int, int]:
    """nbf and exp of a phone's strip: to 04:00 of the next day for nights out, but to midnight where the answer for
    the next day is worse."""
    nbf = (day.toordinal() - _EPOCH) * _DAY - _SEOUL
    return nbf, nbf + _DAY + (0 if worse_tomorrow else _NIGHT)


def day_pseudonym(day_key: bytes, citizen: UUID) -> bytes:
    """The cti of a citizen under a day key of 32 bytes: AES-256 of the UUID, one block."""
    encryptor = Cipher(AES256(day_key), ECB()).encryptor()  # noqa: S305 - one block: a permutation is what is wanted
    return encryptor.update(citizen.bytes)


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
    _expect(type(outer) is list and len(outer) == 4)
    protected, unprotected, payload, signature = outer
    _expect(type(protected) is bytes and len(protected) == 13 and protected.startswith(_PROTECTED))
    _expect(type(unprotected) is dict and not unprotected and type(payload) is bytes)
    _expect(type(signature) is bytes and len(signature) == 64)
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
    """The strip of `day`, signed. Raises Malformed for what `decode_strip` would not read (so no such strip goes out)."""
    nbf = (day.toordinal() - _EPOCH) * _DAY - _SEOUL
    _expect(len(kid) == 8 and len(cti) == 16 and 1 <= len(issuer.encode()) <= 64)
    _expect(all(0 <= number < _LIMIT for number in (nbf, exp, iat, policy)) and 0 <= phone <= PAPER)
    _expect((cnf is None) == (phone == PAPER) == (holder is not None) and (cnf is None or on_curve(cnf)))
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
        _expect(1 <= len(holder[0].encode()) <= 64 and 0 <= holder[1] <= 9999)
        parts.append(_HOLDER + b"\x82" + cbor.text_string(holder[0]) + cbor.head(cbor.UINT, holder[1]))
    return sign1(private_key, kid, b"".join(parts))


def decode_strip(raw: bytes) -> Strip:
    """The strip in `raw`, its shape and lengths checked, its signature not. Raises Malformed."""
    _expect(len(raw) <= MAX_STRIP)
    kid, payload, signed, signature = open_sign1(raw)
    claims = cbor.decode(payload)
    _expect(type(claims) is dict)
    issuer, cti, phone, answer = claims.get(_ISS), claims.get(_CTI), claims.get(_PHONE), claims.get(_PASS)
    nbf, exp, iat = claims.get(_NBF), claims.get(_EXP), claims.get(_IAT)
    _expect(type(issuer) is str and 1 <= len(issuer.encode()) <= 64)
    _expect(_uint(nbf) and _uint(exp) and _uint(iat) and (nbf + _SEOUL) % _DAY == 0)
    _expect(type(cti) is bytes and len(cti) == 16)
    _expect(type(answer) is list and len(answer) == 2 and _uint(answer[0], 2) and _uint(answer[1]))
    _expect(_uint(phone, PAPER + 1))
    key, holder = _confirmation(claims.get(_CNF, ...)), _holder(claims.get(_HOLDER, ...))
    _expect((key is None) == (phone == PAPER) == (holder is not None))
    day = date.fromordinal((nbf + _SEOUL) // _DAY + _EPOCH)
    return Strip(
        day, issuer, nbf, exp, iat, cti, key, answer[0] == 1, answer[1], phone, holder, kid, raw, signed, signature
    )


def _confirmation(cnf: Any) -> bytes | None:
    """x‖y of the cnf claim (RFC 8747 §3.2), a point of P-256; None where the claim is absent."""
    if cnf is ...:
        return None
    _expect(type(cnf) is dict and len(cnf) == 1)
    key = cnf.get(b"\x01")
    _expect(type(key) is dict and len(key) == 4)
    kind, curve, x, y = key.get(b"\x01"), key.get(b"\x20"), key.get(b"\x21"), key.get(b"\x22")
    _expect(_uint(kind) and kind == 2 and _uint(curve) and curve == 1)
    _expect(type(x) is bytes and len(x) == 32 and type(y) is bytes and len(y) == 32)
    _expect(on_curve(x + y))
    return bytes(x + y)


def _holder(holder: Any) -> tuple[str, int] | None:
    """The masked name and birth year of a paper pass; None where the claim is absent."""
    if holder is ...:
        return None
    _expect(type(holder) is list and len(holder) == 2 and type(holder[0]) is str and _uint(holder[1], 10000))
    _expect(1 <= len(holder[0].encode()) <= 64)
    return holder[0], holder[1]


def _uint(value: Any, limit: int = _LIMIT) -> bool:
    return type(value) is int and 0 <= value < limit


def _expect(condition: bool) -> None:
    if not condition:
        raise Malformed("not the shape of a pass")


def code_of(strip: bytes, t: int | None = None, proof: bytes | None = None) -> Code:
    """A code from its parts, as uploads carry them; paper has neither `t` nor `proof`. Raises Malformed."""
    decoded = decode_strip(strip)
    if decoded.paper:
        _expect(t is None and proof is None)
        return Code(decoded)
    _expect(_uint(t) and type(proof) is bytes and len(proof) == 64)
    return Code(decoded, t, proof)


def decode_code(text: str) -> Code:
    """Step 1: the code in what a scanner read. Raises Malformed; verifies nothing."""
    _expect(len(text) <= MAX_CODE and text.startswith(PREFIX))
    parts = cbor.decode(base45.decode(text[len(PREFIX) :]))
    _expect(type(parts) is list and len(parts) in (1, 3) and type(parts[0]) is bytes)
    code = code_of(*parts)
    _expect(len(parts) == (1 if code.strip.paper else 3))
    return code


def encode_code(strip: bytes, t: int | None = None, proof: bytes | None = None) -> str:
    """The text of the QR; without `t` and `proof` that of a paper pass."""
    if t is None or proof is None:
        return PREFIX + base45.encode(b"\x81" + cbor.byte_string(strip))
    return PREFIX + base45.encode(b"\x83" + cbor.byte_string(strip) + cbor.head(cbor.UINT, t) + cbor.byte_string(proof))


def proof_message(strip: bytes, t: int) -> bytes:
    """What the day's key signs: CBOR ["MJ1", strip, t]."""
    return b"\x83\x63MJ1" + cbor.byte_string(strip) + cbor.head(cbor.UINT, t)


def sign_proof(private_key: EllipticCurvePrivateKey, strip: bytes, t: int) -> bytes:
    """The proof that the holder of the strip's key showed it at `t`."""
    return sign_es256(private_key, proof_message(strip, t))


def verify_strip_signature(strip: Strip, public_key: EllipticCurvePublicKey) -> bool:
    """Whether the agency's key signed this strip, over the bytes as received."""
    return verify_es256(public_key, strip.signature, strip.signed)


def verify_proof(code: Code) -> bool:
    """Whether the strip's own key made the proof. A code of paper has none: False."""
    if code.strip.key is None or code.t is None or code.proof is None:
        return False
    return verify_es256(public_key_of(code.strip.key), code.proof, proof_message(code.strip.raw, code.t))


def check(code: Code, *, keys: Mapping[bytes, AgencyKey], now: float) -> Verdict | None:
    """Steps 2 to 6, which depend on the code alone and the clock: the verdict that ends it, or None to go on."""
    strip = code.strip
    key = keys.get(strip.kid)
    if key is None or not key.since <= strip.day <= key.until:
        return Verdict.UNKNOWN_KEY
    if not verify_strip_signature(strip, key.public_key):
        return Verdict.FORGED
    if now < strip.nbf - EARLY:
        return Verdict.NOT_YET
    if now >= strip.exp:
        return Verdict.EXPIRED
    if strip.paper:
        return None
    if not verify_proof(code):
        return Verdict.FORGED
    if code.t is None or not -OLD <= code.t - now <= AHEAD:
        return Verdict.STALE
    return None


def rule_for(days: Mapping[date, DayRule], day: date) -> DayRule:
    """The rule of `day`; of the nearest day before it that is known, else of the first one after, else the default."""
    if day in days:
        return days[day]
    before = [known for known in days if known < day]
    if before:
        return days[max(before)]
    return days[min(days)] if days else DayRule()


def verdict(
    text: str,
    *,
    now: float,
    keys: Mapping[bytes, AgencyKey],
    days: Mapping[date, DayRule],
    revoked: Callable[[date, bytes], float | None],
    last_shown: Callable[[bytes], float | None],
    fresh: bool = True,
    outage: bool = False,
) -> Result:
    """All eleven steps in order, for one door.

    `now` is the corrected clock. `days` holds the venue's rules: `asks` and `alone` are taken from the day of `now`,
    `floor` from the strip's. `revoked(day, cti)` answers the latest second from which strips are revoked,
    `last_shown(cti)` the last second this door saw it. `fresh` is False past `fresh_until`; `outage` is a declared one.
    """
    try:
        code = decode_code(text)
    except Malformed:
        return Result(Verdict.MALFORMED)
    strip = code.strip
    failed = check(code, keys=keys, now=now)
    if failed is not None:
        return Result(failed, strip, code.t, code.proof)
    today, ago = rule_for(days, seoul_day(now)), _seconds_ago(last_shown(strip.cti), now)
    since = revoked(strip.day, strip.cti)
    if since is not None and since > strip.iat:
        found = Verdict.REVOKED
    elif ago is not None:
        found = Verdict.REPEAT
    elif not today.asks:
        found = Verdict.ENTRY
    elif fresh and not outage and strip.policy < rule_for(days, strip.day).floor:
        found = Verdict.OUTDATED
    else:
        found = Verdict.PASS if strip.passes else Verdict.NO_PASS
    alone = found is Verdict.NO_PASS and today.alone
    return Result(found, strip, code.t, code.proof, alone, strip.paper, ago if found is Verdict.REPEAT else None)


def _seconds_ago(shown: float | None, now: float) -> int | None:
    """Whole seconds since `shown`, or None where that is more than ten minutes; a clock set back counts as just now."""
    if shown is None or abs(now - shown) > REPEAT_WITHIN:
        return None
    return max(0, int(now - shown))
