"""Writes passcode.json, the vectors that both implementations answer to. Run: python -m tests.vectors.make

Strips and codes are put together here by hand and by `cbor2`, not by the code under test; keys come from names and
signatures are deterministic (RFC 6979), so that a second run writes the same file. docs/pass-format.md explains it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

FILE = Path(__file__).with_name("passcode.json")
DAY = "2026-03-02"
NBF = 1772377200  # 2026-03-02 00:00 in Seoul
MIDNIGHT = NBF + 86400
NIGHT = MIDNIGHT + 4 * 3600
NOON = NBF + 45000  # 12:30
IAT = NBF - 5 * 86400
ISSUER = "KR-DEMO"
CTI = bytes.fromhex("9f1c2b7a44d0e86153a7c9f20b6e8d14")
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
CBOR = partial(cbor2.dumps, canonical=True)


class Key:
    """A P-256 key made from a name; never one for use."""

    def __init__(self, name: str) -> None:
        self.secret = int.from_bytes(sha256(f"munjigi vector {name}".encode()).digest(), "big") % (ORDER - 1) + 1
        self.private = ec.derive_private_key(self.secret, ec.SECP256R1())
        numbers = self.private.public_key().public_numbers()
        self.x, self.y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        self.kid = sha256(self.x + self.y).digest()[:8]

    def sign(self, message: bytes) -> bytes:
        r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True)))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


AGENCY, RETIRED, STRANGER, PHONE, OTHER = (
    Key(name) for name in ("agency", "retired", "stranger", "phone", "other phone")
)


def base45(data: bytes) -> str:
    text = ""
    for start in range(0, len(data), 2):
        group = data[start : start + 2]
        number = int.from_bytes(group, "big")
        for _ in range(len(group) + 1):
            text += ALPHABET[number % 45]
            number //= 45
    return text


def cose_key(x: bytes = PHONE.x, y: bytes = PHONE.y) -> dict[int, Any]:
    return {1: 2, -1: 1, -2: x, -3: y}


def claims(**changed: Any) -> dict[Any, Any]:
    """The claims of a good strip in their order; a change of None leaves one out."""
    values = {
        "iss": ISSUER, "exp": NIGHT, "nbf": NBF, "iat": IAT, "cti": CTI, "cnf": {1: cose_key()},
        "pass": [1, 3], "phone": 0, "holder": None,
    }  # fmt: skip
    labels = (1, 4, 5, 6, 7, 8, -65537, -65538, -65539)
    values |= changed
    return {label: values[name] for label, name in zip(labels, values, strict=True) if values[name] is not None}


def pairs(some: dict[Any, Any]) -> list[tuple[bytes, bytes]]:
    return [(CBOR(label), CBOR(value)) for label, value in some.items()]


def packed(some: list[tuple[bytes, bytes]]) -> bytes:
    """A map of encoded pairs, as they stand."""
    return bytes((0xA0 + len(some),)) + b"".join(label + value for label, value in some)


def paper(**changed: Any) -> dict[Any, Any]:
    printed = {"cnf": None, "phone": 3, "holder": ["홍*동", 1948], "exp": NBF + 31 * 86400}
    return claims(**printed | changed)


def sealed(
    payload: bytes, key: Key = AGENCY, *, protected: bytes | None = None, signature: bytes | None = None
) -> bytes:
    """A COSE_Sign1 array."""
    protected = CBOR({1: -7, 4: key.kid}) if protected is None else protected
    signature = key.sign(CBOR(["Signature1", protected, b"", payload])) if signature is None else signature
    return CBOR([protected, {}, payload, signature])


def strip(key: Key = AGENCY, **changed: Any) -> bytes:
    return sealed(CBOR(claims(**changed)), key)


def parts(raw: bytes, t: Any = NOON - 3, key: Key = PHONE) -> list[Any]:
    return [raw, t, key.sign(CBOR(["MJ1", raw, t]))]


def shown(raw: bytes, t: int = NOON - 3, key: Key = PHONE) -> str:
    return "MJ1:" + base45(CBOR(parts(raw, t, key)))


def on_paper(raw: bytes) -> str:
    return "MJ1:" + base45(CBOR([raw]))


def printed(**changed: Any) -> str:
    return on_paper(sealed(CBOR(paper(**changed))))


def wrapped(data: bytes) -> str:
    return "MJ1:" + base45(data)


GOOD = strip()
CODE = shown(GOOD)
BINARY = CBOR(parts(GOOD))


def vector(name: str, code: str, verdict: str, *, alone: bool = False, identity: bool = False, **context: Any) -> dict:
    ago = context.pop("ago", None)
    found = {"name": name, "code": code, "context": context, "verdict": verdict}
    return found | {"alone": alone, "identity": identity} | ({} if ago is None else {"ago": ago})


def malformed_text() -> Iterator[tuple[str, str]]:
    yield "empty", ""
    yield "a web address", "https://example.org/"
    yield "only the prefix", "MJ1:"
    yield "no prefix", CODE[4:]
    yield "prefix in lower case", "mj1:" + CODE[4:]
    yield "prefix of another version", "MJ2:" + CODE[4:]
    yield "a blank before the prefix", " " + CODE
    yield "lower case in the code", CODE[:100] + CODE[100:].lower()
    yield "a line break at the end", CODE + "\n"
    yield "a character outside Base45", CODE[:50] + "_" + CODE[51:]
    yield "a character outside ASCII", CODE[:50] + "가" + CODE[51:]
    yield "a full-width digit", CODE[:50] + "０" + CODE[51:]
    yield "Base45 with one character over", "MJ1:" + base45(BINARY + b"\0" * (len(BINARY) % 2)) + "0"
    yield "Base45 group above 65535", "MJ1:" + ":::" + CODE[7:]
    yield "Base45 group of 65536", "MJ1:" + "GGW" + CODE[7:]
    yield "Base45 last pair above 255", "MJ1:" + base45(BINARY[: len(BINARY) // 2 * 2]) + "V5"
    yield "longer than any QR", CODE + "0" * 4296
    yield "cut in half", CODE[: len(CODE) // 2 // 3 * 3 + 1]
    yield "without the last character", CODE[:-1]


def malformed_code() -> Iterator[tuple[str, bytes]]:
    raw, t, proof = parts(GOOD)
    yield "without the last byte", BINARY[:-1]
    yield "a byte after the end", BINARY + b"\0"
    yield "a second code after the first", BINARY + BINARY
    yield "an empty array", CBOR([])
    yield "array of two", CBOR([raw, t])
    yield "array of four", CBOR([raw, t, proof, 0])
    yield "a map", CBOR({0: raw, 1: t, 2: proof})
    yield "a number", CBOR(1)
    yield "a tag round the code", b"\xc1" + BINARY
    yield "array of indefinite length", b"\x9f" + BINARY[1:] + b"\xff"
    yield "array with a length in two bytes", b"\x98\x03" + BINARY[1:]
    yield "array that says 2^64 - 1 items", b"\x9b" + b"\xff" * 8 + BINARY[1:]
    yield "array that says 2^32 - 1 items", b"\x9a" + b"\xff" * 4 + BINARY[1:]
    yield "strip that says 2^64 - 1 bytes", b"\x83\x5b" + b"\xff" * 8 + raw
    yield "strip that says 2^31 bytes", b"\x83\x5a\x80\0\0\0" + raw
    yield "strip that says one byte more than there is", b"\x81\x58" + bytes((len(raw) + 1,)) + raw
    yield "strip of indefinite length", b"\x83\x5f" + CBOR(raw) + b"\xff" + CBOR(t) + CBOR(proof)
    yield "strip length in four bytes", b"\x83\x5a" + len(raw).to_bytes(4, "big") + raw + CBOR(t) + CBOR(proof)
    yield "strip as text", CBOR(["strip", t, proof])
    yield "strip not wrapped in bytes", b"\x83" + raw + CBOR(t) + CBOR(proof)
    yield "strip empty", CBOR([b"", t, proof])
    yield "t as text", CBOR([raw, str(t), proof])
    yield "t as a float", CBOR([raw, float(t), proof])
    yield "t negative", CBOR([raw, -t, proof])
    yield "t null", CBOR([raw, None, proof])
    yield "t true", CBOR([raw, True, proof])
    yield "t beyond 32 bits", CBOR([raw, 2**32, proof])
    yield "t beyond 2^53", CBOR([raw, 2**53 + 1, proof])
    yield "t in eight bytes where four do", b"\x83" + CBOR(raw) + b"\x1b" + t.to_bytes(8, "big") + CBOR(proof)
    yield "t tagged as a time", b"\x83" + CBOR(raw) + b"\xc1" + CBOR(t) + CBOR(proof)
    yield "proof of 63 bytes", CBOR([raw, t, proof[:-1]])
    yield "proof of 65 bytes", CBOR([raw, t, proof + b"\0"])
    yield "proof empty", CBOR([raw, t, b""])
    yield "proof in DER", CBOR([raw, t, PHONE.private.sign(b"", ec.ECDSA(SHA256(), deterministic_signing=True))])
    yield "proof as text", CBOR([raw, t, "x" * 64])
    yield "proof null", CBOR([raw, t, None])
    yield "a phone's strip shown as paper", CBOR([raw])
    yield "a phone's strip with t and proof null", CBOR([raw, None, None])
    yield "a paper strip with a proof", CBOR(parts(sealed(CBOR(paper()))))
    yield "a paper strip with t and proof null", CBOR([sealed(CBOR(paper())), None, None])
    yield "nested arrays, 1000 deep", b"\x81" * 1000 + b"\0"
    yield "nested tags, 1000 deep", b"\xc1" * 1000 + b"\0"
    yield "a break alone", b"\xff"
    yield "reserved head", b"\x1c"


def malformed_seal() -> Iterator[tuple[str, bytes]]:
    """Strips whose COSE_Sign1 is not what it should be."""
    payload = CBOR(claims())
    protected = CBOR({1: -7, 4: AGENCY.kid})
    signature = AGENCY.sign(CBOR(["Signature1", protected, b"", payload]))
    yield "COSE tag 18", b"\xd2" + GOOD
    yield "CWT tag 61", b"\xd8\x3d\xd2" + GOOD
    yield "COSE array of three", CBOR([protected, {}, payload])
    yield "COSE array of five", CBOR([protected, {}, payload, signature, b""])
    yield "COSE_Sign with signers", CBOR([protected, {}, payload, [[protected, {}, signature]]])
    yield "signature of 63 bytes", sealed(payload, signature=signature[:-1])
    yield "signature of 65 bytes", sealed(payload, signature=signature + b"\0")
    yield "signature of 0 bytes", sealed(payload, signature=b"")
    yield "signature as an array", CBOR([protected, {}, payload, [1] * 64])
    yield "payload detached", CBOR([protected, {}, None, signature])
    yield "payload as a map, not in bytes", CBOR([protected, {}, claims(), signature])
    yield "payload empty", sealed(b"")
    yield "payload an array", sealed(CBOR(list(claims().values())))
    yield "payload with a byte after the end", sealed(payload + b"\0")
    yield "payload cut short", sealed(payload[:-1])
    yield "kid in the unprotected header", CBOR([CBOR({1: -7}), {4: AGENCY.kid}, payload, signature])
    yield "unprotected header not empty", CBOR([protected, {4: AGENCY.kid}, payload, signature])
    yield "unprotected header null", CBOR([protected, None, payload, signature])
    yield "protected header as a map, not in bytes", CBOR([{1: -7, 4: AGENCY.kid}, {}, payload, signature])
    yield "protected header empty", sealed(payload, protected=b"")
    yield "protected header without kid", sealed(payload, protected=CBOR({1: -7}))
    yield "kid of 7 bytes", sealed(payload, protected=CBOR({1: -7, 4: AGENCY.kid[:7]}))
    yield "kid of 9 bytes", sealed(payload, protected=CBOR({1: -7, 4: AGENCY.kid + b"\0"}))
    yield "kid as text", sealed(payload, protected=CBOR({1: -7, 4: "agency-1"}))
    yield "algorithm ES384", sealed(payload, protected=CBOR({1: -35, 4: AGENCY.kid}))
    yield "algorithm HS256", sealed(payload, protected=CBOR({1: 5, 4: AGENCY.kid}))
    yield "algorithm EdDSA", sealed(payload, protected=CBOR({1: -8, 4: AGENCY.kid}))
    yield "algorithm by name", sealed(payload, protected=CBOR({1: "ES256", 4: AGENCY.kid}))
    yield "protected header with crit", sealed(payload, protected=CBOR({1: -7, 2: [4], 4: AGENCY.kid}))
    yield "protected header unsorted", sealed(payload, protected=b"\xa2\x04\x48" + AGENCY.kid + b"\x01\x26")
    yield "larger than 2048 bytes", sealed(packed([*pairs(claims()), (CBOR("pad"), CBOR(b"\0" * 2000))]))


def malformed_claims() -> Iterator[tuple[str, dict[Any, Any]]]:
    yield "no claims", {}
    for name in ("iss", "exp", "nbf", "iat", "cti", "pass", "phone"):
        yield f"no {name}", claims(**{name: None})
    yield "no cnf, but a phone's", claims(cnf=None)
    yield "cnf null", claims() | {8: None}
    yield "iss a number", claims(iss=82)
    yield "iss bytes", claims(iss=ISSUER.encode())
    yield "iss empty", claims(iss="")
    yield "iss of 65 bytes", claims(iss="x" * 65)
    yield "exp as text", claims(exp=str(NIGHT))
    yield "exp a float", claims(exp=NIGHT + 0.5)
    yield "exp a whole float", claims(exp=float(NIGHT))
    yield "exp negative", claims(exp=-NIGHT)
    yield "exp beyond 32 bits", claims(exp=2**32)
    yield "exp a bignum", claims(exp=2**70)
    yield "iat true", claims(iat=True)
    yield "iat beyond 2^53", claims(iat=2**60)
    yield "nbf not at midnight", claims(nbf=NBF + 1)
    yield "nbf at midnight of Greenwich", claims(nbf=NBF + 9 * 3600)
    yield "nbf null", claims() | {5: None}
    yield "cti of 15 bytes", claims(cti=CTI[:15])
    yield "cti of 17 bytes", claims(cti=CTI + b"\0")
    yield "cti as text", claims(cti=CTI.hex()[:16])
    yield "pass a number", claims(**{"pass": 1})
    yield "pass 2", claims(**{"pass": [2, 3]})
    yield "pass -1", claims(**{"pass": [-1, 3]})
    yield "pass true", claims(**{"pass": [True, 3]})
    yield "pass of one", claims(**{"pass": [1]})
    yield "pass of three", claims(**{"pass": [1, 3, 0]})
    yield "policy as text", claims(**{"pass": [1, "3"]})
    yield "policy beyond 32 bits", claims(**{"pass": [1, 2**32]})
    yield "phone 4", claims(phone=4)
    yield "phone -1", claims(phone=-1)
    yield "phone false", claims(phone=False)
    yield "phone 3 with a key", claims(phone=3)
    yield "phone 3 with a key and a holder", claims(phone=3, holder=["홍*동", 1948])
    yield "a holder on a phone", claims(holder=["홍*동", 1948])
    yield "a tagged cti", claims(cti=cbor2.CBORTag(37, CTI))


def malformed_keys() -> Iterator[tuple[str, Any]]:
    """cnf claims."""
    x, y = PHONE.x, PHONE.y
    yield "cnf bytes", x + y
    yield "cnf an empty map", {}
    yield "cnf with a thumbprint", {3: x}
    yield "cnf with two members", {1: cose_key(), 3: AGENCY.kid}
    yield "cnf key of type EC1", {1: {1: 1, -1: 1, -2: x, -3: y}}
    yield "cnf key on P-384", {1: {1: 2, -1: 2, -2: x, -3: y}}
    yield "cnf key without y", {1: {1: 2, -1: 1, -2: x}}
    yield "cnf key with y as a sign bit", {1: {1: 2, -1: 1, -2: x, -3: True}}
    yield "cnf key with alg", {1: {1: 2, 3: -7, -1: 1, -2: x, -3: y}}
    yield "cnf key x of 31 bytes", {1: cose_key(x[1:], y)}
    yield "cnf key x of 33 bytes", {1: cose_key(b"\0" + x, y)}
    yield "cnf key y empty", {1: cose_key(x, b"")}
    yield "point off the curve", {1: cose_key(x, y[:-1] + bytes((y[-1] ^ 1,)))}
    yield "point off the curve, x and y swapped", {1: cose_key(y, x)}
    yield "point (0, 0)", {1: cose_key(bytes(32), bytes(32))}
    yield "point with x = p", {1: cose_key(PRIME.to_bytes(32, "big"), y)}
    yield "point with numbers above p", {1: cose_key(b"\xff" * 32, b"\xff" * 32)}


def malformed_holders() -> Iterator[tuple[str, dict[Any, Any]]]:
    yield "paper without holder", paper(holder=None)
    yield "paper with phone 0", paper(phone=0)
    yield "paper with a key", paper(cnf={1: cose_key()})
    yield "holder text alone", paper(holder="홍*동")
    yield "holder without year", paper(holder=["홍*동"])
    yield "holder with the year as text", paper(holder=["홍*동", "1948"])
    yield "holder with a year of five digits", paper(holder=["홍*동", 10000])
    yield "holder without a name", paper(holder=["", 1948])
    yield "holder with a name of 66 bytes", paper(holder=["홍" * 22, 1948])
    yield "holder null", paper() | {-65539: None}


def with_claim(label: bytes, value: bytes) -> bytes:
    """The payload of a good strip with one claim more, at its end (so `label` must sort behind -65538)."""
    return packed([*pairs(claims()), (label, value)])


def replaced(label: int, value: bytes) -> bytes:
    """The payload of a good strip, one value replaced by bytes as they stand."""
    return packed([(key, value if key == CBOR(label) else old) for key, old in pairs(claims())])


def malformed_encoding() -> Iterator[tuple[str, bytes]]:
    """Payloads that are good CBOR, or nearly, but not the deterministic one."""
    good = pairs(claims())
    count = CBOR(claims())[1:]
    yield "claims unsorted", packed([good[1], good[0], *good[2:]])
    yield "claims sorted by size of the whole number", packed([good[6], *good[:6], *good[7:]])
    yield "claim twice", packed([good[0], *good])
    yield "claim twice with another value", packed([good[0], good[1], (CBOR(4), CBOR(2**32 - 1)), *good[2:]])
    yield "claims of indefinite length", b"\xbf" + count + b"\xff"
    yield "claims with a length in two bytes", b"\xb8\x08" + count
    yield "claims that say one more than there is", b"\xa9" + count
    yield "claims that say one less than there is", b"\xa7" + count
    yield "claims that say 2^63 pairs", b"\xbb\x80" + bytes(7) + count
    yield "claim label in two bytes", packed([(b"\x18\x01", good[0][1]), *good[1:]])
    yield "exp in eight bytes", replaced(4, b"\x1b" + NIGHT.to_bytes(8, "big"))
    yield "phone in two bytes", replaced(-65538, b"\x18\x00")
    yield "iss that says two bytes more", replaced(1, b"\x69" + ISSUER.encode())
    yield "iss with a length in two bytes", replaced(1, b"\x78\x07" + ISSUER.encode())
    yield "iss of indefinite length", replaced(1, b"\x7f\x67" + ISSUER.encode() + b"\xff")
    yield "iss not UTF-8", replaced(1, b"\x62\xc3\x28")
    yield "iss with a surrogate", replaced(1, b"\x63\xed\xa0\x80")
    yield "iss with an overlong letter", replaced(1, b"\x62\xc1\x81")
    yield "iss with half a letter", replaced(1, b"\x62\xed\x99")
    yield "cti of indefinite length", replaced(7, b"\x5f\x50" + CTI + b"\xff")
    yield "pass of indefinite length", replaced(-65537, b"\x9f\x01\x03\xff")
    yield "cnf key unsorted", replaced(8, b"\xa1\x01\xa4\x20\x01\x01\x02" + CBOR(cose_key())[5:])
    cnf = b"\xa1\x01\xa5\x01\x02\x01\x02" + CBOR(cose_key())[3:]
    yield "cnf key with a label twice", replaced(8, cnf)
    unknown = {
        "with a number not in the shortest form": b"\x18\x17",
        "with a float not in the shortest form": b"\xfa\x3f\x80\0\0",
        "with a double not in the shortest form": b"\xfb\x3f\xf8" + bytes(6),
        "with a long infinity": b"\xfa\x7f\x80\0\0",
        "with a long NaN": b"\xfb\x7f\xf8" + bytes(6),
        "with a NaN that carries something": b"\xf9\x7e\x01",
        "with a simple value in two bytes": b"\xf8\x14",
        "of indefinite length": b"\x9f\xff",
        "with a map unsorted": b"\xa2\x02\x00\x01\x00",
        "with a map's key twice": b"\xa2\x61a\x00\x61a\x01",
        "with text that is not UTF-8": b"\x61\xff",
        "with a bignum that 64 bits hold": b"\xc2\x48" + b"\xff" * 8,
        "with a bignum with a zero before it": b"\xc2\x4a\0" + b"\xff" * 9,
        "nested 17 deep": b"\x81" * 16 + b"\x80",
        "nested 500 deep": b"\x81" * 500 + b"\0",
        "cut short": b"\x82\x01",
    }
    for name, value in unknown.items():
        yield f"unknown claim {name}", with_claim(CBOR(-70000), value)


def malformed() -> Iterator[dict]:
    for name, text in malformed_text():
        yield vector(f"text: {name}", text, "MALFORMED")
    for name, data in malformed_code():
        yield vector(f"code: {name}", wrapped(data), "MALFORMED")
    for name, raw in malformed_seal():
        yield vector(f"strip: {name}", shown(raw), "MALFORMED")
    for name, some in malformed_claims():
        yield vector(f"claims: {name}", shown(sealed(CBOR(some))), "MALFORMED")
    for name, cnf in malformed_keys():
        yield vector(f"claims: {name}", shown(strip(cnf=cnf)), "MALFORMED")
    for name, some in malformed_holders():
        yield vector(f"paper: {name}", on_paper(sealed(CBOR(some))), "MALFORMED")
    for name, payload in malformed_encoding():
        yield vector(f"encoding: {name}", shown(sealed(payload)), "MALFORMED")


def unknown_claims() -> Iterator[dict]:
    """Well-formed claims that nobody knows change nothing."""
    values = {
        "a number": b"\x01", "a number beyond 2^53": b"\x1b" + b"\xff" * 8, "a negative one": b"\x3b" + b"\xff" * 8,
        "a float": b"\xf9\x3c\0", "a single float": b"\xfa\x47\xc3\x50\0",
        "a double": b"\xfb\x3f\xf1" + b"\x99" * 5 + b"\x9a",
        "the smallest half float": b"\xf9\0\x01", "a single just below the halves": b"\xfa\x33\0\0\0",
        "a NaN": b"\xf9\x7e\0", "minus zero": b"\xf9\x80\0", "infinity": b"\xf9\x7c\0", "undefined": b"\xf7",
        "a simple value": b"\xf8\x20", "text": b"\x63\xea\xb0\x80", "a byte order mark": b"\x63\xef\xbb\xbf",
        "a tagged time": b"\xc1\x1a" + NBF.to_bytes(4, "big"), "a bignum": b"\xc2\x49\x01" + bytes(8),
        "a map with mixed keys": b"\xa4\x01\x00\x20\x00\x40\x00\x60\x00", "nested 16 deep": b"\x81" * 14 + b"\x80",
    }  # fmt: skip
    for name, value in values.items():
        yield vector(f"unknown claim: {name}", shown(sealed(with_claim(CBOR(-70000), value))), "PASS")
    yield vector("unknown claim with a name", shown(sealed(with_claim(CBOR("x"), b"\x01"))), "PASS")
    early = packed([pairs(claims())[0], (CBOR(3), CBOR("aud")), *pairs(claims())[1:]])
    yield vector("unknown claim among the known", shown(sealed(early)), "PASS")


def keys_and_signatures() -> Iterator[dict]:
    yield vector("signed by a key that nobody knows", shown(strip(STRANGER)), "UNKNOWN_KEY")
    yield vector("signed by a key that no longer may", shown(strip(RETIRED)), "UNKNOWN_KEY")
    yield vector("no keys at all", CODE, "UNKNOWN_KEY", keys=[])
    yield vector("key allowed from tomorrow", CODE, "UNKNOWN_KEY", keys=[listed(AGENCY, "2026-03-03", "2026-12-31")])
    yield vector("key allowed for today alone", CODE, "PASS", keys=[listed(AGENCY, DAY, DAY)])
    yield vector("paper by a key that nobody knows", on_paper(sealed(CBOR(paper()), STRANGER)), "UNKNOWN_KEY")
    changed = CBOR(claims(**{"pass": [1, 3]}))
    signature = AGENCY.sign(CBOR(["Signature1", CBOR({1: -7, 4: AGENCY.kid}), b"", CBOR(claims(**{"pass": [0, 3]}))]))
    yield vector("pass changed from 0 to 1", shown(sealed(changed, signature=signature)), "FORGED")
    other = sealed(changed, signature=STRANGER.sign(CBOR(["Signature1", CBOR({1: -7, 4: AGENCY.kid}), b"", changed])))
    yield vector("signed by a stranger under the agency's kid", shown(other), "FORGED")
    der = AGENCY.sign(CBOR(["Signature", CBOR({1: -7, 4: AGENCY.kid}), b"", CBOR(claims())]))
    yield vector("signature over another context string", shown(sealed(changed, signature=der)), "FORGED")
    good = AGENCY.sign(CBOR(["Signature1", CBOR({1: -7, 4: AGENCY.kid}), b"", changed]))
    r, s, order = good[:32], good[32:], ORDER.to_bytes(32, "big")
    for name, number in {
        "r = 0": bytes(32) + s, "s = 0": r + bytes(32), "r and s = 0": bytes(64), "r = n": order + s,
        "s = n": r + order, "all ones": b"\xff" * 64, "s and r swapped": s + r,
    }.items():  # fmt: skip
        yield vector(f"signature with {name}", shown(sealed(changed, signature=number)), "FORGED")
    yield vector("paper signature with r = 0", on_paper(sealed(CBOR(paper()), signature=bytes(32) + s)), "FORGED")
    negated = r + (ORDER - int.from_bytes(s, "big")).to_bytes(32, "big")
    yield vector("signature with n - s is as good", shown(sealed(changed, signature=negated)), "PASS")


def proofs() -> Iterator[dict]:
    raw, t, proof = parts(GOOD)
    yield vector("proof by another key", shown(GOOD, key=OTHER), "FORGED")
    yield vector("proof by the agency's key", shown(GOOD, key=AGENCY), "FORGED")
    yield vector("proof of another second", wrapped(CBOR([raw, t + 1, proof])), "FORGED")
    yield vector("proof of another strip", wrapped(CBOR([raw, t, parts(strip(phone=1))[2]])), "FORGED")
    message = PHONE.sign(CBOR(["MJ2", raw, t]))
    yield vector("proof of another version", wrapped(CBOR([raw, t, message])), "FORGED")
    order = ORDER.to_bytes(32, "big")
    for name, number in {"r = 0": bytes(32) + proof[32:], "s = n": proof[:32] + order, "zeros": bytes(64)}.items():
        yield vector(f"proof with {name}", wrapped(CBOR([raw, t, number])), "FORGED")
    mirrored = {1: cose_key(PHONE.x, (PRIME - int.from_bytes(PHONE.y, "big")).to_bytes(32, "big"))}
    yield vector("proof against the mirrored point", shown(strip(cnf=mirrored)), "FORGED")


def times() -> Iterator[dict]:
    def at(now: float, **changed: Any) -> dict[str, Any]:
        return {"code": shown(strip(**changed), int(now)), "now": now}

    yield vector("61 s before the day", verdict="NOT_YET", **at(NBF - 61))
    yield vector("60.5 s before the day", shown(GOOD, NBF - 60), "NOT_YET", now=NBF - 60.5)
    yield vector("60 s before the day", verdict="PASS", **at(NBF - 60))
    yield vector("the day before at noon", verdict="NOT_YET", **at(NBF - 43200))
    yield vector("paper the day before", printed(), "NOT_YET", now=NBF - 43200)
    yield vector("00:00 of the day", verdict="PASS", **at(NBF))
    yield vector("23:59:59 of the day", verdict="PASS", **at(MIDNIGHT - 1))
    yield vector("00:30 of the next day", verdict="PASS", **at(MIDNIGHT + 1800))
    yield vector("03:59:59 of the next day", verdict="PASS", **at(NIGHT - 1))
    yield vector("a blink before 04:00 of the next day", shown(GOOD, NIGHT - 1), "PASS", now=NIGHT - 0.001)
    yield vector("04:00 of the next day, exp itself", verdict="EXPIRED", **at(NIGHT))
    yield vector("04:01 of the next day", verdict="EXPIRED", **at(NIGHT + 60))
    yield vector("worse tomorrow: a second before midnight", verdict="PASS", **at(MIDNIGHT - 1, exp=MIDNIGHT))
    yield vector("worse tomorrow: midnight", verdict="EXPIRED", **at(MIDNIGHT, exp=MIDNIGHT))
    yield vector("worse tomorrow: 00:30 of the next day", verdict="EXPIRED", **at(MIDNIGHT + 1800, exp=MIDNIGHT))
    yield vector("exp before nbf", verdict="EXPIRED", **at(NOON, exp=NBF - 1))
    yield vector("exp at the end of time", verdict="PASS", **at(NOON, exp=2**32 - 1))
    yield vector("paper on its last second", printed(), "PASS", identity=True, now=NBF + 31 * 86400 - 1)
    yield vector("paper past its end", printed(), "EXPIRED", now=NBF + 31 * 86400)
    for name, t, verdict in (
        ("30 s old", NOON - 30, "PASS"), ("31 s old", NOON - 31, "STALE"), ("an hour old", NOON - 3600, "STALE"),
        ("10 s ahead", NOON + 10, "PASS"), ("11 s ahead", NOON + 11, "STALE"), ("of the same second", NOON, "PASS"),
        ("of second 0", 0, "STALE"), ("of the last second there is", 2**32 - 1, "STALE"),
    ):  # fmt: skip
        yield vector(f"code {name}", shown(GOOD, t), verdict)
    yield vector("code 30.25 s old", shown(GOOD, NOON - 30), "STALE", now=NOON + 0.25)
    yield vector("code 10.5 s ahead", shown(GOOD, NOON + 10), "STALE", now=NOON - 0.5)


def what_the_scanner_knows() -> Iterator[dict]:
    near = CTI[:8].hex()
    yield vector("revoked after it was signed", CODE, "REVOKED", revoked=[[DAY, near, IAT + 1]])
    yield vector("revoked today", CODE, "REVOKED", revoked=[[DAY, near, NOON - 60]])
    yield vector("revoked twice, once after", CODE, "REVOKED", revoked=[[DAY, near, IAT - 9], [DAY, near, IAT + 9]])
    yield vector("paper revoked", printed(), "REVOKED", identity=True, revoked=[[DAY, near, NOON]])
    yield vector("revoked in the second it was signed", CODE, "PASS", revoked=[[DAY, near, IAT]])
    yield vector("revoked before it was signed anew", CODE, "PASS", revoked=[[DAY, near, IAT - 1]])
    yield vector("revoked for another day", CODE, "PASS", revoked=[["2026-03-03", near, NOON]])
    yield vector("somebody else revoked", CODE, "PASS", revoked=[[DAY, CTI[8:].hex(), NOON]])
    whole = CTI.hex()
    yield vector("shown just now", CODE, "REPEAT", ago=0, last_shown=[[whole, NOON]])
    yield vector("shown 5 minutes ago", CODE, "REPEAT", ago=300, last_shown=[[whole, NOON - 300]])
    yield vector("shown 10 minutes ago", CODE, "REPEAT", ago=600, last_shown=[[whole, NOON - 600]])
    yield vector("shown 12.75 s ago", CODE, "REPEAT", ago=12, last_shown=[[whole, NOON - 12.75]])
    yield vector("shown, then the clock was set back", CODE, "REPEAT", ago=0, last_shown=[[whole, NOON + 90]])
    yield vector(
        "paper shown a minute ago", printed(), "REPEAT", identity=True, ago=60, last_shown=[[whole, NOON - 60]]
    )
    yield vector("shown 601 s ago", CODE, "PASS", last_shown=[[whole, NOON - 601]])
    yield vector("somebody else shown", CODE, "PASS", last_shown=[[bytes(16).hex(), NOON]])


def rule(asks: bool = True, alone: bool = False, floor: int = 3) -> dict[str, Any]:
    return {"asks": asks, "alone": alone, "floor": floor}


def rules() -> Iterator[dict]:
    open_door, cafe = {DAY: rule(asks=False)}, {DAY: rule(alone=True)}
    refused = shown(strip(**{"pass": [0, 3]}))
    outdated, without = shown(strip(**{"pass": [1, 2]})), shown(strip(**{"pass": [0, 2]}))
    yield vector("no pass asked today", CODE, "ENTRY", days=open_door)
    yield vector("no pass asked, none held", refused, "ENTRY", days=open_door)
    yield vector("no pass asked, paper", printed(), "ENTRY", identity=True, days=open_door)
    yield vector("no pass asked, policy below the floor", outdated, "ENTRY", days=open_door)
    late = shown(GOOD, MIDNIGHT + 1800)
    night = {DAY: rule(), "2026-03-03": rule(asks=False)}
    yield vector("asked on the strip's day, not on the day of now", late, "ENTRY", now=MIDNIGHT + 1800, days=night)
    night = {DAY: rule(asks=False), "2026-03-03": rule()}
    yield vector("asked on the day of now, not on the strip's", late, "PASS", now=MIDNIGHT + 1800, days=night)
    yield vector("policy below the floor", outdated, "OUTDATED")
    yield vector("policy below the floor and no pass", without, "OUTDATED")
    yield vector("policy below the floor on paper", printed(**{"pass": [1, 2]}), "OUTDATED", identity=True)
    night = {DAY: rule(floor=4), "2026-03-03": rule(floor=3)}
    yield vector("the floor is of the strip's day", late, "OUTDATED", now=MIDNIGHT + 1800, days=night)
    night = {DAY: rule(floor=3), "2026-03-03": rule(floor=4)}
    yield vector("the floor of the day of now does not count", late, "PASS", now=MIDNIGHT + 1800, days=night)
    yield vector("policy above the floor", shown(strip(**{"pass": [1, 2**32 - 1]})), "PASS")
    yield vector("floor skipped past fresh_until", outdated, "PASS", fresh=False)
    yield vector("floor skipped in an outage", outdated, "PASS", outage=True)
    yield vector("floor skipped in an outage, no pass", without, "NO_PASS", outage=True)
    yield vector("pass", CODE, "PASS")
    yield vector("pass, phone in grace", shown(strip(phone=1)), "PASS")
    yield vector("pass, phone extended by an outage", shown(strip(phone=2)), "PASS")
    yield vector("pass on paper", printed(), "PASS", identity=True)
    yield vector("pass where one may sit alone", CODE, "PASS", days=cafe)
    yield vector("no pass", refused, "NO_PASS")
    yield vector("no pass where one may sit alone", refused, "NO_PASS", alone=True, days=cafe)
    yield vector("no pass on paper", printed(**{"pass": [0, 3]}), "NO_PASS", identity=True)
    yield vector(
        "no pass on paper, alone", printed(**{"pass": [0, 3]}), "NO_PASS", identity=True, alone=True, days=cafe
    )
    yield vector("a day not known takes the one before", CODE, "ENTRY", days={"2026-02-01": rule(asks=False)})
    nearest = {"2026-02-01": rule(), "2026-02-28": rule(asks=False)}
    yield vector("a day not known takes the nearest before", CODE, "ENTRY", days=nearest)
    yield vector("no day before takes the first after", CODE, "ENTRY", days={"2026-03-09": rule(asks=False)})
    yield vector("no days known at all", CODE, "PASS", days={})


def order() -> Iterator[dict]:
    """Two faults at once: the earlier step wins."""
    near, whole = [[DAY, CTI[:8].hex(), NOON]], [[CTI.hex(), NOON - 60]]
    free = {DAY: rule(asks=False)}
    below = strip(**{"pass": [0, 2]})
    yield vector("1 before 2: nobody's key and a bad shape", shown(strip(STRANGER, phone=9)), "MALFORMED")
    bad = sealed(CBOR(claims()), STRANGER, signature=bytes(64))
    yield vector("2 before 3: nobody's key and no signature", shown(bad), "UNKNOWN_KEY")
    bad = sealed(CBOR(claims()), signature=bytes(64))
    yield vector("3 before 4: no signature and expired", shown(bad, NIGHT), "FORGED", now=NIGHT)
    yield vector("3 before 6: no signature and stale", shown(bad, NOON - 99), "FORGED")
    yield vector("4 before 5: expired and another's proof", shown(GOOD, NIGHT, OTHER), "EXPIRED", now=NIGHT)
    yield vector("4 before 6: not yet and stale", shown(GOOD, NOON), "NOT_YET", now=NBF - 3600)
    yield vector("5 before 6: another's proof and stale", shown(GOOD, NOON - 99, OTHER), "FORGED")
    yield vector("5 before 7: another's proof and revoked", shown(GOOD, key=OTHER), "FORGED", revoked=near)
    yield vector("6 before 7: stale and revoked", shown(GOOD, NOON - 99), "STALE", revoked=near)
    yield vector("6 before 8: stale and shown before", shown(GOOD, NOON - 99), "STALE", last_shown=whole)
    yield vector("7 before 8: revoked and shown before", CODE, "REVOKED", revoked=near, last_shown=whole)
    yield vector("7 before 9: revoked and not asked", CODE, "REVOKED", revoked=near, days=free)
    yield vector("8 before 9: shown before and not asked", CODE, "REPEAT", ago=60, last_shown=whole, days=free)
    yield vector("8 before 11: shown before, no pass", shown(below), "REPEAT", ago=60, last_shown=whole)
    yield vector("9 before 10: not asked and outdated", shown(below), "ENTRY", days=free)
    yield vector("10 before 11: outdated and no pass", shown(below), "OUTDATED")
    yield vector("all at once from 4 on", shown(below, 0, OTHER), "EXPIRED", now=NIGHT, revoked=near, last_shown=whole)


def strips() -> Iterator[dict]:
    """Raw strips and what is in them, for readers of the format."""
    common = {"day": DAY, "issuer": ISSUER, "nbf": NBF, "iat": IAT, "cti": CTI.hex(), "kid": AGENCY.kid.hex()}
    key = (PHONE.x + PHONE.y).hex()
    phone = common | {"exp": NIGHT, "key": key, "pass": 1, "policy": 3, "phone": 0, "holder": None}
    yield {"name": "a pass, for the night too", "strip": GOOD.hex(), "claims": phone}
    raw = strip(exp=MIDNIGHT, phone=1, **{"pass": [0, 70000]})
    changed = {"exp": MIDNIGHT, "phone": 1, "pass": 0, "policy": 70000}
    yield {"name": "no pass, in grace, to midnight", "strip": raw.hex(), "claims": phone | changed}
    held = {"exp": NBF + 31 * 86400, "key": None, "phone": 3, "holder": ["홍*동", 1948]}
    yield {"name": "paper", "strip": sealed(CBOR(paper())).hex(), "claims": phone | held}
    raw = sealed(with_claim(CBOR(-70000), CBOR({"later": [1.5, None]})))
    yield {"name": "a claim that version 1 does not know", "strip": raw.hex(), "claims": phone}


def revocations() -> Iterator[dict]:
    entries = CTI[:8] + (NOON).to_bytes(4, "big") + bytes(8) + (IAT).to_bytes(4, "big")
    expected = {CTI[:8].hex(): NOON, bytes(8).hex(): IAT}

    def segment(payload: Any, key: Key = AGENCY, **seal: Any) -> str:
        return sealed(CBOR(payload), key, **seal).hex()

    yield {"name": "two entries", "segment": segment([DAY, 0, entries]), "day": DAY, "number": 0, "entries": expected}
    again = entries + CTI[:8] + IAT.to_bytes(4, "big")
    yield {
        "name": "the later counts",
        "segment": segment([DAY, 7, again]),
        "day": DAY,
        "number": 7,
        "entries": expected,
    }
    yield {"name": "empty", "segment": segment([DAY, 1, b""]), "day": DAY, "number": 1, "entries": {}}
    for name, bad in {
        "by a stranger": segment([DAY, 0, entries], STRANGER),
        "by a retired key": segment([DAY, 0, entries], RETIRED),
        "with a wrong signature": segment([DAY, 0, entries], signature=bytes(64)),
        "with half an entry": segment([DAY, 0, entries[:-1]]),
        "of no day": segment(["2026-02-30", 0, entries]),
        "of a day written otherwise": segment(["20260302", 0, entries]),
        "with a negative number": segment([DAY, -1, entries]),
        "a strip": GOOD.hex(),
    }.items():
        yield {"name": name, "segment": bad, "day": None}


def listed(key: Key, since: str, until: str) -> dict[str, str]:
    return {"kid": key.kid.hex(), "x": key.x.hex(), "y": key.y.hex(), "from": since, "until": until}


def everything() -> dict[str, Any]:
    secrets = {"agency": AGENCY, "retired": RETIRED, "stranger": STRANGER, "phone": PHONE, "other phone": OTHER}
    context = {
        "now": NOON,
        "keys": [listed(AGENCY, "2026-01-01", "2026-12-31"), listed(RETIRED, "2025-01-01", "2026-03-01")],
        "days": {"2026-03-01": rule(), DAY: rule(), "2026-03-03": rule()},
        "revoked": [],
        "last_shown": [],
        "fresh": True,
        "outage": False,
    }
    groups = (malformed, unknown_claims, keys_and_signatures, proofs, times, what_the_scanner_knows, rules, order)
    return {
        "format": "MJ1",
        "keys": {
            name: {"d": key.secret.to_bytes(32, "big").hex(), "x": key.x.hex(), "y": key.y.hex(), "kid": key.kid.hex()}
            for name, key in secrets.items()
        },
        "context": context,
        "strips": list(strips()),
        "revocations": list(revocations()),
        "codes": [one for group in groups for one in group()],
    }


def text() -> str:
    return json.dumps(everything(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
