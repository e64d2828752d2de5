"""Whom an embedded server runs as, and where its programs and its data lie so that this account may reach them."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]


class EmbeddedError(Exception):
    """An embedded server cannot be had. The text is one line that a person can act on."""


@dataclass(frozen=True)
class Account:
    """Whom a server runs as; `None` ids mean "as ourselves"."""

    uid: int | None = None
    gid: int | None = None

    def popen(self) -> dict[str, Any]:
        """The arguments that make subprocess run a program as this account."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give `path` to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def account() -> Account:
    """`nobody` when we are root, else ourselves."""
    if os.geteuid() != 0:
        return Account()
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedError(
            "PostgreSQL does not run as root and there is no account `nobody`: run as another account."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def may_enter(folder: Path, who: Account) -> bool:
    """Whether `who` can enter `folder`, asked by trying, since modes alone do not tell (ACLs, mounts)."""
    if who.uid is None:
        return True
    tried = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)], cwd="/", capture_output=True, check=False, **who.popen()
    )
    return tried.returncode == 0


def home(wanted: Path) -> Path:
    """The folder in which servers may keep their data: `wanted`, or as root in a closed checkout one under /var/lib.

    The answer is the same whenever it is asked for the same `wanted`. The folder is made.
    """
    wanted = wanted.resolve()
    wanted.mkdir(parents=True, exist_ok=True)
    elsewhere = elsewhere_for(wanted)
    if not elsewhere.exists() and may_enter(wanted, account()):
        return wanted
    elsewhere.mkdir(parents=True, exist_ok=True)
    for folder in (elsewhere.parent, elsewhere):
        folder.chmod(0o711)
    return elsewhere


def elsewhere_for(wanted: Path) -> Path:
    """Where the data for `wanted` lies when `wanted` is closed to `nobody`."""
    return closed_home() / hashlib.sha256(str(wanted.resolve()).encode()).hexdigest()[:12]


def closed_home() -> Path:
    """Where root keeps what `nobody` must reach and cannot reach in this checkout."""
    return Path("/var/lib") / f"munjigi-{hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:12]}"


def package(name: str) -> Path:
    """The folder of an installed package, found without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise EmbeddedError(f"The package {name} is not installed: run bin/run, or install requirements.txt.")
    return Path(spec.origin).parent


def binaries(name: str, probe: str) -> Path:
    """The folder of package `name`, or as root where it is closed to `nobody` a copy; `probe` is a program in it."""
    who, source = account(), package(name)
    if who.uid is None or _runs(source / probe, who):
        return source
    stamp = hashlib.sha256(f"{source}{(source / probe).stat().st_mtime_ns}".encode()).hexdigest()[:12]
    copied = closed_home() / f"programs-{stamp}"
    if not (copied / name).exists():
        with half_made(copied / name) as new:
            shutil.copytree(source, new, symlinks=True)
        libraries = source.parent / f"{name}.libs"  # found by the programs beside their package
        if libraries.exists() and not (copied / libraries.name).exists():
            with half_made(copied / libraries.name) as new:
                shutil.copytree(libraries, new, symlinks=True)
        _open_up(closed_home(), copied)
    if not _runs(copied / name / probe, who):
        raise EmbeddedError(f"`nobody` cannot run {copied / name / probe}: is /var/lib mounted noexec?")
    return copied / name


@contextlib.contextmanager
def half_made(wanted: Path) -> Iterator[Path]:
    """A name beside `wanted` to build under; renamed to it at the end, removed when that was not reached."""
    new = wanted.with_name(f".{wanted.name}.new")
    wanted.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(new, ignore_errors=True)
    try:
        yield new
        new.rename(wanted)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def plain_environment() -> dict[str, str]:
    """The environment of the servers' programs: none of our secrets in it."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def run(command: Sequence[str], who: Account) -> subprocess.CompletedProcess[str]:
    """Run a program to its end as `who`, with nothing of our environment."""
    environment = plain_environment()
    return subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, check=False, **who.popen())


def _runs(program: Path, who: Account) -> bool:
    try:
        return run([str(program), "--version"], who).returncode == 0
    except OSError:
        return False


def _open_up(*folders: Path) -> None:
    """Let everyone enter and read what was copied out of a closed checkout: public programs, no data."""
    folders[0].chmod(0o711)
    for path in [folders[-1], *folders[-1].rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
