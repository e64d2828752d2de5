"""manage.py migrate: Django's own, which gives up rather than have everybody queue behind a lock that it waits for."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

PATIENCE = "5s"


class Command(migrate.Command):
    help = migrate.Command.help + f" Waits {PATIENCE} for a lock at most; run it again then."

    def handle(self, *args: Any, **options: Any) -> None:
        with connections[options["database"]].cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{PATIENCE}'")
        try:
            super().handle(*args, **options)
        finally:
            with connections[options["database"]].cursor() as cursor:
                cursor.execute("RESET lock_timeout")
