"""The pass format, version 1 (docs/pass-format.md): strips, the code on the screen, and the order of the verdict.

Pure: no Django, no clock, no store. The JavaScript twin is static/js/passcode.js; both answer to
tests/vectors/passcode.json. Times are seconds since the epoch, points 64 bytes x‖y, signatures 64 bytes r‖s.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

from registry.format import base45, cbor
from registry.format.cbor import Malformed
from registry.format.es256 import on_curve, point_of, public_key_of, sign_es256, verify_es256
from registry.format.strip import (
    Strip,
    citizen_of,
    day_pseudonym,
    decode_strip,
    expect,
    is_uint,
    permutation,
    seoul_day,
    sign_strip,
    strip_times,
)

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
    "decide",
    "decode_code",
    "decode_strip",
    "encode_code",
    "on_curve",
    "permutation",
    "point_of",
    "proof_message",
    "public_key_of",
    "rule_for",
    "seoul_day",
    "sign_es256",
    "sign_proof",
    "sign_strip",
    "strip_times",
    "verdict",
    "verify_es256",
    "verify_proof",
    "verify_strip_signature",
]

PREFIX = "MJ1:"
MAX_CODE = 4296
"""Characters in the largest alphanumeric QR; nothing longer is looked at."""
EARLY, OLD, AHEAD, REPEAT_WITHIN = 60, 30, 10, 600
"""Seconds: before nbf; t behind now; t ahead of now; between two showings that count as one."""


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


Poster = tuple[int, int]  # the number of a venue and which of its posters, as its signed code says


@dataclass(frozen=True, slots=True)
class Code:
    """What a phone shows: the strip, the second `t` and the proof. Paper shows the strip alone.

    `poster`: the venue and number of the poster that a visit's proof is made for; nobody shows such a code at a door.
    """

    strip: Strip
    t: int | None = None
    proof: bytes | None = field(default=None, repr=False)
    poster: Poster | None = None


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
    """A verdict and what goes with it. `identity`: compare with an identity card. `ago`: seconds since last shown."""

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


def code_of(strip: bytes, t: int | None = None, proof: bytes | None = None, *, poster: Poster | None = None) -> Code:
    """A code from its parts, as uploads carry them; paper has neither `t` nor `proof`. Raises Malformed."""
    decoded = decode_strip(strip)
    if decoded.paper:
        expect(t is None and proof is None)
        return Code(decoded)
    expect(is_uint(t) and type(proof) is bytes and len(proof) == 64)
    return Code(decoded, t, proof, poster)


def decode_code(text: str) -> Code:
    """Step 1: the code in what a scanner read. Raises Malformed; verifies nothing."""
    expect(len(text) <= MAX_CODE and text.startswith(PREFIX))
    parts = cbor.decode(base45.decode(text[len(PREFIX) :]))
    expect(type(parts) is list and len(parts) in (1, 3) and type(parts[0]) is bytes)
    code = code_of(*parts)
    expect(len(parts) == (1 if code.strip.paper else 3))
    return code


def encode_code(strip: bytes, t: int | None = None, proof: bytes | None = None) -> str:
    """The text of the QR; without `t` and `proof` that of a paper pass."""
    if t is None or proof is None:
        return PREFIX + base45.encode(b"\x81" + cbor.byte_string(strip))
    return PREFIX + base45.encode(b"\x83" + cbor.byte_string(strip) + cbor.head(cbor.UINT, t) + cbor.byte_string(proof))


def proof_message(strip: bytes, t: int, poster: Poster | None = None) -> bytes:
    """What the day's key signs: CBOR ["MJ1", strip, t], for a visit by a poster ["MJ1", strip, t, venue, number]."""
    numbers = (t, *(poster or ()))
    parts = [b"\x63MJ1", cbor.byte_string(strip), *(cbor.head(cbor.UINT, number) for number in numbers)]
    return cbor.head(cbor.ARRAY, len(parts)) + b"".join(parts)


def sign_proof(private_key: EllipticCurvePrivateKey, strip: bytes, t: int, poster: Poster | None = None) -> bytes:
    """The proof that the holder of the strip's key showed it at `t`, or stood before this poster then."""
    return sign_es256(private_key, proof_message(strip, t, poster))


def verify_strip_signature(strip: Strip, public_key: EllipticCurvePublicKey) -> bool:
    """Whether the agency's key signed this strip, over the bytes as received."""
    return verify_es256(public_key, strip.signature, strip.signed)


def verify_proof(code: Code) -> bool:
    """Whether the strip's own key made the proof. A code of paper has none: False."""
    if code.strip.key is None or code.t is None or code.proof is None:
        return False
    return verify_es256(public_key_of(code.strip.key), code.proof, proof_message(code.strip.raw, code.t, code.poster))


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
    return None if strip.paper else _check_proof(code, now)


def _check_proof(code: Code, now: float) -> Verdict | None:
    """Steps 5 and 6."""
    if code.t is None or not verify_proof(code):
        return Verdict.FORGED
    return None if -OLD <= code.t - now <= AHEAD else Verdict.STALE


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
    `floor` from the strip's. `revoked(day, cti)` answers the latest second from which strips are revoked, by the
    strip's day, paper by that of `now`;
    `last_shown(cti)` the last second this door saw it. `fresh` is False past `fresh_until`; `outage` is a declared one.
    """
    try:
        code = decode_code(text)
    except Malformed:
        return Result(Verdict.MALFORMED)
    return decide(
        code, now=now, keys=keys, days=days, revoked=revoked, last_shown=last_shown, fresh=fresh, outage=outage
    )


def decide(
    code: Code,
    *,
    now: float,
    keys: Mapping[bytes, AgencyKey],
    days: Mapping[date, DayRule],
    revoked: Callable[[date, bytes], float | None],
    last_shown: Callable[[bytes], float | None],
    fresh: bool = True,
    outage: bool = False,
) -> Result:
    """Steps 2 to 11 for a code that is decoded already; the arguments are those of `verdict`."""
    strip = code.strip
    failed = check(code, keys=keys, now=now)
    if failed is not None:
        return Result(failed, strip, code.t, code.proof)
    today, ago = rule_for(days, seoul_day(now)), _seconds_ago(last_shown(strip.cti), now)
    since = revoked(seoul_day(now) if strip.paper else strip.day, strip.cti)  # paper lives for weeks under one cti
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
