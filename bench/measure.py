"""Measuring: CPU seconds of processes, requests over kept connections, and a result beside its floor."""

import http.client
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import psutil
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

ES256 = ec.ECDSA(SHA256())


@dataclass(frozen=True)
class Result:
    """A measured value beside its floor. Goals are for the ratio: at least, or with `at_most` at most."""

    name: str
    value: float
    unit: str
    floor: float
    goal: float
    at_most: bool = False

    @property
    def ratio(self) -> float:
        return self.value / self.floor

    @property
    def met(self) -> bool:
        return self.ratio <= self.goal if self.at_most else self.ratio >= self.goal

    def as_json(self) -> dict[str, Any]:
        facts = asdict(self)
        del facts["at_most"]
        return facts | {"ratio": round(self.ratio, 3), "met": self.met}


def cpu_seconds(roots: Iterable[int]) -> float:
    """CPU seconds, user and system, that these processes and all below them have used, ended children included."""
    total = 0.0
    for root in roots:
        process = psutil.Process(root)
        for one in [process, *process.children(recursive=True)]:
            try:
                times = one.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system + times.children_user + times.children_system
    return total


@dataclass
class Spent:
    """What a stretch of work took: seconds on the wall, CPU seconds of the processes watched."""

    wall: float = 0.0
    cpu: float = 0.0


@contextmanager
def watching(roots: Iterable[int], spent: Spent) -> Iterator[None]:
    """Add what is spent inside to `spent`."""
    roots = list(roots)
    cpu, wall = cpu_seconds(roots), time.perf_counter()
    yield
    time.sleep(0.05)  # the kernel's accounts are some ticks behind
    spent.wall += time.perf_counter() - wall - 0.05
    spent.cpu += cpu_seconds(roots) - cpu


def drive(port: int, jobs: Iterable[tuple[str, Callable[[], bytes], dict[str, str]]], connections: int) -> list[bytes]:
    """POST every job (path, maker of the body, headers) over kept connections; the answers. Raises on any but 2xx."""
    waiting, lock, answers = iter(list(jobs)), threading.Lock(), []
    failures: list[str] = []

    def work() -> None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while not failures:
            with lock:
                job = next(waiting, None)
            if job is None:
                return
            path, make, headers = job
            link.request("POST", path, make(), {"Content-Type": "application/json"} | headers)
            answer = link.getresponse()
            body = answer.read()
            answers.append(body)
            if answer.status // 100 != 2:
                failures.append(f"{path}: {answer.status} {body[:300]!r}")

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(failures[0])
    return answers


def verifications_per_second(count: int = 2000) -> float:
    """P-256 verifications per CPU second of one process, by Python's `cryptography` and nothing around it."""
    signed = []
    for number in range(50):
        private, message = ec.generate_private_key(ec.SECP256R1()), number.to_bytes(250, "big")
        signed.append((private.public_key(), private.sign(message, ES256), message))
    started = time.process_time()
    for number in range(count):
        public, signature, message = signed[number % len(signed)]
        public.verify(signature, message, ES256)
    return count / (time.process_time() - started)
