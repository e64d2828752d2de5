"""What the master key does: it encrypts personal fields, finds them by blind index, and hashes codes and tokens.

AES-256-GCM (NIST SP 800-38D) with keys drawn from the master key by HKDF (RFC 5869), one per purpose; a blind index is
an HMAC-SHA-256 over the normalised value. Each ciphertext begins with 4 bytes that name the master key.
"""

import hashlib
import hmac
import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

KEY_ID, NONCE = 4, 12


class Unreadable(Exception):
    """The ciphertext is not from this master key, or was changed."""


@cache
def _derived(purpose: str, master: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"munjigi " + purpose.encode()).derive(master)


@cache
def _cipher(purpose: str, master: bytes) -> tuple[bytes, AESGCM]:
    return _derived("key id", master)[:KEY_ID], AESGCM(_derived("encrypt " + purpose, master))


def encrypt(plain: bytes, *, purpose: str) -> bytes:
    """key id ‖ nonce ‖ ciphertext and tag; `purpose` (a field's name, say) is part of the key."""
    key_id, cipher = _cipher(purpose, settings.MASTER_KEY)
    nonce = os.urandom(NONCE)
    return key_id + nonce + cipher.encrypt(nonce, plain, None)


def decrypt(data: bytes, *, purpose: str) -> bytes:
    """The plain bytes. Raises Unreadable."""
    key_id, cipher = _cipher(purpose, settings.MASTER_KEY)
    if data[:KEY_ID] != key_id:
        raise Unreadable(f"{purpose} was encrypted under another master key")
    try:
        return cipher.decrypt(data[KEY_ID : KEY_ID + NONCE], data[KEY_ID + NONCE :], None)
    except InvalidTag:
        raise Unreadable(f"{purpose} was changed") from None


def blind_index(kind: str, value: str) -> bytes:
    """32 bytes that stand for `value` in an index: equal for equal values, telling nothing without the master key."""
    return hmac.digest(_derived("index " + kind, settings.MASTER_KEY), value.encode(), "sha256")


def token_hash(token: str) -> bytes:
    """32 bytes for a token of at least 128 random bits; such tokens need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).digest()
