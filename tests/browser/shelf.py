"""The scanner's page from a plain file server, and a door that is paired already: for what happens on the device.

Nothing behind it answers, as on a day without a network; keys and codes are real ones of the pass format.
"""

import base64
import json
import mimetypes
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from config.local import embedded
from registry.format import passcode
from venues.door import shell

STATIC = Path(settings.BASE_DIR / "static")
KID = b"doorkey1"

# The page's own modules make the database; what a pairing and a fetched manifest leave in it is put there.
SEED = """([pairing, manifest]) => new Promise((resolve, reject) => {
  indexedDB.open("munjigi-scanner").onsuccess = ({ target }) => {
    const transaction = target.result.transaction("state", "readwrite");
    transaction.objectStore("state").put(pairing, "pairing");
    transaction.objectStore("state").put(manifest, "manifest");
    transaction.oncomplete = () => { target.result.close(); resolve(); };
    transaction.onabort = () => reject(transaction.error);
  };
})"""


class Shelf(BaseHTTPRequestHandler):
    """Serves the pages that it is given, and static files as they lie."""

    def __init__(self, pages: dict[str, tuple[str, bytes]], *rest) -> None:
        self.pages = pages
        super().__init__(*rest)

    def do_GET(self) -> None:
        path = STATIC / self.path.removeprefix("/static/")
        if self.path in self.pages:
            kind, body = self.pages[self.path]
        elif self.path.startswith("/static/") and path.is_file():
            kind, body = mimetypes.guess_type(path)[0] or "application/octet-stream", path.read_bytes()
        else:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-cache")
        self.end_headers()
        with suppress(ConnectionError):  # the page went on already
            self.wfile.write(body)

    def log_message(self, *_rest) -> None:
        pass


def deploy(pages: dict[str, tuple[str, bytes]]) -> None:
    """Put the shell as it is now on the shelf."""
    client = Client()
    shell._versions.clear()
    manifests = [address for address in shell.assets() if address.startswith("/scanner/")]
    languages = [shell.page_address(code) for code, _name in settings.LANGUAGES]
    for address in ("/scanner/", "/scanner/sw.js", *languages, *manifests):
        answer = client.get(address)
        pages[address] = (answer.headers["Content-Type"], answer.content)


@contextmanager
def shelf() -> Iterator[tuple[str, dict[str, tuple[str, bytes]], ThreadingHTTPServer]]:
    """The address of the page, what lies on the shelf, the server."""
    pages: dict[str, tuple[str, bytes]] = {}
    deploy(pages)
    server = ThreadingHTTPServer(("127.0.0.1", embedded.free_port()), partial(Shelf, pages))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/scanner/", pages, server
    server.shutdown()
    server.server_close()
    shell._versions.clear()


class Door:
    """A café with a scanner, and the agency that signs its guests' strips."""

    def __init__(self) -> None:
        self.agency = ec.generate_private_key(ec.SECP256R1())
        self.day = passcode.seoul_day(time.time())

    def open(self, context: BrowserContext, address: str) -> Page:
        """The page on a device that was paired before and holds its manifest."""
        page = context.new_page()
        page.goto(address)
        expect(page.locator("body")).to_have_attribute("data-state", "unpaired")
        page.evaluate(SEED, [self._pairing(), self._manifest()])
        page.goto(address)
        expect(page.locator("body")).to_have_attribute("data-state", "ready")
        return page

    def code(self, *, passes: bool = True, late: int = 0) -> str:
        """What a guest's phone shows now; the proof is `late` seconds old."""
        now, phone = int(time.time()), ec.generate_private_key(ec.SECP256R1())
        nbf, exp = passcode.strip_times(self.day, worse_tomorrow=False)
        strip = passcode.sign_strip(
            private_key=self.agency, kid=KID, issuer="KR", day=self.day, exp=exp, iat=max(nbf, now - 600),
            cti=uuid.uuid4().bytes, cnf=passcode.point_of(phone), passes=passes, policy=9, phone=0,
        )  # fmt: skip
        return passcode.encode_code(strip, now - late, passcode.sign_proof(phone, strip, now - late))

    def _pairing(self) -> dict:
        venue = {"id": 1, "name": "한강 카페"}
        return {"token": "t" * 43, "scanner": 1, "name": "정문", "venue": venue, "trouble": ""}

    def _manifest(self) -> dict:
        point, day = self.agency.public_key().public_numbers(), self.day.isoformat()
        whole = {"from": day[:4] + "-01-01", "until": day[:4] + "-12-31"}
        x, y = (_base64url(number.to_bytes(32, "big")) for number in (point.x, point.y))
        body = {
            "keys": [{"kid": _base64url(KID), "x": x, "y": y} | whole],
            "days": {day: {"asks": True, "alone": False, "floor": 0}},
            "fresh_until": int((time.time() + 86400) * 1000),
            "revocations": [],
            "venue": {"id": 1, "name": "한강 카페", "category_name": {"ko": "카페", "en": "Café"}},
            "scanner": {"id": 1, "name": "정문"},
        }
        return {"scanner": 1, "body": body, "etag": None, "fetchedAt": int(time.time() * 1000)}


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def show(page: Page, text: str, verdict: str) -> None:
    """A USB scanner types the code, wherever the focus is."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.locator("#verdict")).to_have_attribute("data-verdict", verdict)


def kept(page: Page, name: str) -> object:
    """What the device keeps under a name."""
    return json.loads(
        page.evaluate(
            """(name) => new Promise((resolve) => {
              indexedDB.open("munjigi-scanner").onsuccess = ({ target }) => {
                const asked = target.result.transaction("state").objectStore("state").get(name);
                asked.onsuccess = () => { target.result.close(); resolve(JSON.stringify(asked.result ?? null)); };
              };
            })""",
            name,
        )
    )
