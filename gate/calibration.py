"""What this machine can bear, measured in a moment: so that the gate stands where it should before a clerk looks at it.

The yardstick is a P-256 signature, most of a month of strips being made of these. The figures were measured beside
`bin/drill booking-2021-07`: one phone check, from the code asked for to the strips, costs the web process, PostgreSQL
and the worker together what so many signatures cost; a question of the waiting page likewise.
"""

import os
import time
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from gate.models import GateSettings

SECONDS = 0.2  # of CPU
CHECK_COSTS = 1500.0  # signatures
QUESTION_COSTS = 12.0
CHECKS_SHARE, QUESTIONS_SHARE = 0.5, 0.05  # of the machine; what is left is for scanners, passes, desks and refusals


def signatures_per_second(seconds: float = SECONDS) -> float:
    """P-256 signatures per CPU second of one core."""
    key, message, done = ec.generate_private_key(ec.SECP256R1()), bytes(250), 0
    started = time.process_time()
    while (spent := time.process_time() - started) < seconds:
        for _ in range(50):
            key.sign(message, ec.ECDSA(hashes.SHA256()))
        done += 50
    return done / spent


def measure(now: datetime) -> GateSettings:
    """Measure, and note it. What a clerk set stays; of two machines the one that measured last is taken for both."""
    signatures = signatures_per_second() * len(os.sched_getaffinity(0))
    figures = {
        "measured_rate": round(max(1.0, signatures / CHECK_COSTS * CHECKS_SHARE), 1),
        "measured_polls": round(max(10.0, signatures / QUESTION_COSTS * QUESTIONS_SHARE), 1),
        "measured_at": now,
        "changed_at": now,
    }
    row, _new = GateSettings.objects.update_or_create(pk=1, defaults=figures)
    return row
