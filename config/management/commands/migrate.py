"""manage.py migrate: Django's own, which gives up rather than have everybody queue behind a lock that it waits for, and
says in a line where a database is that no way leads on from (docs/decisions/0021)."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

PATIENCE = "5s"
HALF_OF_BEFORE = "The databases are of a state before the first release. Empty them; bin/run --fresh does."


class Command(migrate.Command):
    help = migrate.Command.help + f" Waits {PATIENCE} for a lock at most; run it again then."

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_half_of_before(connections[options["database"]])
        with connections[options["database"]].cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{PATIENCE}'")
        try:
            super().handle(*args, **options)
        finally:
            with connections[options["database"]].cursor() as cursor:
                cursor.execute("RESET lock_timeout")


def refuse_half_of_before(connection: BaseDatabaseWrapper) -> None:
    """Raises CommandError where some of the migrations that one of ours replaces were applied, and not all. A first
    start that was broken off goes on: it has all of some, and none of the others."""
    applied = MigrationRecorder(connection).applied_migrations().keys()
    for key, ours in MigrationLoader(None).replacements.items():
        before = applied & set(ours.replaces)
        if before and key not in applied and len(before) < len(ours.replaces):
            raise CommandError(HALF_OF_BEFORE)
