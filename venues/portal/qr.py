"""QR codes as a path of an inline SVG: no style attribute, no data: address, no file that could be kept."""

from dataclasses import dataclass

from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M


@dataclass(frozen=True, slots=True)
class Drawing:
    """`path` is the `d` of a path in a viewBox of `size` × `size`, the quiet zone of four modules included."""

    size: int
    path: str


def draw(text: str) -> Drawing:
    code = QRCode(border=4, error_correction=ERROR_CORRECT_M)
    code.add_data(text)
    rows = code.get_matrix()
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return Drawing(len(rows), path)
