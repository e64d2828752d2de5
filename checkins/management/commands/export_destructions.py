"""manage.py export_destructions FILE: the register of destroyed days, to be kept outside of both databases."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from checkins.log import register
from registry.errors import DomainError


class Command(BaseCommand):
    help = (
        "Write the register of destroyed days (dates, moments, fingerprints of keys) to a file, a JSON object a line."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            days = register.export(file)
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{days} days in {file}")
