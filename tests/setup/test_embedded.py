"""The embedded servers: closed to strangers, careful with data, clear when something is wrong."""

from __future__ import annotations

import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.local import accounts, embedded


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A place for servers' data (as root possibly elsewhere: whatever `home` says), removed at the end."""
    place = accounts.home(tmp_path)
    yield tmp_path
    if place != tmp_path:
        shutil.rmtree(place)


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Data of a server that has ended, to be copied: to make them takes ten times as long."""
    folder = tmp_path_factory.mktemp("used")
    server = embedded.start_postgres(folder, "right", options=embedded.CARELESS)
    server.stop()
    yield server.folder / "postgres"
    if server.folder != folder:
        shutil.rmtree(server.folder)


@pytest.fixture
def with_data(folder: Path, used: Path) -> Path:
    subprocess.run(["cp", "--archive", used, accounts.home(folder) / "postgres"], check=True)
    return folder


@pytest.fixture
def postgres(with_data: Path) -> Iterator[embedded.Server]:
    server = embedded.start_postgres(with_data, "right", options=embedded.CARELESS)
    yield server
    server.stop()


def connect(server: embedded.Server, database: str = "munjigi") -> psycopg.Connection:
    return psycopg.connect(server.url(database), autocommit=True, connect_timeout=5)


def test_it_has_both_databases_in_utf8_with_the_builtin_locale(postgres: embedded.Server) -> None:
    for name in embedded.DATABASES:
        with connect(postgres, name) as connection:
            row = connection.execute(
                "SELECT pg_encoding_to_char(encoding), datlocprovider, datlocale FROM pg_database WHERE datname = %s",
                [name],
            ).fetchone()
        assert row == ("UTF8", "b", "C.UTF-8")


def test_it_asks_for_the_password_and_opens_no_socket_file(postgres: embedded.Server) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.url("munjigi").replace("right", "wrong"), connect_timeout=5)
    with connect(postgres) as connection:
        assert connection.execute("SHOW unix_socket_directories").fetchone() == ("",)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        methods = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
    assert methods == [("scram-sha-256",)]
    assert stat.S_IMODE((postgres.folder / "postgres").stat().st_mode) == 0o700


def test_it_keeps_committed_rows_through_kill_and_restart(folder: Path) -> None:
    server = embedded.start_postgres(folder, "right")
    try:
        with connect(server) as connection:
            connection.execute("CREATE TABLE kept (n int)")
            connection.execute("INSERT INTO kept VALUES (1)")
        server.kill()
        server.restart()
        with connect(server) as connection:
            assert connection.execute("SELECT n FROM kept").fetchall() == [(1,)]
    finally:
        server.stop()


def test_it_ends_the_server_that_a_killed_run_left_behind(with_data: Path) -> None:
    first = embedded.start_postgres(with_data, "right", options=embedded.CARELESS)
    second = embedded.start_postgres(with_data, "right", options=embedded.CARELESS)
    try:
        assert first.process.wait(5) is not None
        with connect(second) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        second.stop()


def test_it_builds_the_data_folder_again_when_it_was_half_made(folder: Path) -> None:
    half = accounts.home(folder) / ".postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    server = embedded.start_postgres(folder, "right", options=embedded.CARELESS)
    server.stop()
    assert not half.exists()


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (lambda data: (data / "PG_VERSION").unlink(), "is no PostgreSQL data folder"),
        (lambda data: (data / "PG_VERSION").write_text("14\n"), "was made by PostgreSQL 14"),
    ],
    ids=["no data folder", "another version"],
)
def test_it_says_in_one_line_why_it_cannot_use_a_data_folder(folder: Path, spoil, line: str) -> None:
    data = accounts.home(folder) / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("18\n")
    spoil(data)
    with pytest.raises(accounts.EmbeddedError, match=line) as refused:
        embedded.start_postgres(folder, "right")
    assert "\n" not in str(refused.value)
    assert "--fresh" in str(refused.value)


def test_it_says_in_one_line_that_the_password_is_another(with_data: Path) -> None:
    with pytest.raises(accounts.EmbeddedError, match="made with another password: start over with bin/run --fresh"):
        embedded.start_postgres(with_data, "wrong", options=embedded.CARELESS)


def test_valkey_asks_for_the_password_and_keeps_its_data_over_a_restart(folder: Path) -> None:
    server = embedded.start_valkey(folder, "right")
    try:
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=server.port, retry=None).ping()
        redis.Redis.from_url(server.url(0)).set("kept", 1)
        server.stop()
        server.restart()
        assert redis.Redis.from_url(server.url(0)).get("kept") == b"1"
    finally:
        server.stop()
    assert "right" not in (server.folder / "valkey.log").read_text()
