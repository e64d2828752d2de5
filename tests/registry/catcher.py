"""An HTTP server that keeps what it is sent: the receipts of a provider, for a test to hand on or not."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.test import Client


class Caught:
    """One request as it came."""

    def __init__(self, path: str, headers: dict[str, str], body: bytes) -> None:
        self.path, self.headers, self.body = path, headers, body

    @property
    def is_last_word(self) -> bool:
        """Whether it says arrived or not, and not that the text is on its way."""
        return any(word in self.body for word in (b"delivered", b'"4000"', b'"3104"'))

    def is_about(self, text: str) -> bool:
        return text in self.path or text.encode() in self.body

    def hand_on(self, **changes: Any) -> Any:
        """Send it to our own address, changed as said."""
        headers = self.headers | changes.get("headers", {})
        kind = headers.pop("Content-Type", "")
        path = changes.get("path", self.path)
        return Client().post(path, changes.get("body", self.body), content_type=kind, headers=headers)


class Catcher(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        self.caught: list[Caught] = []
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def wait(self, about: str, count: int = 2, seconds: float = 5) -> list[Caught]:
        """The requests about a message, those on its way first, once there are so many."""
        end = time.monotonic() + seconds
        while len(found := [each for each in self.caught if each.is_about(about)]) < count:
            assert time.monotonic() < end, f"{len(found)} of {count} receipts came"
            time.sleep(0.02)
        return sorted(found, key=lambda each: each.is_last_word)


class _Handler(BaseHTTPRequestHandler):
    server: Catcher

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        names = ("Content-Type", "Receipt-Signature", "X-Twilio-Signature", "X-Solapi-Secret", "X-Solapi-Event-Name")
        self.server.caught.append(Caught(self.path, {n: self.headers[n] for n in names if n in self.headers}, body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""
