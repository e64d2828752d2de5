"""What deploy/ gives an installation to start from keeps the rules of docs/operations.md."""

import re
from pathlib import Path

import pytest

UNITS = Path("deploy/systemd")
REGISTERS = ("DESTROYED_DAYS_FILE", "LEAVINGS_FILE")


@pytest.mark.parametrize("unit", ["web", "desk", "beat", "worker-sms", "worker-log", "worker-desk"])
def test_every_process_knows_the_registers_of_what_is_gone(unit):
    text = (UNITS / f"munjigi-{unit}.service").read_text()
    assert all(f"{name}=/srv/munjigi/registers/" in text for name in REGISTERS)
    if unit.startswith("worker"):  # they write them
        assert "/srv/munjigi/registers" in re.search(r"^ReadWritePaths=(.*)$", text, re.M)[1].split()


def test_so_do_the_containers():
    text = Path("deploy/compose.yaml").read_text()
    assert all(f"{name}: /registers/" in text for name in REGISTERS)
    assert "registers:/registers" in text


def test_no_backup_of_the_vault_lives_for_more_than_two_days():
    """It is deleted by the first run after so many minutes."""
    hours = int(re.search(r"OnCalendar=00/(\d+):", (UNITS / "munjigi-vault-backup.timer").read_text())[1])
    texts = (UNITS / "munjigi-vault-backup.service").read_text(), Path("deploy/compose.yaml").read_text()
    kept = {int(re.search(r"-mmin \+(\d+) -delete", text)[1]) for text in texts}
    assert kept == {2520} and 2520 + hours * 60 <= 48 * 60
    assert f"sleep {hours * 3600}" in texts[1]


def test_the_log_is_looked_over_each_day_and_somebody_is_woken():
    assert "OnCalendar=*-*-*" in (UNITS / "munjigi-check-log.timer").read_text()
    alerts = Path("deploy/alerts.yml").read_text()
    assert "munjigi_log_findings > 0" in alerts and "munjigi_log_checked_seconds >" in alerts
