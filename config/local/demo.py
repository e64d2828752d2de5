"""What the demo keeps under var/: secrets made once, and the logins that `manage.py demo` writes down for the table."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django_otp.oath import hotp

from config.local.processes import StackError

STEP = 30  # seconds that a one-time code lasts (RFC 6238)


def read_secrets(var: Path) -> dict[str, str]:
    """The secrets of this checkout's demo, made at the first call, in a file that only its owner can read.

    Raises StackError where the file is spoiled: new secrets would not open what the old ones closed.
    """
    file = var / "secrets.json"
    if not file.exists():
        new = file.with_suffix(".new")
        new.unlink(missing_ok=True)
        new.touch(mode=0o600)
        new.write_text(json.dumps(_new_secrets(), indent=1))
        new.replace(file)  # whole or not at all
    try:
        kept = json.loads(file.read_text())
    except ValueError:
        kept = {}
    missing = [name for name in _new_secrets() if not isinstance(kept, dict) or not kept.get(name)]
    if missing:
        raise StackError(f"{file} lacks {', '.join(missing)}: put it back, or start over with bin/run --fresh.")
    return {str(name): str(value) for name, value in kept.items()}


def _new_secrets() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "MASTER_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("="),
        "SMS_HTTP_KEY": secrets.token_urlsafe(24),
        "POSTGRES_PASSWORD": secrets.token_hex(24),
        "VALKEY_PASSWORD": secrets.token_hex(24),
    }


def logins_file(var: Path, database: str | None) -> Path:
    """Where the demo logins of a database are written down: each of the caller's own has a file of its own."""
    if not database:
        return var / "demo.json"
    place = urlsplit(database)
    named = f"{place.hostname}:{place.port}{place.path}"
    return var / f"demo-{hashlib.sha256(named.encode()).hexdigest()[:12]}.json"


def read_demo(file: Path) -> dict[str, Any]:
    """The demo's logins and notes; empty where there are none."""
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError):
        return {"logins": [], "notes": []}
    return found if isinstance(found, dict) else {"logins": [], "notes": []}


def code_of(file: Path, username: str, *, now: float) -> tuple[str, int]:
    """The one-time code of a demo login and for how many seconds it is still good. Raises StackError."""
    logins = {str(login["username"]): login for login in read_demo(file).get("logins", [])}
    if not logins:
        raise StackError("There is no demo login yet: start bin/run once.")
    secret = logins.get(username, {}).get("totp_secret")
    if not secret:
        with_code = ", ".join(name for name, login in logins.items() if login.get("totp_secret"))
        raise StackError(f"{username} has no one-time code; these have: {with_code}.")
    return totp(secret, now), STEP - int(now) % STEP


def totp(secret: str, now: float) -> str:
    """The six digits for a base32 secret at `now` (RFC 6238: SHA-1, 30 s)."""
    key = base64.b32decode(secret.upper() + "=" * (-len(secret) % 8))
    return f"{hotp(key, int(now) // STEP):06d}"
