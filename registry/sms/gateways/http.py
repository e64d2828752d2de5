"""The generic HTTP provider (docs/sms.md): POST {address}/messages, a bearer key, the message's id as its key."""

import json
import time
from dataclasses import dataclass
from functools import cache

import httpx

from registry.sms.gateways import Away, Outcome, Refused, Taken

SECONDS = 5.0  # for the whole call
LARGEST_ANSWER = 65_536
ABOUT_US = {401, 403, 408, 425, 429}  # 4xx that say nothing against the message: it waits until we are put right
LONGEST_PAUSE = 60.0


@dataclass(frozen=True, slots=True)
class HttpGateway:
    address: str
    key: str

    def send(self, *, key: str, to: str, text: str) -> Outcome:
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": key}
        request = {"url": f"{self.address.rstrip('/')}/messages", "headers": headers, "json": {"to": to, "text": text}}
        try:
            with _client().stream("POST", **request) as answer:  # type: ignore[arg-type]
                return _outcome(answer, _content(answer, time.monotonic() + SECONDS))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            return Away(type(error).__name__)


@cache
def _client() -> httpx.Client:
    """One for the process, with its connections kept open; safe to use from many threads."""
    limits = httpx.Limits(max_connections=32, max_keepalive_connections=8, keepalive_expiry=20)
    return httpx.Client(timeout=httpx.Timeout(SECONDS, connect=2.0), limits=limits, trust_env=False)


def _content(answer: httpx.Response, deadline: float) -> bytes:
    """The body, within the call's time and a size that an answer has. Raises TimeoutError."""
    content = b""
    for piece in answer.iter_bytes():
        content += piece
        if time.monotonic() > deadline:
            raise TimeoutError
        if len(content) > LARGEST_ANSWER:
            break
    return content


def _outcome(answer: httpx.Response, content: bytes) -> Outcome:
    if answer.is_success:
        return Taken(_reference(content))
    error = f"HTTP {answer.status_code}"
    if answer.is_client_error and answer.status_code not in ABOUT_US:
        return Refused(error)
    pause = answer.headers.get("Retry-After", "")
    return Away(error, min(float(pause), LONGEST_PAUSE) if pause.isdecimal() else 0.0)


def _reference(content: bytes) -> str:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    return str(body.get("id", ""))[:80] if isinstance(body, dict) else ""
