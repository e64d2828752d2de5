"""What a drill plays on: PostgreSQL, Valkey, web server, worker, SMS simulators, in a folder of its own."""

from __future__ import annotations

import base64
import fcntl
import os
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path

from config.local import embedded
from config.local.accounts import CHECKOUT
from config.local.prepare import static_is_fresh
from config.local.stack import Stack, inherited, run_module

STATIC = CHECKOUT / "var" / "drill-static"  # kept for the next run: collecting takes a while
SMS_KEY = "drill"


class Stage:
    """Nothing runs until `start`; `stop` ends all that it started, by its process, and removes the folder."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.began = time.monotonic()
        self.folder: Path | None = None
        self.servers: list[embedded.Server] = []
        self.stacks: list[Stack] = []
        self.settings: dict[str, str] = {}

    @property
    def stack(self) -> Stack:
        """Web server, worker and the first SMS simulator."""
        return self.stacks[0]

    @property
    def web(self) -> int:
        """The port of the web server."""
        return self.stack.web_port

    def databases(self, *, desk: bool = False, **settings: str) -> None:
        """Start the servers and fill the databases; from here on this process may use the models.

        `settings` are put into the environment of everything that follows. `desk`: clerks have a web process of their
        own, as in `deploy/`.
        """
        self.say("PostgreSQL and Valkey")
        self.folder = Path(tempfile.mkdtemp(prefix=self.prefix))
        self.folder.chmod(0o711)
        password = embedded.new_password()
        self.servers.append(embedded.start_postgres(self.folder, password))
        self.servers.append(embedded.start_valkey(self.folder, password))
        web, sms = embedded.free_port(), embedded.free_port()
        self.settings = self._settings(web, sms) | settings
        os.environ.update(self.settings)
        self.say("databases and seed data")
        fill()
        port = embedded.free_port() if desk else None
        self.stacks.append(Stack(self.folder, web, sms, inherited(self.settings), desk_port=port))

    def start(self, *parts: str) -> None:
        """Start parts of the stack (all, when none is named) and wait until they answer."""
        if not parts or "web" in parts:
            self._collect_static()
        self.say(", ".join(parts or ("web server", "worker", "SMS simulator")))
        self.stack.start(*parts)
        self.stack.wait(*parts)

    def another_simulator(self, port: int) -> Stack:
        """One more SMS simulator, another provider's; its port is to be named in the settings by the caller."""
        assert self.folder
        folder = self.folder / f"sms-{port}"
        folder.mkdir()
        stack = Stack(folder, 0, port, inherited(self.settings))
        self.stacks.append(stack)
        stack.start("simulator")
        stack.wait("simulator")
        return stack

    def stop(self) -> None:
        if any(stack.parts for stack in self.stacks) or self.servers:
            self.say("ending")
        for stack in reversed(self.stacks):
            stack.stop()
        while self.servers:
            server = self.servers.pop()
            server.stop()
            if server.folder != self.folder:
                shutil.rmtree(server.folder, ignore_errors=True)
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def say(self, what: str) -> None:
        """A line about where the drill stands, beside the report."""
        print(f"  {time.monotonic() - self.began:5.1f} s  {what}", file=sys.stderr, flush=True)

    def _settings(self, web: int, sms: int) -> dict[str, str]:
        postgres, valkey = self.servers
        return {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": postgres.url("munjigi"),
            "VAULT_DATABASE_URL": postgres.url("munjigi_vault"),
            "REDIS_URL": valkey.url(0),
            "SECRET_KEY": secrets.token_urlsafe(48),
            "MASTER_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "SITE_URL": f"http://localhost:{web}",
            "SMS_HTTP_URL": f"http://127.0.0.1:{sms}",
            "SMS_HTTP_KEY": SMS_KEY,
            "STATIC_ROOT": str(STATIC),
            "LOG_LEVEL": "ERROR",
            "DEBUG": "0",
        }

    def _collect_static(self) -> None:
        STATIC.parent.mkdir(exist_ok=True)
        assert self.folder
        with STATIC.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not static_is_fresh(STATIC):
                self.say("static files")
                log = self.folder / "static.log"
                run_module("config.local.prepare", "static", environment=inherited(self.settings), log=log)


def fill() -> None:
    """Migrate both databases of the environment and load the seed data with a policy in force today."""
    import django

    django.setup()
    from django.core.management import call_command

    for alias in ("default", "vault"):
        call_command("migrate", database=alias, verbosity=0)
    from config.management.commands.seed import seed

    seed(today_policy=True)
