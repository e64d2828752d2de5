"""Strips and codes put together by hand and by `cbor2`, not by the code under test; right ones and wrong ones."""

from __future__ import annotations

from functools import partial
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

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


def parts(raw: bytes, t: Any = NOON - 3, key: Key = PHONE, poster: tuple[int, ...] = ()) -> list[Any]:
    return [raw, t, key.sign(CBOR(["MJ1", raw, t, *poster]))]


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


def with_claim(label: bytes, value: bytes) -> bytes:
    """The payload of a good strip with one claim more, at its end (so `label` must sort behind -65538)."""
    return packed([*pairs(claims()), (label, value)])


def replaced(label: int, value: bytes) -> bytes:
    """The payload of a good strip, one value replaced by bytes as they stand."""
    return packed([(key, value if key == CBOR(label) else old) for key, old in pairs(claims())])


def vector(name: str, code: str, verdict: str, *, alone: bool = False, identity: bool = False, **context: Any) -> dict:
    ago = context.pop("ago", None)
    found = {"name": name, "code": code, "context": context, "verdict": verdict}
    return found | {"alone": alone, "identity": identity} | ({} if ago is None else {"ago": ago})
