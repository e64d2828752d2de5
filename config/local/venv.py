"""The Python environment `.venv`, made from the pinned lists. Only the standard library: nothing else is there yet.

pip's and uv's own configuration (mirrors, certificates, caches) is honoured as it is; nothing here names an index.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = "uv>=0.5,<1"


class CannotMake(Exception):
    """The environment cannot be made. The text is one line that a person can act on."""


def ensure(*lists: str) -> Path:
    """Make `.venv` hold what the requirement files `lists` pin, and return its Python.

    A second call with the same lists does nothing. What was half-made is made again. Raises CannotMake.
    """
    stamp, wanted = VENV / f"munjigi-{Path(lists[-1]).stem}", _fingerprint(lists)
    if _read(stamp) == wanted and PYTHON.exists():
        return PYTHON
    _check_machine()
    with _alone():
        if _read(stamp) != wanted or not PYTHON.exists():
            _make_venv()
            _install(lists)
            stamp.write_text(wanted)
    return PYTHON


def _fingerprint(lists: tuple[str, ...]) -> str:
    """What the environment depends on: the pinned lists, the Python, and the folder, since scripts name it."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {CHECKOUT}".encode())
    for name in lists:
        digest.update((CHECKOUT / name).read_bytes())
    return digest.hexdigest()


def _check_machine() -> None:
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise CannotMake("This Python has no venv. On Debian: apt install python3-venv, then start again.")
    if not os.access(CHECKOUT, os.W_OK):
        raise CannotMake(f"{CHECKOUT} cannot be written: take a copy in a folder of your own, or become its owner.")
    if VENV.exists() and not os.access(VENV, os.W_OK):
        raise CannotMake(f"{VENV} belongs to another account: become that account, or have it remove {VENV}.")


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time build; a second one waits and then finds it done."""
    with (CHECKOUT / "pyproject.toml").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make_venv() -> None:
    works = PYTHON.exists() and _quiet([str(PYTHON), "-m", "pip", "--version"]) == 0 and _same_python()
    if works:
        return
    say(f"Making the Python environment in {VENV}")
    if _quiet([sys.executable, "-m", "venv", "--clear", str(VENV)]) != 0:
        raise CannotMake(f"`{sys.executable} -m venv {VENV}` failed. On Debian: apt install python3-venv.")


def _same_python() -> bool:
    asked = [str(PYTHON), "-c", "import sys; print(sys.version_info[:2])"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() == str(
        sys.version_info[:2]
    )


def _install(lists: tuple[str, ...]) -> None:
    """By uv, which takes a quarter of the time; by pip where uv cannot reach what pip can."""
    say(f"Installing {' and '.join(lists)}")
    pip = [str(PYTHON), "-m", "pip"]
    files = [part for name in lists for part in ("-r", str(CHECKOUT / name))]
    if _quiet([*pip, "install", "--quiet", UV]) == 0:
        uv = [
            str(PYTHON),
            "-m",
            "uv",
            "pip",
            "install",
            "--quiet",
            "--compile-bytecode",
            "--python",
            str(PYTHON),
            *files,
        ]
        if _quiet(uv, {"UV_DEFAULT_INDEX": _pip_index(pip)}) == 0:
            return
        say("uv could not install it all; pip tries (slower)")
    done = subprocess.run([*pip, "install", "--quiet", *files], text=True, capture_output=True, check=False)
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise CannotMake(f"Installing failed: {(errors or ['no reason given'])[0]} Is the network there?")


def _pip_index(pip: list[str]) -> str:
    """The index that pip is configured for: uv does not read pip's configuration, so it is handed on."""
    if "UV_DEFAULT_INDEX" in os.environ or "UV_INDEX_URL" in os.environ:
        return ""
    told = subprocess.run([*pip, "config", "list"], capture_output=True, text=True, check=False).stdout
    for line in told.splitlines():
        name, _, value = line.partition("=")
        if name.endswith(".index-url"):
            return value.strip("'\"")
    return ""


def _quiet(command: list[str], extra: dict[str, str] | None = None) -> int:
    environment = os.environ | {name: value for name, value in (extra or {}).items() if value}
    return subprocess.run(command, capture_output=True, env=environment, check=False).returncode


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def say(line: str) -> None:
    print(f"  {line} …", flush=True)
