"""`bin/run`: all of Munjigi on this machine, from nothing to a table of addresses, and down again at Ctrl-C."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import psycopg
import redis

from config.local import demo, embedded, lan, options, phone, prepare, processes
from config.local.accounts import CHECKOUT, EmbeddedError, elsewhere_for
from config.local.embedded import Server
from config.local.processes import StackError
from config.local.stack import Stack, inherited, run_module

VAR = CHECKOUT / "var"
WEB_PORT, SMS_PORT = 8000, 8001
LOOPBACK = "127.0.0.1"
DATABASE_NAMES = {"DATABASE_URL": "munjigi", "VAULT_DATABASE_URL": "munjigi_vault"}
OLDEST_POSTGRES = 150000


class Stopped(BaseException):
    """A signal asked us to end."""


class Run:
    """One run: what it started, and how to end exactly that."""

    def __init__(self, given: Namespace) -> None:
        self.given = given
        self.servers: list[Server] = []
        self.stack: Stack | None = None

    def start(self) -> Stack:
        """Start everything and wait until each part answers."""
        self._clear()
        address = None if self.given.lan is None else lan.find_address(self.given.lan)
        web = pick_port(self.given.port, WEB_PORT, "web server", address=address or LOOPBACK)
        sms = pick_port(self.given.sms_port, SMS_PORT, "SMS simulator", given_away=web)
        kept = demo.read_secrets(VAR)
        mail = next_free(max(web, sms) + 1, LOOPBACK)
        opened = lan.prepare(VAR / "lan", address, next_free(mail + 1, address)) if address else None
        environment = inherited(self._settings(kept, web, sms, mail, opened))
        ours = environment["EMAIL_URL"] == mail_address(mail)
        self.stack = Stack(VAR, web, sms, environment, opened, mail if ours else None)
        self.stack.start("simulator")
        self._note()
        self._prepare(environment)
        with step("Starting web server and worker"):
            self.stack.start("web", "worker")
            self._note()
            self.stack.wait()
        return self.stack

    def stop(self) -> None:
        """End all that this run started, the last first."""
        if self.stack:
            self.stack.stop()
        for server in reversed(self.servers):
            server.stop()
        (VAR / "processes.json").unlink(missing_ok=True)

    def _clear(self) -> None:
        for name in processes.end_leftovers(VAR / "processes.json"):
            print(f"  An earlier run was killed; ended its {name}.")
        if self.given.fresh:
            start_over()

    def _settings(self, kept: dict[str, str], web: int, sms: int, mail: int, opened: lan.Lan | None) -> dict[str, str]:
        """What the settings read: the servers, the secrets, the addresses; what the caller's environment names wins,
        but for where the network is to reach us."""
        settings = demo.settings(kept, web, sms) | {"STATIC_ROOT": str(VAR / "static")}
        settings["EMAIL_URL"] = mail_address(mail)
        settings |= {name: os.environ[name] for name in settings if os.environ.get(name)}
        settings |= opened.settings(web) if opened else {}
        if not all(os.environ.get(name) for name in DATABASE_NAMES):
            with step("Starting PostgreSQL"):
                postgres = embedded.start_postgres(VAR, kept["POSTGRES_PASSWORD"], log=self._log("postgres"))
                self.servers.append(postgres)
            settings |= {name: postgres.url(database) for name, database in DATABASE_NAMES.items()}
        if not os.environ.get("REDIS_URL"):
            with step("Starting Valkey"):
                valkey = embedded.start_valkey(VAR, kept["VALKEY_PASSWORD"], log=self._log("valkey"))
                self.servers.append(valkey)
            settings["REDIS_URL"] = valkey.url(0)
        self._note()
        return settings | own_servers()

    def _prepare(self, environment: dict[str, str]) -> None:
        static = None
        if not prepare.static_is_fresh(Path(environment["STATIC_ROOT"])):
            print("  Collecting static files (in the background) …", flush=True)
            with self._log("static").open("ab") as out:
                static = subprocess.Popen(
                    [sys.executable, "-m", "config.local.prepare", "static"],
                    cwd=CHECKOUT,
                    env=environment,
                    stdout=out,
                    stderr=out,
                )
        try:
            if not prepare.databases_are_fresh(str(logins()), environment):
                with step("Preparing the databases"):
                    run_module(
                        "config.local.prepare",
                        "databases",
                        str(logins()),
                        environment=environment,
                        log=self._log("prepare"),
                    )
            if static and static.wait() != 0:
                raise StackError(f"static files: {processes.last_line(self._log('static'))} ({self._log('static')})")
        finally:
            if static and static.poll() is None:
                static.terminate()
                static.wait()

    def _log(self, name: str) -> Path:
        (VAR / "log").mkdir(exist_ok=True)
        return VAR / "log" / f"{name}.log"

    def _note(self) -> None:
        numbers = {server.name: server.process.pid for server in self.servers}
        numbers |= {name: part.process.pid for name, part in (self.stack.parts if self.stack else {}).items()}
        processes.note(VAR / "processes.json", numbers)


def mail_address(port: int) -> str:
    """Where the simulator takes mails."""
    return f"smtp://{LOOPBACK}:{port}"


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    print(f"  {what} … ", end="", flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    print(f"{time.monotonic() - began:.1f} s", flush=True)


def own_servers() -> dict[str, str]:
    """The caller's own servers, each asked whether it answers, so that a wrong address is one clear line."""
    named = {name: os.environ[name] for name in (*DATABASE_NAMES, "REDIS_URL") if os.environ.get(name)}
    for name, address in named.items():
        try:
            if name == "REDIS_URL":
                redis.Redis.from_url(address, socket_connect_timeout=5, socket_timeout=5).ping()
                continue
            with psycopg.connect(address, connect_timeout=5) as connection:
                version = connection.info.server_version
        except (psycopg.Error, redis.RedisError, ValueError) as error:
            raise StackError(f"{name} does not answer: {str(error).strip().splitlines()[0]}") from None
        if version < OLDEST_POSTGRES:
            raise StackError(f"{name} is PostgreSQL {version // 10000}; 15 or newer is needed.")
    return named


