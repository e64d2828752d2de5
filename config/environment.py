"""Reading the environment: one clear line and exit 1 when something is missing or malformed, never a stack trace."""

import base64
import binascii
import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from environs import Env, EnvError

from config.postgresql.pool import OPTIONS

_env = Env()
_needed: Any = object()
T = TypeVar("T")


def stop(line: str) -> NoReturn:
    """Say in one line what is wrong with the environment, and end the process with status 1."""
    print(f"munjigi: {line}", file=sys.stderr)
    raise SystemExit(1)


def _read(parser: Callable[..., Any], name: str, default: T, kind: str) -> T:
    try:
        value: T = parser(name, None) if default is _needed else parser(name, default)
    except (EnvError, ValueError):
        stop(f"{name} must be {kind}.")
    if value is None:
        stop(f"{name} is not set. `bin/run` sets it for the demo; for production see docs/architecture.md.")
    return value


def text(name: str, default: str = _needed) -> str:
    return _read(_env.str, name, default, "a text")


def number(name: str, default: int) -> int:
    return _read(_env.int, name, default, "a whole number")


def flag(name: str) -> bool:
    """False where it is not set."""
    return _read(_env.bool, name, False, "true or false")


def words(name: str, default: list[str]) -> list[str]:
    """Texts separated by commas."""
    return _read(_env.list, name, default, "a list, separated by commas")


def beginning(start: str) -> dict[str, str]:
    """All that is set under names that begin so."""
    return {name: value for name, value in os.environ.items() if name.startswith(start)}


def secret(name: str) -> str:
    """A text of at least 32 characters."""
    value = text(name)
    if len(value) < 32:
        stop(f"{name} is shorter than 32 characters.")
    return value


def key(name: str, default: bytes | None = None) -> bytes:
    """32 random bytes, written as base64url; `default` where it is not set."""
    if default is not None and not text(name, ""):
        return default
    return _key(name, text(name))


def keys(name: str) -> list[bytes]:
    """Such keys, separated by commas; none where it is not set."""
    return [_key(name, value) for value in words(name, []) if value]


def _key(name: str, value: str) -> bytes:
    try:
        found = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != 32:
        stop(f"{name} must be 32 bytes as base64url (43 characters).")
    return found


def mail(name: str) -> dict[str, Any]:
    """The address of a mail server as Django's settings; without one there is no host, and no mail is sent. The server
    has ten seconds to answer."""
    kind = "the address of a mail server (smtp+tls://user:password@host:587)"
    found: dict[str, Any] = _read(_env.dj_email_url, name, {}, kind) if os.environ.get(name) else {}
    if found and not found.get("EMAIL_HOST"):
        stop(f"{name} must be {kind}.")
    wanted = {key: value for key, value in found.items() if key.startswith("EMAIL_") and value is not None}
    return {"EMAIL_HOST": "", "EMAIL_TIMEOUT": 10} | wanted


def database(name: str, *, pool: int) -> dict[str, Any]:
    """A PostgreSQL address as Django's settings, with a connection pool of `pool` at most.

    An unreachable database becomes a quick 503 (config/postgresql/pool.py). What a connection has asked three times it
    prepares: planning was half of what PostgreSQL spent on a phone check. A pooler between us and it must therefore
    keep prepared statements (PgBouncer ≥ 1.21) or pool by session.
    """
    text(name)
    kind = "the address of a PostgreSQL database (postgresql://user:password@host:port/name)"
    settings: dict[str, Any] = _read(_env.dj_db_url, name, _needed, kind)
    if settings.get("ENGINE") != "django.db.backends.postgresql":
        stop(f"{name} must be {kind}.")
    options = settings.setdefault("OPTIONS", {})
    options["pool"] = OPTIONS | {"max_size": pool}
    options["connect_timeout"] = 2
    options |= {"server_side_binding": True, "prepare_threshold": 3}
    return settings | {"ENGINE": "config.postgresql", "CONN_HEALTH_CHECKS": True, "TEST": {"DEPENDENCIES": []}}
