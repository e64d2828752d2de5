"""Calling a provider: one POST that ends within its time whatever the other side does.

httpx bounds each step of a call but not the whole: an answer that drips in byte by byte would never end. So the calls
of a process run on an event loop in a thread of its own, where the whole can be cut off, and share open connections.
"""

import asyncio
import json
import os
import threading
from dataclasses import dataclass
from typing import Any

import httpx

from registry.sms.gateways import Away

CONNECT_SECONDS = 2.0
SECONDS = 3.0  # for the whole call: two providers that hang leave a code 4 of its 10 seconds
LARGEST_ANSWER = 65_536
ABOUT_US = {401, 402, 403, 408, 425, 429}  # 4xx that say nothing against the message: it waits until we are put right
LONGEST_PAUSE = 60.0

_lock = threading.Lock()
_caller: "tuple[int, _Caller] | None" = None  # with the process it lives in: a fork has none


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: httpx.Headers
    content: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def json(self) -> dict[str, Any]:
        """The body where it is a JSON object, else an empty one."""
        try:
            body = json.loads(self.content)
        except (ValueError, RecursionError):
            return {}
        return body if isinstance(body, dict) else {}

    def away(self, error: str = "") -> Away:
        """That the answer has nothing to do with the message, with the pause it asks for."""
        pause = self.headers.get("Retry-After", "")
        after = min(float(pause), LONGEST_PAUSE) if pause.isascii() and pause.isdecimal() else 0.0
        return Away(error or f"HTTP {self.status}", after)


def post(url: str, **request: Any) -> Answer | Away:
    """POST, as httpx takes it; Away where no whole answer came within SECONDS."""
    try:
        return _of_this_process().post(url, request)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        return Away(type(error).__name__)
    except TimeoutError:
        return Away("ReadTimeout")


def _of_this_process() -> "_Caller":
    global _caller  # noqa: PLW0603 -- one a process, started by its first call
    with _lock:
        if _caller is None or _caller[0] != os.getpid():
            _caller = (os.getpid(), _Caller())
        return _caller[1]


class _Caller:
    """An event loop in a thread, and the client that lives on it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=20)
        timeout = httpx.Timeout(SECONDS, connect=CONNECT_SECONDS)
        self.client = httpx.AsyncClient(timeout=timeout, limits=limits, trust_env=False, follow_redirects=False)
        threading.Thread(target=self.loop.run_forever, name="sms-calls", daemon=True).start()

    def post(self, url: str, request: dict[str, Any]) -> Answer:
        return asyncio.run_coroutine_threadsafe(self._post(url, request), self.loop).result()

    async def _post(self, url: str, request: dict[str, Any]) -> Answer:
        async with asyncio.timeout(SECONDS), self.client.stream("POST", url, **request) as answer:
            content = b""
            async for piece in answer.aiter_bytes():
                content += piece
                if len(content) > LARGEST_ANSWER:
                    break
            return Answer(answer.status_code, answer.headers, content)
