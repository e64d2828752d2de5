"""The simulator's page for phones beside the machine: over HTTPS, to be read and nothing else."""

import ssl
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from registry.sms.simulator.page import fragment, page
from registry.sms.simulator.server import Handler
from registry.sms.simulator.store import Store

AUTHORITY = "/munjigi.crt"


class Readers(ThreadingHTTPServer):
    """Shows what a simulator's `store` holds; `tls` is a folder with certificate.pem, key.pem and authority.pem."""

    daemon_threads = True

    def __init__(self, at: tuple[str, int], tls: Path, store: Store) -> None:
        self.store = store
        self.authority = ssl.PEM_cert_to_DER_cert((tls / "authority.pem").read_text())
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(tls / "certificate.pem", tls / "key.pem")
        super().__init__(at, ReadingHandler)
        # Each caller's own thread shakes hands: one who is slow at it keeps nobody waiting.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def start(self) -> None:
        """Serve in a thread of its own, until the process ends."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.5}, daemon=True).start()


class ReadingHandler(Handler):
    server: Readers  # type: ignore[assignment]
    timeout = 20

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        to = parse_qs(url.query).get("to", [""])[0]
        if url.path == "/":
            self.reply(200, page(self.server.store.newest_first(to), to).encode(), "text/html; charset=utf-8")
        elif url.path == "/messages.html":
            self.reply(200, fragment(self.server.store.newest_first(to)).encode(), "text/html; charset=utf-8")
        elif url.path == AUTHORITY:
            self.reply(200, self.server.authority, "application/x-x509-ca-cert")
        elif url.path in self.files:
            kind, content = self.files[url.path]
            self.reply(200, content, kind)
        else:
            self.reply_json(404, {"error": "unknown address"})

    do_HEAD = do_GET

    def do_POST(self) -> None:
        self.close_connection = True  # what was sent is not read
        self.reply_json(405, {"error": "messages are read here, not sent"})
