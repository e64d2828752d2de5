"""`bin/drill` by itself."""

import subprocess
import sys

from config.local.accounts import CHECKOUT
from drills.__main__ import listing, names

NAMES = [
    "booking-2021-07",
    "coov-2021-12-13",
    "deploy",
    "herd",
    "key-leak",
    "kills",
    "kipass-2022-01-06",
    "naver-2021-12-14",
]
NAMES += ["naver-2022-01-22", "validity-2022-01-03"]


def test_it_lists_every_drill_with_what_it_does():
    assert [line.split()[0] for line in listing().splitlines()] == NAMES
    assert all(len(line.split()) > 5 for line in listing().splitlines())
    assert all(module.replace("_", "-") == name for name, module in names().items())


def test_an_unknown_name_is_refused_and_starts_nothing():
    asked = subprocess.run(
        [sys.executable, "-m", "drills", "flood-1925"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )

    assert asked.returncode == 2
    assert "booking-2021-07" in asked.stderr
