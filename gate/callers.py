"""Callers with a key of their own, as the gate sorts them: which key is whose, how many places, how many requests.

The gate knows no key, only what it hashes to, and asks no database: the table of all callers comes with the rules. Who
they are and what they may do is said by those behind the gate, who look the key up themselves. No Django in here.
"""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """`name` is the class of traffic, `places` its requests at once in a process, `per_minute` its requests in all."""

    name: str
    places: int
    per_minute: int


def digest_of(key: str) -> str:
    """What a key is known by: hex."""
    return hashlib.sha256(key.encode()).hexdigest()


def key_in(header: str) -> str:
    """The key of an `Authorization: Bearer KEY` header (RFC 6750); empty where it has none."""
    scheme, _space, key = header.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""