def pick_port(asked: int | None, usual: int, what: str, given_away: int | None = None, address: str = LOOPBACK) -> int:
    """The port to listen on: the one asked for, or the usual one, or the next that is free and not `given_away`."""
    if asked is not None:
        if asked == given_away or not embedded.port_is_free(asked, address):
            raise StackError(f"Port {asked} is taken: end what listens there, or choose another for the {what}.")
        return asked
    port = next_free(usual, address)
    if port == given_away:
        port = next_free(port + 1, address)
    if port != usual:
        print(f"  Port {usual} is taken; the {what} listens on {port}.", flush=True)
    return port


def next_free(port: int, address: str = LOOPBACK) -> int:
    for candidate in range(port, port + 200):
        if embedded.port_is_free(candidate, address):
            return candidate
    raise StackError(f"No free port between {port} and {port + 200}.")


def start_over() -> None:
    """Remove what earlier runs made. Databases that the caller's environment names are never touched."""
    foreign = [name for name in DATABASE_NAMES if os.environ.get(name)]
    keep = {"run.lock"} | ({"secrets.json"} if foreign else set())
    elsewhere = elsewhere_for(VAR)
    for data in (VAR / "postgres", elsewhere / "postgres"):
        embedded.end_leftover_postgres(data)
    for path in VAR.iterdir():
        if path.name not in keep:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    shutil.rmtree(elsewhere, ignore_errors=True)
    if foreign:
        print(
            f"  {' and '.join(foreign)}: left as it is, and so are the secrets that open it ({VAR / 'secrets.json'})."
        )


