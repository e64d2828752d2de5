"""The simulator's HTTP server: the provider's side of the protocol, a page to read, a switch for its behaviour."""

import hmac
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from registry.sms.simulator.page import fragment, page
from registry.sms.simulator.store import Behaviour, Refused, Store, as_json

LARGEST_BODY = 16_384
HERE = Path(__file__).parent
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Simulator(ThreadingHTTPServer):
    """Serves on the loopback interface; `key` is what callers of /messages must bear."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, key: str) -> None:
        self.key = key
        self.store = Store()
        super().__init__(("127.0.0.1", port), Handler)


class Handler(BaseHTTPRequestHandler):
    server: Simulator
    protocol_version = "HTTP/1.1"
    timeout = 60  # seconds without a byte from the caller
    wbufsize = 65_536  # head and body leave together
    disable_nagle_algorithm = True
    files: ClassVar[dict[str, tuple[str, bytes]]] = {
        "/page.css": ("text/css; charset=utf-8", (HERE / "page.css").read_bytes()),
        "/page.js": ("text/javascript; charset=utf-8", (HERE / "page.js").read_bytes()),
    }

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        to = parse_qs(url.query).get("to", [""])[0]
        messages = self.server.store.newest_first
        if url.path == "/":
            self.reply(200, page(messages(to), to).encode(), "text/html; charset=utf-8")
        elif url.path == "/messages.html":
            self.reply(200, fragment(messages(to)).encode(), "text/html; charset=utf-8")
        elif url.path == "/messages.json":
            self.reply_json(200, as_json(messages(to)))
        elif url.path == "/health":
            self.reply_json(200, {"status": "ok", "mode": self.server.store.behaviour.mode})
        elif url.path in self.files:
            kind, content = self.files[url.path]
            self.reply(200, content, kind)
        else:
            self.reply_json(404, {"error": "unknown address"})

    do_HEAD = do_GET

    def do_POST(self) -> None:
        try:
            body = self.body()
            if self.path == "/messages":
                self.take(body)
            elif self.path == "/behaviour":
                self.behave(body)
            else:
                self.reply_json(404, {"error": "unknown address"})
        except Refused as refusal:
            self.reply_json(422, {"error": str(refusal)})

    def body(self) -> Any:
        """The JSON body. Raises Refused; what is too large is not read and ends the connection."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            self.close_connection = True
            raise Refused(f"the body must be JSON of at most {LARGEST_BODY} bytes with its length told")
        try:
            return json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            raise Refused("the body must be JSON") from None

    def take(self, body: Any) -> None:
        """POST /messages: as docs/sms.md says, after the manner now asked for."""
        given = self.headers.get("Authorization", "").encode("latin-1", "replace")
        if not hmac.compare_digest(given, b"Bearer " + self.server.key.encode()):
            self.reply_json(401, {"error": "unknown key"})
            return
        key = self.headers.get("Idempotency-Key", "")
        if not 0 < len(key) <= 100:
            raise Refused("an Idempotency-Key of 1 to 100 characters is needed")
        behaviour = self.server.store.behaviour
        if behaviour.mode == "fail":
            self.reply_json(behaviour.status, {"error": "told to fail"})
        elif behaviour.mode == "hang":
            self.server.store.hold()
            self.close_connection = True
        else:
            message = self.server.store.take(key, body)
            if behaviour.mode == "lag":
                self.server.store.hold()
            self.reply_json(202, {"id": message.id})

    def behave(self, body: Any) -> None:
        """POST /behaviour, from this machine alone: no page of elsewhere may switch it."""
        origin = self.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != self.headers.get("Host"):
            self.reply_json(403, {"error": "not from another site"})
            return
        self.server.store.behave(Behaviour.of(body))
        self.reply_json(200, {"mode": self.server.store.behaviour.mode})

    def reply_json(self, status: int, content: object) -> None:
        self.reply(status, json.dumps(content, ensure_ascii=False).encode(), "application/json")

    def reply(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        for name, value in (HEADERS | {"Content-Type": kind, "Content-Length": str(len(content))}).items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True  # the caller gave up

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a log of the demo would be full of numbers."""
