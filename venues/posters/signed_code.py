"""The code on a venue's poster: what it is and whose, signed by the agency, so that a phone without a network can tell
one venue's poster from another's and a genuine one from a drawn one (docs/pass-format.md, "Posters"). Pure.

An untagged COSE_Sign1 array made like a strip's, over CBOR [venue, number, made, name, region]; on the poster it stands
in base64url at the end of an address. A strip has a map inside and a segment of revocations three members, so none can
be taken for another. The twin is static/js/poster.js.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from registry.format import base64url, cbor
from registry.format.es256 import verify_es256
from registry.format.passcode import AgencyKey
from registry.format.strip import expect, is_uint, open_sign1, seoul_day, sign1

MAX_TEXT = 1024  # characters of a code; the longest name and region take 600
MAX_NAME, MAX_REGION = 320, 120  # bytes of UTF-8


@dataclass(frozen=True, slots=True)
class PosterCode:
    """`number` counts the posters of a venue from 1; `made` is the second of signing; `region` is in Korean."""

    venue: int
    number: int
    made: int
    name: str
    region: str
    kid: bytes
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    def is_genuine(self, keys: Mapping[bytes, AgencyKey]) -> bool | None:
        """Whether the agency signed it; None where its key is not among `keys`, or may not sign for that day."""
        key = keys.get(self.kid)
        if key is None or not key.since <= seoul_day(self.made) <= key.until:
            return None
        return verify_es256(key.public_key, self.signature, self.signed)


def encode(
    *, private_key: EllipticCurvePrivateKey, kid: bytes, venue: int, number: int, made: int, name: str, region: str
) -> str:
    """The signed code as text, some 200 characters. `kid` must be of a key that may sign for the day of `made`."""
    numbers = b"".join(cbor.head(cbor.UINT, each) for each in (venue, number, made))
    payload = b"\x85" + numbers + cbor.text_string(name) + cbor.text_string(region)
    return base64url.encode(sign1(private_key, kid, payload))


def decode(text: str) -> PosterCode:
    """What a code says; its signature is not looked at. Raises Malformed."""
    expect(len(text) <= MAX_TEXT)
    kid, payload, signed, signature = open_sign1(base64url.decode(text))
    parts = cbor.decode(payload)
    expect(type(parts) is list and len(parts) == 5)
    venue, number, made, name, region = parts
    expect(is_uint(venue) and is_uint(number) and is_uint(made))
    expect(type(name) is str and 1 <= len(name.encode()) <= MAX_NAME)
    expect(type(region) is str and len(region.encode()) <= MAX_REGION)
    return PosterCode(venue, number, made, name, region, kid, signed, signature)
