"""What runs beside the databases: web server, worker with beat, SMS simulator. For bin/run and the tests."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from celery import Celery

from config.local.accounts import CHECKOUT
from config.local.lan import Lan
from config.local.processes import Part, StackError, last_line, page_answers, start

WEB_WORKERS = 2
WEB_THREADS = 36
WORKER_PROCESSES = 2
YIELDS_TO_DESK = 5  # the crowd's threads are many, a page is made by one


@dataclass
class Stack:
    """The processes, each to be started, stopped and waited for by its name: web, worker, simulator; and where it has a
    port, desk, a web server for clerks alone."""

    folder: Path  # logs and the beat's schedule
    web_port: int
    sms_port: int
    environment: dict[str, str]
    lan: Lan | None = None  # open to the network over HTTPS, at this address instead of the loopback's
    mail_port: int | None = None  # where the simulator takes mails, if it does
    desk_port: int | None = None
    parts: dict[str, Part] = field(default_factory=dict)

    @property
    def web(self) -> str:
        """The web server's address. `localhost`: only there a page may use camera and crypto over plain HTTP."""
        return f"https://{self.lan.address}:{self.web_port}" if self.lan else f"http://localhost:{self.web_port}"

    @property
    def simulator(self) -> str:
        return f"http://localhost:{self.sms_port}"

    def start(self, *names: str) -> None:
        """Start the named parts (all, when none is named), without waiting."""
        self.logs.mkdir(parents=True, exist_ok=True)
        for name in names or ("web", "worker", "simulator", *(("desk",) if self.desk_port else ())):
            self.parts[name] = getattr(self, f"_start_{name}")()

    def wait(self, *names: str) -> None:
        """Wait until the named parts (all that were started, when none is named) answer. Raises StackError."""
        for name in names or tuple(self.parts):
            self.parts[name].wait()

    def stop(self, *names: str) -> None:
        """End the named parts (all, when none is named) in good order; all are told before any is waited for."""
        chosen = [self.parts.pop(name) for name in names or tuple(self.parts) if name in self.parts]
        for part in chosen:
            part.ask_to_end()
        for part in chosen:
            part.stop()

    def kill(self, *names: str) -> None:
        """`kill -9` the named parts (all, when none is named)."""
        for name in names or tuple(self.parts):
            if name in self.parts:
                self.parts.pop(name).kill()

    @property
    def logs(self) -> Path:
        return self.folder / "log"

    def _start_web(self) -> Part:
        return self._serve("web", self.web_port, WEB_WORKERS, self.web, nice=YIELDS_TO_DESK if self.desk_port else 0)

    def _start_desk(self) -> Part:
        return self._serve("desk", self.desk_port or 0, 1, f"http://localhost:{self.desk_port}", for_desk=True)

    def _serve(
        self, name: str, port: int, workers: int, address: str, *, nice: int = 0, for_desk: bool = False
    ) -> Part:
        host, trusting = (self.lan.address, self.lan.trusting()) if self.lan else ("127.0.0.1", None)
        command = ["granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
        if self.lan:
            command += ["--ssl-certificate", str(self.lan.certificate), "--ssl-keyfile", str(self.lan.key)]
        command += ["--workers", str(workers), "--blocking-threads", str(WEB_THREADS), "--http", "1", "--no-ws"]
        # At a reload a new process has so many seconds to load before the one it follows is asked to end.
        command += ["--respawn-failed-workers", "--respawn-interval", "8"]
        command += ["--workers-kill-timeout", "5s", "--log-level", "warning", "config.wsgi:application"]
        return start(
            name,
            command,
            environment=self._of(WEB_THREADS=str(WEB_THREADS), WEB_NICE=str(nice), WEB_FOR_DESK=str(for_desk)),
            logs=self.logs,
            answers=lambda: page_answers(f"{address}/health/ready", trusting),
        )

    def _start_worker(self) -> Part:
        name = f"munjigi-{self.web_port}@localhost"
        command = ["celery", "-A", "config", "worker", "--hostname", name, "--queues", "sms,log,desk"]
        command += [
            "--concurrency",
            str(WORKER_PROCESSES),
            "--without-mingle",
            "--without-gossip",
            "--loglevel",
            "INFO",
        ]
        command += ["--beat", "--schedule", str(self.folder / "beat")]
        asker = Celery(broker=self.environment["REDIS_URL"], set_as_current=False)

        def answers() -> bool:
            try:
                return bool(asker.control.ping(destination=[name], timeout=0.3))
            except Exception:  # the broker's client raises what it likes while the broker is away
                logging.getLogger(__name__).debug("no answer of the worker", exc_info=True)
                return False

        return start("worker", command, environment=self._of(), logs=self.logs, answers=answers)

    def _start_simulator(self) -> Part:
        command = ["registry.sms.simulator", "--port", str(self.sms_port)]
        more = {}
        if self.mail_port:
            command += ["--smtp", str(self.mail_port)]
        if self.lan:
            command += ["--readers", f"{self.lan.address}:{self.lan.messages_port}", "--tls", str(self.lan.folder)]
            more = {"SSL_CERT_FILE": str(self.lan.authority)}  # it sends receipts to our web server alone
        health = f"{self.simulator}/health"
        return start(
            "simulator", command, environment=self._of(**more), logs=self.logs, answers=lambda: page_answers(health)
        )

    def _of(self, **more: str) -> dict[str, str]:
        return self.environment | more


def inherited(settings: Mapping[str, str]) -> dict[str, str]:
    """Our own environment with `settings` in it, as the processes get it."""
    base = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "GRANIAN", "CELERY"))}
    return base | {"PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "config.settings"} | dict(settings)


def run_module(name: str, *arguments: str, environment: Mapping[str, str], log: Path) -> None:
    """Run `python -m NAME` to its end, output in `log`. Raises StackError with its last line when it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        command = [sys.executable, "-m", name, *arguments]
        status = subprocess.run(
            command, cwd=CHECKOUT, env=dict(environment), stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False
        ).returncode
    if status != 0:
        raise StackError(f"{last_line(log)} (python -m {name}, see {log})")