@contextlib.contextmanager
def only_one() -> Iterator[Path]:
    """Let one run at a time use var/. The lock ends with its holder, however that ends; no stale one can stand."""
    try:
        VAR.mkdir(exist_ok=True)
        lock = (VAR / "run.lock").open("a+")
    except OSError as error:
        raise StackError(
            f"{VAR} cannot be written ({error.strerror}): become the owner of {CHECKOUT}, or take a copy of your own."
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = _running().get("web", "it is just starting or ending")
            raise StackError(f"Munjigi is already running: {where}. Ctrl-C there ends it.") from None
        yield VAR


def _running() -> dict[str, str]:
    """What a run tells others about itself while it runs."""
    try:
        return dict(json.loads((VAR / "run.json").read_text()))
    except (OSError, ValueError):
        return {}


def logins() -> Path:
    return demo.logins_file(VAR, os.environ.get("DATABASE_URL"))


def table(stack: Stack) -> str:
    """Addresses, logins, and how to read what a phone would receive."""
    told = demo.read_demo(logins())
    rows = [("Citizens: verify, carry the pass", f"{stack.web}/"), ("Door: scanner", f"{stack.web}/scanner/")]
    rows += [
        ("Venue owners", f"{stack.web}/owner/"),
        ("Clerks", f"{stack.web}/admin/"),
        ("API", f"{stack.web}/api/docs/"),
    ]
    rows += [("SMS: read every message here", f"{stack.lan.messages if stack.lan else stack.simulator}/"), ("", "")]
    for login in told.get("logins", []):
        code = f"   code: bin/run --code {login['username']}" if login.get("totp_secret") else ""
        where = urlsplit(str(login["address"])).path
        rows.append((f"{where}  {login['who']}", f"{login['username']}   {login['password']}{code}"))
    rows += [("", "")] + [("", str(note)) for note in told.get("notes", [])]
    rows += [("Logs", str(VAR / "log"))]
    width = max(len(left) for left, _ in rows)
    return "\n".join(f"  {left:<{width}}  {right}".rstrip() for left, right in rows)


def check(run: Run, stack: Stack) -> None:
    """Ask each part for a real answer. Raises StackError when one has none."""
    environment = stack.environment | {"MUNJIGI_WEB": stack.web, "MUNJIGI_SIMULATOR": stack.simulator}
    if stack.lan:
        environment |= {"MUNJIGI_MESSAGES": stack.lan.messages, "SSL_CERT_FILE": str(stack.lan.authority)}
    command = [sys.executable, "-m", "config.local.check"]
    asked = subprocess.run(command, cwd=CHECKOUT, env=environment, check=False, start_new_session=True)
    if asked.returncode != 0:
        raise StackError(f"The check failed; the logs are in {VAR / 'log'}.")


def watch(run: Run, stack: Stack) -> None:
    """Stay until a signal comes; say so, once, when a part or a server ends by itself."""
    print("\n  Ctrl-C ends it all.", flush=True)
    running = {server.name: (server.process, VAR / "log" / f"{server.name}.log") for server in run.servers}
    running |= {name: (part.process, part.log) for name, part in stack.parts.items()}
    while True:
        time.sleep(0.5)
        for name, (process, log) in list(running.items()):
            if process.poll() is not None:
                del running[name]
                print(f"  {name} ended: {processes.last_line(log)} ({log}). Ctrl-C, then start again.", flush=True)


def on_signal(number: int, frame: FrameType | None) -> None:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)  # we are ending already
    raise Stopped


def print_code(username: str) -> None:
    code, seconds = demo.code_of(Path(_running().get("logins", logins())), username, now=time.time())
    print(code)
    print(f"good for {seconds} s", file=sys.stderr)


def run_all(given: Namespace) -> None:
    with only_one():
        run = Run(given)
        try:
            stack = run.start()
            told = {"web": stack.web, "simulator": stack.simulator, "logins": str(logins())}
            (VAR / "run.json").write_text(json.dumps(told))
            if given.check:
                check(run, stack)
            print(f"\n{table(stack)}", flush=True)
            if stack.lan and not given.check:
                print(f"\n{phone.told(stack.lan, stack.web, terminal=sys.stdout.isatty())}", flush=True)
            if not given.check:
                watch(run, stack)
        finally:
            for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(each, signal.SIG_IGN)
            if run.servers or run.stack:
                print("  Ending …", flush=True)
            run.stop()
            (VAR / "run.json").unlink(missing_ok=True)


def main(arguments: list[str]) -> int:
    given = options.parse(arguments)
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, on_signal)
    try:
        print_code(given.code) if given.code else run_all(given)
    except Stopped:
        return 130 if given.check else 0  # a check that was cut short has not passed
    except (StackError, EmbeddedError) as reason:
        print(f"bin/run: {reason}", file=sys.stderr)
        return 1
    except PermissionError as error:
        print(
            f"bin/run: {error.filename} cannot be written: become its owner, or take a copy of your own.",
            file=sys.stderr,
        )
        return 1
    except OSError as error:
        print(f"bin/run: {error}. If var/ is spoiled, start over with bin/run --fresh.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
