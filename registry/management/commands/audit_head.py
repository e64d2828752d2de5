"""manage.py audit_head: the newest seal of the access log as one line, to be kept where nobody of ours can reach."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from registry.errors import DomainError
from registry.evidence import heads, sealing


class Command(BaseCommand):
    help = (
        "Write the newest seal of the access log as one line: number, time, hash. Keep such lines elsewhere; "
        "verify_audit --heads FILE then shows that nothing before them was touched."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--begin-anew",
            metavar="REASON",
            help="after a restore: have the vault keep the seal that is now the newest",
        )

    def handle(self, *args: Any, begin_anew: str | None = None, **options: Any) -> None:
        if begin_anew:
            self._begin_anew(begin_anew)
        head = sealing.head()
        if head is None:
            raise CommandError("The access log has no seal yet: is the worker running?")
        self.stdout.write(str(head))

    def _begin_anew(self, reason: str) -> None:
        try:
            before = heads.begin_anew(reason=reason, now=timezone.now())
        except DomainError as error:
            raise CommandError(str(error)) from error
        if before:
            self.stdout.write(f"The vault kept seal {before.number} {bytes(before.hash).hex()} until now.")
