"""Deterministic CBOR (RFC 8949 §4.2.1), strictly read. Pure; its JavaScript twin is static/js/cbor.js.

One value has one encoding here: shortest heads and floats, definite lengths, map keys in bytewise order without a
duplicate, valid UTF-8, nothing after the end. Everything else raises `Malformed`, and no length is believed before
the bytes for it are there.
"""

import math
import struct
from dataclasses import dataclass
from typing import Any

MAX_DEPTH = 16
"""Containers and tags that may lie in one another."""

UINT, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, OTHER = range(8)
_STRINGS = (BYTES, TEXT)
_ARGUMENT_SIZES = {24: 1, 25: 2, 26: 4, 27: 8}
_ARGUMENT_FLOORS = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}
_NAN = b"\x7e\x00"
_CONSTANTS = {20: False, 21: True, 22: None}


class Malformed(ValueError):
    """These bytes, or this text, are not in the format. The only error that any decoder of the format raises."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tagged value (major type 6). The pass format has none; they may stand in claims that we do not know."""

    number: int
    value: Any


@dataclass(frozen=True, slots=True)
class Simple:
    """A simple value other than false, true and null."""

    number: int


def head(major: int, argument: int) -> bytes:
    """The shortest head of an item: its major type (0 to 7) and its argument (0 to 2^64 − 1)."""
    if argument < 24:
        return bytes((major << 5 | argument,))
    if argument < 1 << 8:
        return bytes((major << 5 | 24, argument))
    if argument < 1 << 16:
        return struct.pack(">BH", major << 5 | 25, argument)
    if argument < 1 << 32:
        return struct.pack(">BI", major << 5 | 26, argument)
    return struct.pack(">BQ", major << 5 | 27, argument)


def byte_string(value: bytes) -> bytes:
    """`value` as a CBOR byte string."""
    return head(BYTES, len(value)) + value


def text_string(value: str) -> bytes:
    """`value` as a CBOR text string."""
    raw = value.encode()
    return head(TEXT, len(raw)) + raw


def decode(data: bytes) -> Any:
    """The one value that `data` encodes. Raises Malformed.

    Integers, bytes, text, floats, booleans and None come as Python's own, arrays as lists, tags and other simple
    values as `Tag` and `Simple`. A map comes as a dict whose keys are the **encoded** keys (`b"\\x04"` for 4), since
    that is what order and duplicates are judged by, and Python would take 1, 1.0 and True for one key.
    """
    try:
        value, end = _item(data, 0, MAX_DEPTH)
    except IndexError:
        raise Malformed("cut short") from None
    if end != len(data):
        raise Malformed("bytes after the end")
    return value


def _item(data: bytes, pos: int, depth: int) -> tuple[Any, int]:
    """The value that starts at `pos` and where the next one starts. IndexError where the data end before."""
    first = data[pos]
    pos += 1
    if first < 24:  # most items of a strip
        return first, pos
    major, argument = first >> 5, first & 31
    if major == OTHER:
        return _other(data, pos, argument)
    if argument >= 24:
        argument, pos = _argument(data, pos, argument)
    if major in _STRINGS:
        end = pos + argument
        if end > len(data):
            raise Malformed("cut short")
        return (data[pos:end] if major == BYTES else _text(data[pos:end])), end
    if major == NEGATIVE:
        return -1 - argument, pos
    return (argument, pos) if major == UINT else _container(data, pos, major, argument, depth)


def _container(data: bytes, pos: int, major: int, argument: int, depth: int) -> tuple[Any, int]:
    """The array, map or tag whose head ends at `pos`."""
    if not depth:
        raise Malformed("nested too deeply")
    if major == ARRAY:
        return _array(data, pos, argument, depth - 1)
    if major == MAP:
        return _map(data, pos, argument, depth - 1)
    return _tag(data, pos, argument, depth - 1)


def _argument(data: bytes, pos: int, info: int) -> tuple[int, int]:
    """An argument of 1, 2, 4 or 8 bytes, which must not have fitted into fewer."""
    if info == 24:
        argument, end = data[pos], pos + 1
    elif info > 27:
        raise Malformed("indefinite length or reserved head")
    else:
        end = pos + _ARGUMENT_SIZES[info]
        if end > len(data):
            raise Malformed("cut short")
        argument = int.from_bytes(data[pos:end], "big")
    if argument < _ARGUMENT_FLOORS[info]:
        raise Malformed("not the shortest form")
    return argument, end


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Malformed("text that is not UTF-8") from None


def _array(data: bytes, pos: int, count: int, depth: int) -> tuple[list[Any], int]:
    if count > len(data) - pos:
        raise Malformed("cut short")
    values = []
    for _ in range(count):
        value, pos = _item(data, pos, depth)
        values.append(value)
    return values, pos


def _map(data: bytes, pos: int, count: int, depth: int) -> tuple[dict[bytes, Any], int]:
    if count > (len(data) - pos) // 2:
        raise Malformed("cut short")
    pairs: dict[bytes, Any] = {}
    before = b""
    for _ in range(count):
        end = pos + 1 if data[pos] < 24 else _item(data, pos, depth)[1]
        key, pos = data[pos:end], end
        if key <= before:
            raise Malformed("map keys out of order or twice")
        pairs[key], pos = _item(data, pos, depth)
        before = key
    return pairs, pos


def _tag(data: bytes, pos: int, number: int, depth: int) -> tuple[Tag, int]:
    value, pos = _item(data, pos, depth)
    # RFC 8949 §3.4.3: a bignum is a byte string without leading zeros, and only for what 64 bits do not hold.
    if number in (2, 3) and not (type(value) is bytes and len(value) > 8 and value[0]):
        raise Malformed("bignum that is not in the shortest form")
    return Tag(number, value), pos


def _other(data: bytes, pos: int, info: int) -> tuple[Any, int]:
    """Floats and simple values (major type 7)."""
    if info < 24:
        return _CONSTANTS.get(info, Simple(info)), pos
    size = _ARGUMENT_SIZES.get(info)
    if size is None:
        raise Malformed("indefinite length or reserved head")
    raw, end = data[pos : pos + size], pos + size
    if len(raw) < size:
        raise Malformed("cut short")
    if size > 1:
        return _float(raw), end
    if raw[0] < 32:
        raise Malformed("not the shortest form")
    return Simple(raw[0]), end


def _float(raw: bytes) -> float:
    """A float of 2, 4 or 8 bytes, which must not keep its value in fewer. The one NaN is f97e00."""
    value: float = struct.unpack({2: ">e", 4: ">f", 8: ">d"}[len(raw)], raw)[0]
    if math.isnan(value):
        if raw != _NAN:
            raise Malformed("not the shortest form")
    elif len(raw) > 2 and _fits(value, ">e" if len(raw) == 4 else ">f"):
        raise Malformed("not the shortest form")
    return value


def _fits(value: float, layout: str) -> bool:
    try:
        return bool(struct.unpack(layout, struct.pack(layout, value))[0] == value)
    except OverflowError:
        return False
