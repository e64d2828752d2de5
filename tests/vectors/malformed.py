"""Codes that step 1 refuses, each for a reason of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from tests.vectors.pieces import (
    AGENCY,
    BINARY,
    CBOR,
    CODE,
    CTI,
    GOOD,
    ISSUER,
    NBF,
    NIGHT,
    PHONE,
    PRIME,
    base45,
    claims,
    cose_key,
    on_paper,
    packed,
    pairs,
    paper,
    parts,
    replaced,
    sealed,
    shown,
    strip,
    vector,
    with_claim,
    wrapped,
)


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
