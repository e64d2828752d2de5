"""Many HTTP/1.1 requests over kept connections from one process, as cheaply as Python can: callbacks, no tasks.

Stands for the proxy in front of the web server: people have connections to it, it keeps some to us.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

PATIENCE = 30.0  # seconds after which a request counts as not answered


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; status 0 where nothing did. Times are of `time.monotonic`, from when it was asked for."""

    status: int
    head: bytes
    body: bytes
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.began

    def header(self, name: bytes) -> bytes:
        """The first header of this (lower-case) name, empty where there is none."""
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.lower() == name:
                return value.strip()
        return b""

    def cookies(self) -> str:
        """The cookies that it sets, as a request bears them."""
        lines = self.head.split(b"\r\n")[1:]
        given = [line.partition(b":")[2].partition(b";")[0].strip() for line in lines if _is_cookie(line)]
        return b"; ".join(given).decode("latin-1")


def _is_cookie(line: bytes) -> bool:
    return line[:11].lower() == b"set-cookie:"


Then = Callable[[Answer], None]


def request(method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    lines += [f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join([*lines, "", ""]).encode() + body


class Links:
    """`most` connections to a port. A request leaves at once while one is free, else it waits its turn."""

    def __init__(self, port: int, most: int) -> None:
        self.port, self.most, self.open = port, most, 0
        self.free: list[_Link] = []
        self.waiting: deque[tuple[bytes, Then, float]] = deque()
        self.busy: set[_Link] = set()
        self._loop = asyncio.get_running_loop()
        self._watch = self._loop.call_later(1.0, self._give_up)

    def send(self, raw: bytes, then: Then, began: float | None = None) -> None:
        """Send a request; `then` is called with its answer. `began` is when it should have left, now when not told."""
        began = began or time.monotonic()
        if self.free:
            self.free.pop().send(raw, then, began)
        elif self.open < self.most:
            self._open_one()
            self.waiting.append((raw, then, began))
        else:
            self.waiting.append((raw, then, began))

    async def ask(self, raw: bytes) -> Answer:
        """The same, awaited."""
        answer: asyncio.Future[Answer] = self._loop.create_future()
        self.send(raw, answer.set_result)
        return await answer

    def close(self) -> None:
        self._watch.cancel()
        self.waiting.clear()
        for link in [*self.free, *self.busy]:
            link.then = None
            if link.transport:
                link.transport.abort()

    def _open_one(self) -> None:
        self.open += 1
        link = _Link(self)
        opening = self._loop.create_task(self._connect(link))
        opening.add_done_callback(lambda _done: None)

    async def _connect(self, link: _Link) -> None:
        try:
            await self._loop.create_connection(lambda: link, "127.0.0.1", self.port)
        except OSError:
            self.open -= 1
            if self.waiting and not self.open:
                _raw, then, began = self.waiting.popleft()
                then(Answer(0, b"", b"", began, time.monotonic()))

    def ready(self, link: _Link) -> None:
        """The link has nothing to do: give it what waits longest."""
        if self.waiting:
            link.send(*self.waiting.popleft())
        else:
            self.free.append(link)

    def lost(self, link: _Link) -> None:
        self.open -= 1
        if link in self.free:
            self.free.remove(link)
        self.busy.discard(link)
        if self.waiting and self.open < self.most:
            self._open_one()

    def _give_up(self) -> None:
        now = time.monotonic()
        for link in [link for link in self.busy if now - link.sent > PATIENCE]:
            if link.transport:
                link.transport.abort()
        self._watch = self._loop.call_later(1.0, self._give_up)


def volley(port: int, requests: Sequence[bytes], connections: int) -> list[Answer]:
    """Send every request over kept connections, as many at a time, and wait for all; the answers in any order."""

    async def send_all() -> list[Answer]:
        links = Links(port, connections)
        answers = await asyncio.gather(*(links.ask(raw) for raw in requests))
        links.close()
        return list(answers)

    return asyncio.run(send_all())


class _Link(asyncio.Protocol):
    __slots__ = ("began", "buffer", "links", "sent", "then", "transport")

    def __init__(self, links: Links) -> None:
        self.links = links
        self.transport: asyncio.Transport | None = None
        self.then: Then | None = None
        self.buffer, self.began, self.sent = b"", 0.0, 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # a stream's is no less
        self.links.ready(self)

    def send(self, raw: bytes, then: Then, began: float) -> None:
        self.then, self.began, self.sent = then, began, time.monotonic()
        self.links.busy.add(self)
        assert self.transport
        self.transport.write(raw)

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[:end]
        whole = _body(head, self.buffer, end + 4)
        if whole is not None:
            self.buffer = b""
            self._answer(int(head[9:12]), head, whole)
            if self.transport and not self.transport.is_closing():
                self.links.ready(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self.links.lost(self)
        self._answer(0, b"", b"")

    def _answer(self, status: int, head: bytes, body: bytes) -> None:
        then, self.then = self.then, None
        self.links.busy.discard(self)
        if then:
            then(Answer(status, head, body, self.began, time.monotonic()))


def _body(head: bytes, buffer: bytes, start: int) -> bytes | None:
    """The body, where it is whole; None as long as it is not."""
    low = head.lower()
    at = low.find(b"content-length:")
    if at >= 0:
        length = int(low[at + 15 : low.find(b"\r\n", at) if low.find(b"\r\n", at) > 0 else len(low)])
        return buffer[start : start + length] if len(buffer) - start >= length else None
    if b"transfer-encoding: chunked" not in low:
        return b""
    if not buffer.endswith(b"0\r\n\r\n"):
        return None
    body, rest = b"", buffer[start:]
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        body, rest = body + rest[:length], rest[length + 2 :]
    return body
