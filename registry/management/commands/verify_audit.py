"""manage.py verify_audit: prove the access log, or say which rows were changed, taken away or slipped in."""

import argparse
import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from registry import figures
from registry.evidence import verifying
from registry.models import Figure

HEAD = re.compile(r"(\d+) \S+ ([0-9a-f]{64})")


class Command(BaseCommand):
    help = "Go through all seals of the access log and compare every row. Ends with status 1 where something is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--heads", type=argparse.FileType("r"), help="lines of audit_head that were kept elsewhere, one a line"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        proof = verifying.verify(now, self._heads(options["heads"]))
        for finding in proof.findings:
            self.stdout.write(str(finding))
        if proof.found > len(proof.findings):
            self.stdout.write(f"… and {proof.found - len(proof.findings)} more")
        if proof.found or proof.end_known:  # half a proof is none
            figures.note(Figure.What.AUDIT_FINDINGS, proof.found, now=now)
        told = f"{proof.seals} seals, {proof.rows} rows compared, {proof.waiting} waiting for a seal"
        if proof.found:
            raise CommandError(f"The access log is not as it was: {proof.found} findings; {told}.")
        if not proof.end_known:
            raise CommandError(f"The vault is away, so that a missing end would not be found. Otherwise whole: {told}.")
        self.stdout.write(f"The access log is whole: {told}.")

    def _heads(self, file: Any) -> list[tuple[int, str]]:
        heads = []
        for number, line in enumerate(file or (), 1):
            if not line.strip():
                continue
            found = HEAD.search(line)
            if not found:
                raise CommandError(f"{file.name}, line {number}: this is no line of audit_head.")
            heads.append((int(found[1]), found[2]))
        return heads
