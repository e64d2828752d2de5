"""What a process does once, done before it serves: addresses, templates, texts, keys and connections are there when the
first person asks. At a reload nobody meets a process that is still reading."""

import io
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

PAGES = ("/health/ready", "/admin/login/", "/owner/sign-in/", "/pass/", "/scanner/", "/api/v1/pass/keys")

log = logging.getLogger(__name__)


def warm(application: Callable[..., Any]) -> None:
    """Ask the application for a page of each kind, in both languages, as a browser would. What fails is told in the log
    and leaves the first who asks to wait, no more."""
    for language in ("ko", "en"):
        for path in PAGES:
            try:
                answer = application(_environ(path, language), lambda *_head: None)
                b"".join(answer)
                answer.close()  # gives the database's connection back
            except Exception:  # warming must never keep a process from serving
                log.exception("warming %s", path)


def _environ(path: str, language: str) -> dict[str, Any]:
    """A GET as WSGI has it (PEP 3333)."""
    site = urlsplit(settings.SITE_URL)
    return {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": "",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": site.hostname, "SERVER_PORT": str(site.port or 443), "HTTP_HOST": site.netloc,
        "HTTP_ACCEPT_LANGUAGE": language, "HTTP_X_FORWARDED_PROTO": site.scheme, "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0), "wsgi.url_scheme": site.scheme,
        "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
    }  # fmt: skip
