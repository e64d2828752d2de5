"""The simulator's HTTP server: the providers' side of their protocols, a page to read, a switch for how they behave."""

import json
from dataclasses import asdict, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from registry.sms.simulator.page import fragment, page
from registry.sms.simulator.postman import Postman
from registry.sms.simulator.store import PROVIDERS, Behaviour, Refused, Store, as_json
from registry.sms.simulator.wires import Request, Unproven, Wire, wires

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
    """Serves on the loopback interface; `settings` holds the keys of the providers (docs/sms.md)."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, settings: dict[str, str]) -> None:
        self.store = Store()
        self.wires = wires(settings)
        self.postman = Postman()
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
        asked = parse_qs(url.query)
        to, provider = (asked.get(name, [""])[0] for name in ("to", "provider"))
        store = self.server.store
        messages = store.newest_first
        if url.path == "/":
            self.reply(200, page(messages(to), to).encode(), "text/html; charset=utf-8")
        elif url.path == "/messages.html":
            self.reply(200, fragment(messages(to)).encode(), "text/html; charset=utf-8")
        elif url.path == "/messages.json":
            self.reply_json(200, as_json(messages(to, provider)))
        elif url.path == "/behaviour":
            self.reply_json(200, {name: asdict(store.behaviour(name)) for name in PROVIDERS})
        elif url.path == "/health":
            self.reply_json(200, {"status": "ok", "mode": store.behaviour().mode})
        elif url.path in self.files:
            kind, content = self.files[url.path]
            self.reply(200, content, kind)
        else:
            self.reply_json(404, {"error": "unknown address"})

    do_HEAD = do_GET

    def do_DELETE(self) -> None:
        if urlsplit(self.path).path == "/messages":
            self.server.store.forget()
            self.reply_json(200, {"status": "ok"})
        else:
            self.reply_json(404, {"error": "unknown address"})

    def do_POST(self) -> None:
        wire = next((wire for wire in self.server.wires if wire.serves(self.path)), None)
        try:
            body = self.body()
            if wire:
                self.take(wire, body)
            elif self.path == "/behaviour":
                self.behave(body)
            else:
                self.reply_json(404, {"error": "unknown address"})
        except Unproven as stranger:
            self.reply_json(stranger.status, stranger.body)
        except Refused as refusal:
            self.reply_json(*(wire.malformed(str(refusal)) if wire else (refusal.status, {"error": str(refusal)})))

    def body(self) -> bytes:
        """The body. Raises Refused; what is too large is not read and ends the connection."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            self.close_connection = True
            raise Refused(f"the body must be at most {LARGEST_BODY} bytes, with its length told")
        return self.rfile.read(int(length))

    def take(self, wire: Wire, body: bytes) -> None:
        """A text, in the manner that this provider was told to have."""
        request = wire.read(self.path, self.headers, body)
        behaviour = self.server.store.behaviour(wire.name)
        match behaviour.mode:
            case "fail":
                self.reply_json(behaviour.status, wire.failed(behaviour.status))
            case "refuse":
                self.reply_json(*wire.refused(request))
            case "error":
                self.reply_json(200, wire.error(request))
            case "hang":
                self.server.store.hold(wire.name)
                self.close_connection = True
            case _:
                self.keep(wire, request, behaviour)

    def keep(self, wire: Wire, request: Request, behaviour: Behaviour) -> None:
        told = {"to": request.to, "text": request.text}
        message = self.server.store.take(wire.name, request.key, request.id, told)
        if behaviour.mode == "twice":
            self.server.store.take(wire.name, f"{request.key} again", f"{request.id}-2", told)
        request = replace(request, id=message.id)
        self.server.postman.after(wire, request, behaviour)
        if behaviour.mode == "lag":
            self.server.store.hold(wire.name)
        self.reply_json(*wire.taken(request))

    def behave(self, body: bytes) -> None:
        """POST /behaviour, from this machine alone: no page of elsewhere may switch it."""
        origin = self.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != self.headers.get("Host"):
            self.reply_json(403, {"error": "not from another site"})
            return
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            raise Refused("the body must be JSON") from None
        provider = told.get("provider") if isinstance(told, dict) else None
        if provider not in (None, *PROVIDERS):
            raise Refused(f"provider must be one of {', '.join(PROVIDERS)}")
        behaviour = Behaviour.of(told)
        self.server.store.behave(behaviour, (provider,) if provider else PROVIDERS)
        self.reply_json(200, {"mode": behaviour.mode})

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
