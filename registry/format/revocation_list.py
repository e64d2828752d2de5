"""The revocations that scanners keep: one signed, growing segment after another for each day (docs/pass-format.md).

A segment is an untagged COSE_Sign1 array by a key that may sign for its day, over CBOR [day, segment, entries];
entries are 12 bytes each: the first 8 of a cti and, big-endian, the second since when strips signed earlier are void.
"""

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from registry.format import cbor
from registry.format.cbor import Malformed
from registry.format.es256 import verify_es256
from registry.format.passcode import AgencyKey
from registry.format.strip import expect, is_uint, open_sign1, sign1

_ENTRY = struct.Struct(">8sI")


@dataclass(frozen=True, slots=True)
class RevocationList:
    """One segment, its signature verified; `entries` maps the first 8 bytes of a cti to the latest second."""

    day: date
    segment: int
    entries: dict[bytes, int]


def encode_revocations(
    *,
    private_key: EllipticCurvePrivateKey,
    kid: bytes,
    day: date,
    segment: int,
    entries: Iterable[tuple[bytes, int]],
) -> bytes:
    """The signed segment; `entries` are (cti or its first 8 bytes, second) in the order in which they were added."""
    packed = b"".join(_ENTRY.pack(cti[:8], since) for cti, since in entries)
    payload = b"\x83" + cbor.text_string(day.isoformat()) + cbor.head(cbor.UINT, segment) + cbor.byte_string(packed)
    return sign1(private_key, kid, payload)


def decode_revocations(raw: bytes, *, keys: Mapping[bytes, AgencyKey]) -> RevocationList:
    """The segment in `raw`. Raises Malformed for its shape, for a key that may not sign for the day, and for a
    signature that is not the key's."""
    kid, payload, signed, signature = open_sign1(raw)
    parts = cbor.decode(payload)
    expect(type(parts) is list and len(parts) == 3)
    name, segment, packed = parts
    expect(type(name) is str and is_uint(segment) and type(packed) is bytes and len(packed) % _ENTRY.size == 0)
    try:
        day = date.fromisoformat(name)
    except ValueError:
        raise Malformed("not a day") from None
    key = keys.get(kid)
    expect(day.isoformat() == name and key is not None and key.since <= day <= key.until)
    if key is None or not verify_es256(key.public_key, signature, signed):
        raise Malformed("not signed by the agency")
    entries: dict[bytes, int] = {}
    for cti, since in _ENTRY.iter_unpack(packed):
        entries[cti] = max(since, entries.get(cti, 0))
    return RevocationList(day, segment, entries)
