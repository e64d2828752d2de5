"""Base45 (RFC 9285): bytes in the 45 characters of an alphanumeric QR. Pure; in JavaScript: static/js/base45.js."""

import struct

from registry.format.cbor import Malformed

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = bytes(ALPHABET.find(chr(code)) % 256 for code in range(256))
"""The value of each byte; 255 for what is not in the alphabet."""


def encode(data: bytes) -> str:
    """Three characters for each two bytes, two for a last single one."""
    text = []
    for number in struct.unpack(f">{len(data) // 2}H", data[: len(data) & ~1]):
        rest, first = divmod(number, 45)
        third, second = divmod(rest, 45)
        text.append(ALPHABET[first] + ALPHABET[second] + ALPHABET[third])
    if len(data) % 2:
        second, first = divmod(data[-1], 45)
        text.append(ALPHABET[first] + ALPHABET[second])
    return "".join(text)


def decode(text: str) -> bytes:
    """The bytes; each has one text. Raises Malformed for other characters (lower case too), a length that cannot be,
    and groups whose value does not fit into their bytes."""
    try:
        values = text.encode("ascii").translate(_VALUES)
    except UnicodeEncodeError:
        raise Malformed("not Base45") from None
    whole = len(values) // 3 * 3
    if len(values) - whole == 1 or 255 in values:
        raise Malformed("not Base45")
    groups = zip(values[0:whole:3], values[1:whole:3], values[2:whole:3], strict=True)
    numbers = [first + 45 * second + 2025 * third for first, second, third in groups]
    if numbers and max(numbers) > 0xFFFF:
        raise Malformed("not Base45: a group is too large")
    data = struct.pack(f">{len(numbers)}H", *numbers)
    if whole == len(values):
        return data
    last = values[whole] + 45 * values[whole + 1]
    if last > 0xFF:
        raise Malformed("not Base45: the last group is too large")
    return data + bytes((last,))
