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

    What nothing was closed with yet is added where it is lacking. Raises StackError where the file is spoiled: new
    secrets would not open what the old ones closed.
    """
    file, new = var / "secrets.json", _new_secrets()
    if not file.exists():
        _write(file, new)
    try:
        kept = json.loads(file.read_text())
    except ValueError:
        kept = {}
    kept = kept if isinstance(kept, dict) else {}
    missing = [name for name in new if not kept.get(name)]
    lost = [name for name in missing if not name.startswith("SMS_")]
    if lost:
        raise StackError(f"{file} lacks {', '.join(lost)}: put it back, or start over with bin/run --fresh.")
    if missing:
        kept |= {name: new[name] for name in missing}
        _write(file, kept)
    return {str(name): str(value) for name, value in kept.items()}


def _write(file: Path, content: dict[str, str]) -> None:
    """Whole or not at all, for its owner alone."""
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(json.dumps(content, indent=1))
    new.replace(file)


def settings(kept: dict[str, str], web: int, sms: int) -> dict[str, str]:
    """What the settings read of the demo: secrets, addresses, and three SMS providers that are one simulator."""
    simulator = f"http://127.0.0.1:{sms}"
    found = {name: value for name, value in kept.items() if name.endswith("_KEY") or name.startswith("SMS_")}
    found |= {"SITE_URL": f"http://localhost:{web}", "ALLOWED_HOSTS": "localhost,127.0.0.1"}
    found |= {"SMS_HTTP_URL": simulator, "SMS_TWILIO_URL": f"{simulator}/twilio", "SMS_TWILIO_FROM": "+821000000000"}
    return found | {"SMS_SOLAPI_URL": f"{simulator}/solapi", "SMS_SOLAPI_FROM": "01000000000"}


def _new_secrets() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "MASTER_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("="),
        "SMS_HTTP_KEY": secrets.token_urlsafe(24),
        "SMS_HTTP_RECEIPT_KEY": secrets.token_urlsafe(24),
        "SMS_TWILIO_ACCOUNT_SID": f"AC{secrets.token_hex(16)}",
        "SMS_TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "SMS_SOLAPI_API_KEY": f"NCS{secrets.token_hex(7).upper()}",
        "SMS_SOLAPI_API_SECRET": secrets.token_hex(16).upper(),
        "SMS_SOLAPI_WEBHOOK_SECRET": secrets.token_urlsafe(24),
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
