"""ES256 (RFC 7518 §3.4, RFC 9053 §2.1) with points as 64 bytes x‖y and signatures as 64 bytes r‖s. Pure.

`cryptography` speaks DER and full points; COSE, CWT and WebCrypto speak the bare numbers. The border is here.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from registry.format.cbor import Malformed

POINT_LENGTH = SIGNATURE_LENGTH = 64
_PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_CURVE = SECP256R1()
_ES256 = ECDSA(SHA256())


def on_curve(point: bytes) -> bool:
    """Whether `point` is x‖y of a point of P-256 (so of the right length, both below the prime, and not infinity)."""
    if len(point) != POINT_LENGTH:
        return False
    x, y = int.from_bytes(point[:32], "big"), int.from_bytes(point[32:], "big")
    return x < _PRIME and y < _PRIME and (y * y - (x * x - 3) * x - _B) % _PRIME == 0


def public_key_of(point: bytes) -> EllipticCurvePublicKey:
    """The key at x‖y. Raises Malformed where that is no point of the curve."""
    try:
        if len(point) == POINT_LENGTH:
            return EllipticCurvePublicKey.from_encoded_point(_CURVE, b"\x04" + point)
    except ValueError:
        pass
    raise Malformed("no point of P-256")


def point_of(key: EllipticCurvePrivateKey | EllipticCurvePublicKey) -> bytes:
    """x‖y of a P-256 key."""
    public = key.public_key() if isinstance(key, EllipticCurvePrivateKey) else key
    numbers = public.public_numbers()
    return numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")


def sign_es256(private_key: EllipticCurvePrivateKey, message: bytes) -> bytes:
    """r‖s over SHA-256 of `message`."""
    r, s = decode_dss_signature(private_key.sign(message, _ES256))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verify_es256(public_key: EllipticCurvePublicKey, signature: bytes, message: bytes) -> bool:
    """Whether r‖s is this key's over `message`; False as well for a wrong length and for numbers out of range."""
    if len(signature) != SIGNATURE_LENGTH:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (0 < r < _ORDER and 0 < s < _ORDER):
        return False
    try:
        public_key.verify(encode_dss_signature(r, s), message, _ES256)
    except InvalidSignature:
        return False
    return True
