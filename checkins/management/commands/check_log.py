"""manage.py check_log: whether counts, rows, partitions, keys, registers and scanners tell the same story."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from checkins.log import checking
from registry import figures
from registry.models import Figure


class Command(BaseCommand):
    help = "Look the log over and say of each thing that is wrong what to do. Ends with 1 where something is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=3, help="whose rows are compared with their counts (default 3)")

    def handle(self, *args: Any, days: int, **options: Any) -> None:
        number, now = 0, timezone.now()
        for finding in checking.look(now, days=days):
            number += 1
            self.stdout.write(f"- {finding.what}\n  {finding.do}")
        figures.note(Figure.What.LOG_FINDINGS, number, now=now)
        self.stdout.write(f"{number} findings" if number else "The log is whole.")
        if number:
            raise SystemExit(1)
