"""base64url without padding (RFC 4648 §5), in which the API and posters' addresses carry bytes. Pure. The twin is
static/js/base64url.js.
"""

import base64
import binascii

from registry.format.cbor import Malformed

_FROM_URL = bytes.maketrans(b"-_+/=", b"+/!!!")  # what is not of base64url becomes what is not of base64 either


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Nothing else is let through. Raises Malformed."""
    try:
        raw = text.encode("ascii")
        return binascii.a2b_base64(raw.translate(_FROM_URL) + b"=" * (-len(raw) % 4), strict_mode=True)
    except ValueError:
        raise Malformed("not base64url") from None
