"""What the benches run against: a durable PostgreSQL, granian with the real settings, doors, and people with strips."""

import atexit
import base64
import fcntl
import os
import secrets
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric import ec

from config.local import embedded
from config.local.accounts import CHECKOUT
from config.local.stack import Stack, inherited

STATIC = CHECKOUT / "var" / "bench-static"  # kept for the next run: collecting takes a while


@dataclass(eq=False)
class Town:
    """The running stack: `web_port` answers, `server_processes` are what a CPU second is counted of."""

    folder: Path
    servers: list[embedded.Server] = field(default_factory=list)
    stack: Stack | None = None

    @property
    def web_port(self) -> int:
        assert self.stack
        return self.stack.web_port

    @property
    def server_processes(self) -> list[int]:
        """The web server and PostgreSQL, each with all below it."""
        assert self.stack
        return [self.stack.parts["web"].process.pid, self.servers[0].process.pid]

    def stop(self) -> None:
        if self.stack:
            self.stack.stop()
        while self.servers:
            self.servers.pop().stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@cache
def town() -> Town:
    """Start everything, once; it ends with this process."""
    folder = Path(tempfile.mkdtemp(prefix="munjigi-bench-"))
    folder.chmod(0o711)
    made = Town(folder)
    atexit.register(made.stop)
    password, port = embedded.new_password(), embedded.free_port()
    made.servers.append(embedded.start_postgres(folder, password))
    made.servers.append(embedded.start_valkey(folder, password))
    settings = _settings(made, port)
    os.environ.update(settings)
    _fill_databases()
    made.stack = Stack(folder, port, 0, inherited(settings))
    made.stack.start("web")
    made.stack.wait("web")
    return made


@cache
def serve_files(running: Town) -> None:
    """Collect the static files, compressed as in production, and start the web server with them; once."""
    from config.local.prepare import static

    STATIC.parent.mkdir(exist_ok=True)
    with STATIC.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        static()
    assert running.stack
    running.stack.stop("web")
    running.stack.start("web")
    running.stack.wait("web")


def _settings(made: Town, port: int) -> dict[str, str]:
    postgres, valkey = made.servers
    return {
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "DATABASE_URL": postgres.url("munjigi"),
        "VAULT_DATABASE_URL": postgres.url("munjigi_vault"),
        "REDIS_URL": valkey.url(0),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "MASTER_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "SITE_URL": f"http://localhost:{port}",
        "STATIC_ROOT": str(STATIC),
        "TRUSTED_PROXIES": "1",  # so that a bench may have callers of many addresses
    }


def _fill_databases() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    for alias in ("default", "vault"):
        call_command("migrate", database=alias, run_syncdb=alias == "default", verbosity=0)
    from config.management.commands.seed import seed

    seed(today_policy=True)


@dataclass(frozen=True)
class Door:
    """A paired scanner of a café of its own."""

    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def open_doors(count: int) -> list[Door]:
    """New venues, each with a scanner."""
    from django.utils import timezone

    from registry.models import User
    from registry.secrets import token_hash
    from venues.models import Operator, Scanner, Venue

    owner = User.objects.create(username=f"bench-{uuid4()}")
    operator, doors = Operator.objects.create(name="Bench"), []
    for number in range(count):
        venue = Venue.objects.create(operator=operator, name=f"Bench {number}", category_id="cafe", region="11680")
        door = Door(secrets.token_urlsafe(32))
        paired = {"paired_at": timezone.now(), "paired_by": owner}
        Scanner.objects.create(venue=venue, name="Bench", token_hash=token_hash(door.token), **paired)
        doors.append(door)
    return doors


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody with a strip and a key of their own."""

    citizen: UUID
    strip: bytes
    key: ec.EllipticCurvePrivateKey


def guests(count: int, day: date) -> list[Guest]:
    """People with a pass for the day, each with a citizen, strip and key of their own."""
    from registry import policy, signing, vault
    from registry.format import passcode

    signer, number = signing.signer_for(day), policy.in_force_on(day).number
    nbf, exp = passcode.strip_times(day, worse_tomorrow=False)
    made = []
    for _ in range(count):
        citizen, key = uuid4(), ec.generate_private_key(ec.SECP256R1())
        strip = passcode.sign_strip(
            private_key=signer.private_key,
            kid=signer.kid,
            issuer="KR",
            day=day,
            exp=exp,
            iat=nbf,
            cti=vault.pseudonym(day, citizen),
            cnf=passcode.point_of(key),
            passes=True,
            policy=number,
            phone=0,
        )
        made.append(Guest(citizen, strip, key))
    return made


def let_in(rate: float) -> None:
    """How many the waiting room lets in a second from now on, in every process, as the clerk's page sets it."""
    from django.conf import settings
    from django.utils import timezone

    from gate.models import GateSettings
    from gate.shared import Shared

    changed = {"rate": max(1, round(rate)), "changed_at": timezone.now()}
    row, _made = GateSettings.objects.update_or_create(pk=1, defaults=changed)
    Shared(settings.REDIS_URL).publish(row.rules)
    time.sleep(2.5)  # every process looks once a second
