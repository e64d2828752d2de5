"""bin/run: its refusals are one line that a person can act on, and it ends what it started and nothing else."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from config.local import demo, options, processes, run
from config.local.accounts import CHECKOUT
from config.local.processes import StackError


@pytest.fixture(autouse=True)
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(run, "VAR", tmp_path / "var")
    return tmp_path / "var"


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def python(*arguments: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
    settings = {name: value for name, value in {**os.environ, **environment}.items() if value is not None}
    return subprocess.run([sys.executable, *arguments], cwd=CHECKOUT, env=settings, capture_output=True, text=True)


def last_words(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stderr.splitlines() if not line.startswith(("/", " "))]


def test_it_refuses_a_port_that_was_asked_for_and_is_taken(taken_port: int) -> None:
    with pytest.raises(StackError, match=f"Port {taken_port} is taken"):
        run.pick_port(taken_port, 8000, "web")


def test_it_takes_the_next_port_when_the_usual_one_is_taken_and_says_so(
    taken_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    port = run.pick_port(None, taken_port, "web")
    assert port > taken_port
    assert f"Port {taken_port} is taken; the web listens on {port}." in capsys.readouterr().out


def test_it_gives_the_simulator_another_port_than_the_web_server(taken_port: int) -> None:
    web = run.pick_port(None, taken_port, "web server")
    assert run.pick_port(None, taken_port, "SMS simulator", given_away=web) > web
    with pytest.raises(StackError, match=f"Port {web} is taken"):
        run.pick_port(web, 8001, "SMS simulator", given_away=web)


@pytest.mark.parametrize("port", ["abc", "0", "99999"])
def test_it_says_what_a_port_is(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options.parse(["--port", port])
    assert f"{port} is no port: a number from 1 to 65535 is" in capsys.readouterr().err


def test_it_runs_once_at_a_time(var: Path) -> None:
    with run.only_one():
        (var / "run.json").write_text('{"web": "http://localhost:8000"}')
        with pytest.raises(StackError, match="already running: http://localhost:8000"), run.only_one():
            pass


def test_it_starts_again_after_a_run_that_was_killed_with_the_lock_held(var: Path) -> None:
    (var.parent / "var").mkdir()
    code = "import os, sys\nfrom pathlib import Path\nfrom config.local import run\nrun.VAR = Path(sys.argv[1])\n"
    done = python("-c", code + "with run.only_one(): os.kill(os.getpid(), 9)", str(var))
    assert done.returncode == -signal.SIGKILL
    with run.only_one():
        pass


def test_it_says_that_it_cannot_write(var: Path) -> None:
    var.write_text("a file where the folder should be")
    with pytest.raises(StackError, match=r"cannot be written .*: become the owner"), run.only_one():
        pass


def test_it_keeps_its_secrets_and_shows_them_to_nobody(var: Path) -> None:
    var.mkdir()
    first = demo.read_secrets(var)
    assert demo.read_secrets(var) == first
    assert (var / "secrets.json").stat().st_mode & 0o077 == 0


def test_it_adds_secrets_that_nothing_was_closed_with_yet(var: Path) -> None:
    var.mkdir()
    first = demo.read_secrets(var)
    older = {name: value for name, value in first.items() if not name.startswith("SMS_TWILIO")}
    (var / "secrets.json").write_text(json.dumps(older))
    added = demo.read_secrets(var)
    assert older.items() <= added.items() and added.keys() == first.keys()
    assert demo.read_secrets(var) == added


@pytest.mark.parametrize("spoiled", ["", "{", "[]", '{"SECRET_KEY": "x"}'])
def test_it_makes_no_new_secrets_over_spoiled_ones(var: Path, spoiled: str) -> None:
    var.mkdir()
    (var / "secrets.json").write_text(spoiled)
    with pytest.raises(StackError, match=r"lacks .*MASTER_KEY.*--fresh"):
        demo.read_secrets(var)
    assert (var / "secrets.json").read_text() == spoiled


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("DATABASE_URL", "postgresql://munjigi:hush@127.0.0.1:9/munjigi"),
        ("REDIS_URL", "redis://:hush@127.0.0.1:9/0"),
        ("DATABASE_URL", "nonsense"),
    ],
)
def test_it_says_which_of_the_callers_servers_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, name: str, address: str
) -> None:
    monkeypatch.setenv(name, address)
    with pytest.raises(StackError, match=f"{name} does not answer") as refused:
        run.own_servers()
    assert "hush" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_starting_over_keeps_the_secrets_that_open_the_callers_own_database(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    var.mkdir()
    for name in ("secrets.json", "demo.json", "run.lock"):
        (var / name).write_text("{}")
    run.start_over()
    assert {path.name for path in var.iterdir()} == {"secrets.json", "run.lock"}
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("VAULT_DATABASE_URL")
    run.start_over()
    assert {path.name for path in var.iterdir()} == {"run.lock"}


def test_it_ends_what_a_killed_run_left_and_nothing_else(tmp_path: Path) -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    ours = subprocess.Popen(sleep, start_new_session=True)
    other = subprocess.Popen(sleep, start_new_session=True)
    book = tmp_path / "processes.json"
    try:
        processes.note(book, {"web": ours.pid})
        book.write_text(
            book.read_text().replace(
                "]", f', {{"name": "worker", "pid": {other.pid}, "started": {time.time() - 500}}}]'
            )
        )
        assert processes.end_leftovers(book) == ["web"]
        assert ours.wait(5) is not None
        assert other.poll() is None
        assert not book.exists()
    finally:
        for process in (ours, other):
            process.kill()
            process.wait()


def test_it_ends_the_children_of_a_part_with_it(tmp_path: Path) -> None:
    (tmp_path / "parent.py").write_text(
        "import subprocess, sys, time\n"
        "deaf = 'import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)'\n"
        "child = subprocess.Popen([sys.executable, '-c', deaf])\n"
        "print(child.pid, flush=True)\ntime.sleep(60)\n"
    )
    part = processes.start(
        "web", ["parent"], environment={**os.environ, "PYTHONPATH": str(tmp_path)}, logs=tmp_path, answers=lambda: True
    )
    while not (said := part.log.read_text().strip()):
        time.sleep(0.02)
    part.stop()
    assert not psutil.pid_exists(int(said)) or psutil.Process(int(said)).status() == psutil.STATUS_ZOMBIE


def test_it_says_why_a_part_ended(tmp_path: Path) -> None:
    part = processes.start("web", ["no.such.module"], environment=os.environ, logs=tmp_path, answers=lambda: False)
    with pytest.raises(StackError, match=r"web ended at once: .*No module named 'no'\) \(see .*web\.log\)"):
        part.wait(10)


def test_it_gives_the_one_time_code_of_rfc_6238() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # the RFC's "12345678901234567890"
    assert [demo.totp(secret, now) for now in (59, 1111111109, 20000000000)] == ["287082", "081804", "353130"]


def test_it_reads_its_arguments_before_it_makes_anything() -> None:
    with pytest.raises(SystemExit) as refused:
        options.parse(["--port", "70000"])
    assert refused.value.code == 2


def test_a_missing_master_key_is_one_clear_line() -> None:
    done = python("manage.py", "check", MASTER_KEY=None)
    assert done.returncode == 1
    assert last_words(done) == [
        "munjigi: MASTER_KEY is not set. `bin/run` sets it for the demo; for production see docs/architecture.md."
    ]


@pytest.mark.django_db
def test_swapped_databases_are_refused_at_the_start() -> None:
    from django.db import connections

    base = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
    default, vault = (f"{base}/{connections[alias].settings_dict['NAME']}" for alias in ("default", "vault"))
    swapped = python("-c", "import config.wsgi", DATABASE_URL=vault, VAULT_DATABASE_URL=default)
    assert swapped.returncode == 1
    assert "DATABASE_URL and VAULT_DATABASE_URL are swapped" in last_words(swapped)[-1]
    same = python("-c", "import config.wsgi", DATABASE_URL=default, VAULT_DATABASE_URL=default)
    assert same.returncode == 1
    assert "name the same database" in last_words(same)[-1]
    assert python("-c", "import config.wsgi", DATABASE_URL=default, VAULT_DATABASE_URL=vault).returncode == 0
