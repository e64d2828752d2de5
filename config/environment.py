"""Reading the environment: one clear line and exit 1 when something is missing or malformed, never a stack trace."""

import base64
import binascii
import sys
from typing import Any, NoReturn

from environs import Env, EnvError


def stop(line: str) -> NoReturn:
    """Say in one line what is wrong with the environment, and end the process with status 1."""
    print(f"munjigi: {line}", file=sys.stderr)
    raise SystemExit(1)


class Environment(Env):
    """`environs.Env` for our kinds of value; what is missing or malformed ends the start with one line."""

    def str(self, name: str, *default: Any) -> Any:
        try:
            return super().str(name, *default)
        except EnvError:
            stop(f"{name} is not set. `bin/run` sets it for the demo; for production see deploy/.")

    def secret(self, name: str) -> Any:
        """A text of at least 32 characters."""
        value = self.str(name)
        if len(value) < 32:
            stop(f"{name} is shorter than 32 characters.")
        return value

    def key(self, name: str) -> bytes:
        """32 random bytes, written as base64url."""
        text = self.str(name)
        try:
            key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != 32:
            stop(f"{name} must be 32 bytes as base64url (43 characters).")
        return key

    def database(self, name: str, *, pool: int) -> dict[str, Any]:
        """A PostgreSQL address as Django's settings, with a connection pool of `pool` at most.

        Waiting for a connection ends after 2 s, so that an unreachable database becomes a quick 503.
        """
        self.str(name)
        try:
            settings = self.dj_db_url(name)
        except EnvError:
            settings = {}
        if settings.get("ENGINE") != "django.db.backends.postgresql":
            stop(f"{name} is not the address of a PostgreSQL database (postgresql://user:password@host:port/name).")
        options = settings.setdefault("OPTIONS", {})
        options["pool"] = {"min_size": 1, "max_size": pool, "timeout": 2, "max_idle": 300}
        options["connect_timeout"] = 2
        return settings | {"CONN_HEALTH_CHECKS": True, "TEST": {"DEPENDENCIES": []}}
