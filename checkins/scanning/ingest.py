"""What a scanner uploads: every code verified, every scan stored or counted exactly once, an answer for each.

The costly part, two signatures a scan (judging.py), comes first and holds no lock; then one transaction writes what is
new (storing.py).
"""

from datetime import datetime
from typing import Any

from checkins.scanning import judging, storing
from checkins.scanning.scans import Scan
from registry.errors import VaultUnavailable
from venues.models import Scanner


def upload(scanner: Scanner, scans: list[Scan], *, now: datetime) -> dict[str, Any]:
    """Store a batch; the body of the answer: `answers` for each scan, and `retry` where some must be sent again.

    Of a revoked scanner, with `revoked`, what it saw before is stored and the rest refused. Raises VaultUnavailable
    where nothing could be answered, TooManyGaps.
    """
    held = storing.held(scanner, [scan.seq for scan in scans])
    judged = judging.judge(scanner, [scan for scan in scans if scan.seq not in held], now=now)
    if judged.retry and len(judged.retry) == len(scans):
        raise VaultUnavailable
    answers = storing.store(scanner, scans, judged, now=now)
    body: dict[str, Any] = {"answers": [_answer(scan.seq, answers[scan.seq]) for scan in scans if scan.seq in answers]}
    retry = [seq for seq in judged.retry + judged.later if seq not in answers]  # what was taken back waits for nothing
    return body | ({"retry": retry} if retry else {}) | ({"revoked": True} if scanner.revoked_at else {})


def _answer(seq: int, answer: storing.Answer) -> dict[str, Any]:
    return {"seq": seq, "answer": answer[0]} | ({"reason": answer[1]} if answer[1] else {})
