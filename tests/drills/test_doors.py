"""The drill's scripted scanner keeps the scanner's protocol: only an answer takes a scan out."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

from bench.links import Links
from drills.doors import BATCH, DRAIN, PACE, Caller


def _answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]).encode() + body


def _stored(*seqs: int) -> bytes:
    return _answer("200 OK", json.dumps({"answers": [{"seq": seq, "answer": "stored"} for seq in seqs]}).encode())


def _attempts(held: int, answers: list[bytes]) -> tuple[list[float], Caller, list[str]]:
    """The pauses after each attempt of a scanner that holds so many scans, the scanner, what it was told."""
    noticed: list[str] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while answers:
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
            if not (answer := answers.pop(0)):
                break
            writer.write(answer)
        writer.close()

    async def play() -> tuple[list[float], Caller]:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        caller = Caller(1, "token", Links(server.sockets[0].getsockname()[1], 1), noticed.append)
        caller.last, caller.queue = held, {seq: {"seq": seq} for seq in range(1, held + 1)}
        pauses = [await caller.attempt() for _answer in list(answers)]
        caller.links.close()
        server.close()
        return pauses, caller

    with ThreadPoolExecutor(1) as thread:  # the browser of other tests keeps a loop running in this one
        pauses, caller = thread.submit(asyncio.run, play()).result()
    return pauses, caller, noticed


def test_it_keeps_what_was_not_answered_and_sends_the_oldest_first():
    busy = _answer("503 Service Unavailable", b"", "Retry-After: 7")
    pauses, caller, noticed = _attempts(BATCH + 2, [busy, _stored(*range(1, BATCH + 1)), _stored(BATCH + 1)])

    assert 7 <= pauses[0] <= 9
    assert pauses[1:] == [DRAIN, PACE]
    assert set(caller.queue) == {BATCH + 2}
    assert caller.held.told == set(range(1, BATCH + 2))
    assert noticed[0] == "503"


def test_it_backs_off_when_nobody_answers():
    pauses, caller, noticed = _attempts(1, [b"", _answer("500 Internal Server Error")])

    assert (pauses[0] <= 2, pauses[1] <= 4, noticed[-1]) == (True, True, "500")
    assert set(caller.queue) == {1}
