"""manage.py audit_head: the newest seal of the access log as one line, to be kept where nobody of ours can reach."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registry.evidence import sealing


class Command(BaseCommand):
    help = (
        "Write the newest seal of the access log as one line: number, time, hash. Keep such lines elsewhere; "
        "verify_audit --heads FILE then shows that nothing before them was touched."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        head = sealing.head()
        if head is None:
            raise CommandError("The access log has no seal yet: is the worker running?")
        self.stdout.write(str(head))
