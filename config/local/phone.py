"""What `bin/run --lan` prints for who holds a phone: the address as a QR code, and what the phone will ask."""

from __future__ import annotations

from itertools import groupby

from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_L

from config.local.lan import Lan

# Black and white of the 256 fixed colours: themes of terminals redefine the first sixteen, never these.
BLACK, WHITE, PLAIN = 16, 231, "\x1b[0m"


def drawn(text: str) -> str:
    """`text` as a QR code of half blocks, dark on light in light and dark terminals alike."""
    code = QRCode(border=4, error_correction=ERROR_CORRECT_L)
    code.add_data(text)
    rows = code.get_matrix()
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    return "\n".join(_line(list(zip(*pair, strict=True))) for pair in zip(rows[::2], rows[1::2], strict=True))


def _line(cells: list[tuple[bool, bool]]) -> str:
    """Two rows of modules: the upper one in the colour of the sign, the lower one in that of the ground."""
    runs = ((inks, len(list(same))) for inks, same in groupby(cells))
    colour = {True: BLACK, False: WHITE}
    return "  " + "".join(f"\x1b[38;5;{colour[top]};48;5;{colour[below]}m{'▀' * n}" for (top, below), n in runs) + PLAIN


def told(lan: Lan, site: str, *, terminal: bool) -> str:
    """All that the table does not say. Without a terminal no picture: its colours would be signs in a file."""
    lines = [
        f"OPEN TO THE NETWORK: whoever reaches {lan.address} can use this demo, at port {site.rsplit(':', 1)[1]}, and",
        f"read its text messages, at port {lan.messages_port}. Use it among people you trust; Ctrl-C ends it.",
        "",
        *([drawn(f"{site}/"), ""] if terminal else []),
        f"On the phone, in the same Wi-Fi: {site}/",
        "The browser does not know this machine's certificate and warns, once for each address. Go on all the same:",
        "    Android  Chrome: “Advanced”, “Proceed”            iPhone  Safari: “Show Details”, “visit this website”",
        "That is enough for pass, camera and text messages. To start without a network and to install the pages, the",
        f"phone must trust the certificate. Open {lan.messages}/munjigi.crt, then in the Settings:",
        "    Android  Security, “Encryption & credentials”, “Install a certificate”, “CA certificate”",
        "    iPhone   General, “VPN & Device Management”; then General, About, “Certificate Trust Settings”",
        "It stands for this machine's demo alone. Take it off the phone when you are done.",
    ]
    return "\n".join(line if line.startswith(" ") or not line else f"  {line}" for line in lines)
