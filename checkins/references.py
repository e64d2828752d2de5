"""The short reference on a scanner's screen by which a clerk finds why somebody was not let in. Pure.

    value = SPREAD · (scanner + STEP · seq)  mod 30^8

as eight of 30 letters and digits that nobody takes for one another, the least first. The scanner makes it from its own
number and the scan's, without a network; static/js/scanner/reference.js is its twin. SPREAD has no factor in common
with 30, so it loses nothing and only scatters. STEP is chosen so that two scans never share a reference unless the
numbers of their scanners or of the scans lie more than 200,000 apart and the other ones more than 800,000.
"""

import secrets as random

ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
LENGTH = 8
SIZE = 30**LENGTH
STEP = 359_858_804_597
SPREAD = 405_492_100_019


def reference(scanner: int, seq: int) -> str:
    """The reference of a scan, eight characters."""
    return _text(SPREAD * (scanner + STEP * seq) % SIZE)


def by_chance() -> str:
    """A reference for a scan that has no number, as the server decided on it."""
    return "".join(random.choice(ALPHABET) for _place in range(LENGTH))


def _text(value: int) -> str:
    text = ""
    for _place in range(LENGTH):
        value, digit = divmod(value, len(ALPHABET))
        text += ALPHABET[digit]
    return text


def normalised(typed: str) -> str:
    """A reference as it is kept: in capitals, without hyphens and spaces."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())


def shown(kept: str) -> str:
    """A reference as people read it: "ABCD-2345"."""
    return f"{kept[:4]}-{kept[4:]}"
