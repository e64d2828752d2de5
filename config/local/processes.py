"""The processes of a stack: started in groups of their own, waited for, ended by their number and no other way."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from config.local.accounts import CHECKOUT

LARGEST_LOG = 5_000_000  # bytes; a larger one is put aside at the next start


class StackError(Exception):
    """A part of the stack cannot be had. The text is one line that a person can act on."""


@dataclass
class Part:
    """A running process of the stack, leader of its own process group, and the question that shows it works."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    answers: Callable[[], bool]
    family: list[psutil.Process] = field(default_factory=list)
    asked: bool = False

    def wait(self, patience: float = 60.0) -> None:
        """Return when it answers. Raises StackError when it ends first or takes longer than `patience` seconds."""
        end = time.monotonic() + patience
        while not self.answers():
            if self.process.poll() is not None:
                raise StackError(f"{self.name} ended at once: {last_line(self.log)} (see {self.log})")
            if time.monotonic() > end:
                raise StackError(
                    f"{self.name} does not answer after {patience:.0f} s: {last_line(self.log)} (see {self.log})"
                )
            time.sleep(0.05)

    def stop(self, patience: float = 8.0) -> None:
        """End it and what it started in good order, by force after `patience` seconds."""
        self.ask_to_end()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
        for child in self.family:
            with contextlib.suppress(psutil.Error):
                child.kill()
        psutil.wait_procs(self.family, timeout=5)

    def ask_to_end(self) -> None:
        """Send SIGTERM, once, and remember what it had started by then."""
        if self.process.poll() is None and not self.asked:
            with contextlib.suppress(psutil.Error):
                self.family = psutil.Process(self.process.pid).children(recursive=True)
            self.asked = True
            self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """`kill -9` to it and all that it started, as a power cut would."""
        if self.process.poll() is None:  # only then is the number of the group surely still ours
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def start(
    name: str, module: Sequence[str], *, environment: Mapping[str, str], logs: Path, answers: Callable[[], bool]
) -> Part:
    """Start `python -m MODULE…` in the checkout, its output in logs/NAME.log."""
    log = logs / f"{name}.log"
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
            cwd=CHECKOUT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    return Part(name, process, log, answers)


def page_answers(address: str, trusting: ssl.SSLContext | None = None) -> bool:
    """Whether a GET of `address` gets a 2xx within two seconds; over HTTPS from whom `trusting` trusts."""
    try:
        with urllib.request.urlopen(address, timeout=2, context=trusting) as answer:  # noqa: S310 - our own address
            return 200 <= answer.status < 300
    except (OSError, urllib.error.URLError, ValueError):
        return False


def last_line(log: Path) -> str:
    """The last telling line of a log."""
    try:
        lines = [line.strip() for line in log.read_text(errors="replace")[-4000:].splitlines() if line.strip()]
    except OSError:
        lines = []
    return lines[-1] if lines else "it said nothing"


def note(book: Path, numbers: Mapping[str, int]) -> None:
    """Write down the processes of this run, so that the next one can end them if this one is killed."""
    rows = []
    for name, number in numbers.items():
        with contextlib.suppress(psutil.Error):
            rows.append({"name": name, "pid": number, "started": psutil.Process(number).create_time()})
    new = book.with_suffix(".new")
    new.write_text(json.dumps(rows))
    new.replace(book)


def end_leftovers(book: Path) -> list[str]:
    """End what a killed run left running, by the notes in `book`; the names of what was ended.

    A process counts as ours only if its number and its time of start are those noted (numbers are used again), or if it
    is of the group that such a process led and works in this checkout.
    """
    try:
        rows = json.loads(book.read_text())
    except (OSError, ValueError):
        return []
    ended = []
    for row in reversed(rows):  # those who use the databases before the databases
        ours = _leftover(int(row["pid"]), float(row["started"]))
        for process in ours:
            with contextlib.suppress(psutil.Error):
                process.terminate()
        _, alive = psutil.wait_procs(ours, timeout=8)
        for process in alive:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(alive, timeout=5)
        ended += [str(row["name"])] if ours else []
    book.unlink(missing_ok=True)
    return ended


def _leftover(pid: int, started: float) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        leader = psutil.Process(pid)
        if abs(leader.create_time() - started) > 1:
            return []  # the number was given to somebody else
        return [leader, *leader.children(recursive=True)]
    return [process for process in psutil.process_iter() if _in_group(process, pid, started)]


def _in_group(process: psutil.Process, group: int, since: float) -> bool:
    try:
        return (
            os.getpgid(process.pid) == group and process.create_time() >= since - 1 and process.cwd() == str(CHECKOUT)
        )
    except (OSError, psutil.Error):
        return False
