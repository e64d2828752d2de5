"""What the master key does: it encrypts personal fields, finds them by blind index, and hashes codes and tokens.

AES-256-GCM (NIST SP 800-38D) with keys drawn from the master key by HKDF (RFC 5869), one per purpose; a blind index is
an HMAC-SHA-256 over the normalised value. Each ciphertext begins with 4 bytes that name the master key, so that those
of the key before are read while `registry.rekeying` writes them anew. Blind indexes have a root of their own,
INDEX_KEY.
"""

import hashlib
import hmac
import os
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

KEY_ID, NONCE = 4, 12
BLOCK = 64  # bytes that SHA-256 takes at once


class Unreadable(Exception):
    """The ciphertext is not from a master key of ours, or was changed."""


@cache
def _derived(purpose: str, master: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"munjigi " + purpose.encode()).derive(master)


@cache
def _cipher(purpose: str, master: bytes) -> tuple[bytes, AESGCM]:
    return _derived("key id", master)[:KEY_ID], AESGCM(_derived("encrypt " + purpose, master))


def key_id(master: bytes) -> bytes:
    """The 4 bytes with which each ciphertext of a master key begins."""
    return _derived("key id", master)[:KEY_ID]


def encrypt(plain: bytes, *, purpose: str) -> bytes:
    """key id ‖ nonce ‖ ciphertext and tag; `purpose` (a field's name, say) is part of the key."""
    name, cipher = _cipher(purpose, settings.MASTER_KEY)
    nonce = os.urandom(NONCE)
    return name + nonce + cipher.encrypt(nonce, plain, None)


def encrypt_all(plains: list[bytes], *, purpose: str) -> list[bytes]:
    """As `encrypt` does each; what is the same for all is done once."""
    name, cipher = _cipher(purpose, settings.MASTER_KEY)
    nonces = os.urandom(NONCE * len(plains))
    drawn = [nonces[at : at + NONCE] for at in range(0, len(nonces), NONCE)]
    return [name + nonce + cipher.encrypt(nonce, plain, None) for nonce, plain in zip(drawn, plains, strict=True)]


def decrypt(data: bytes, *, purpose: str) -> bytes:
    """The plain bytes, under the master key or one of those before it. Raises Unreadable."""
    for master in (settings.MASTER_KEY, *settings.MASTER_KEYS_BEFORE):
        name, cipher = _cipher(purpose, master)
        if data[:KEY_ID] == name:
            try:
                return cipher.decrypt(data[KEY_ID : KEY_ID + NONCE], data[KEY_ID + NONCE :], None)
            except InvalidTag:
                raise Unreadable(f"{purpose} was changed") from None
    raise Unreadable(f"{purpose} was encrypted under another master key")


def blind_index(kind: str, value: str) -> bytes:
    """32 bytes that stand for `value` in an index: equal for equal values, telling nothing without INDEX_KEY."""
    return hmac.digest(_derived("index " + kind, settings.INDEX_KEY), value.encode(), "sha256")


@cache
def _begun(kind: str, index_key: bytes) -> tuple[Any, Any]:
    """The two hashes of an HMAC (RFC 2104), begun with the key: to copy them is cheaper than to begin anew."""
    key = _derived("index " + kind, index_key).ljust(BLOCK, b"\0")
    return hashlib.sha256(bytes(byte ^ 0x36 for byte in key)), hashlib.sha256(bytes(byte ^ 0x5C for byte in key))


def blind_indexes(kind: str, values: list[str]) -> list[bytes]:
    """As `blind_index` does each."""
    inside, outside = _begun(kind, settings.INDEX_KEY)
    found = []
    for value in values:
        inner, outer = inside.copy(), outside.copy()
        inner.update(value.encode())
        outer.update(inner.digest())
        found.append(outer.digest())
    return found


def token_hash(token: str) -> bytes:
    """32 bytes for a token of at least 128 random bits; such tokens need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).digest()
