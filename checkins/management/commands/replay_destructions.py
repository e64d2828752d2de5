"""manage.py replay_destructions: after a restore, destroy again what the register of destroyed days says is gone."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from checkins.log import register
from registry.errors import DomainError


class Command(BaseCommand):
    help = (
        "Destroy again what a restore brought back, by the registers in both databases and the one in a file, and tell "
        "each database what it has forgotten. Web and worker do it at their start; may run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="an export (default: DESTROYED_DAYS_FILE, if set)")

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        if file and not file.exists():
            raise CommandError(f"There is no file {file}.")
        try:
            days = register.replay(file)
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error
        for day in days:
            self.stdout.write(f"{day} destroyed again, or entered where it was forgotten")
        self.stdout.write(f"{len(days)} days; {len(register.everywhere(file))} in the register")
