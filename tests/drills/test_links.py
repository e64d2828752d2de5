"""The generator's connections, against a server that answers as it likes."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from bench.links import Links, request
from drills.crowd import code_in, phone_of


async def _serve(answers: list[bytes]) -> tuple[asyncio.Server, int]:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while answers:
            await reader.readuntil(b"\r\n\r\n")
            answer = answers.pop(0)
            if not answer:
                break
            for piece in (answer[:20], answer[20:]):
                writer.write(piece)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


def _ask(*answers: bytes) -> list[tuple[int, bytes, str]]:
    async def play() -> list[tuple[int, bytes, str]]:
        server, port = await _serve(list(answers))
        links = Links(port, 1)
        found = [await links.ask(request("GET", "/")) for _ in answers]
        links.close()
        server.close()
        return [(answer.status, answer.body, answer.cookies()) for answer in found]

    with ThreadPoolExecutor(1) as thread:  # the browser of other tests keeps a loop running in this one
        return thread.submit(asyncio.run, play()).result()


def test_it_reads_answers_in_pieces_over_one_connection():
    first = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a=1; Path=/\r\nset-cookie: b=2\r\n\r\nhello"
    second = b"HTTP/1.1 503 Service Unavailable\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"

    assert _ask(first, second) == [(200, b"hello", "a=1; b=2"), (503, b"abcde", "")]


def test_a_connection_that_ends_is_an_answer_too():
    assert _ask(b"", b"HTTP/1.1 204 No Content\r\n\r\n") == [(0, b"", ""), (204, b"", "")]


def test_codes_are_found_and_neighbours_lie_in_different_blocks():
    assert code_in("[문지기] 인증번호(code) 123456. 타인 공유 금지\n@localhost #123456") == "123456"
    assert code_in("no digits") == ""
    assert (phone_of(7), phone_of(8), phone_of(1007)) == ("+821000070000", "+821000080000", "+821000070001")
