"""What deploy/ gives an installation to start from keeps the rules of docs/operations.md."""

import re
from pathlib import Path

import pytest
import yaml

from config import figures

UNITS = Path("deploy/systemd")
REGISTERS = ("DESTROYED_DAYS_FILE", "LEAVINGS_FILE")
PROCESSES = ("web", "desk", "beat", "worker-sms", "worker-log", "worker-desk", "check-log", "verify-audit")
COMPOSE = yaml.safe_load(Path("deploy/compose.yaml").read_text())["services"]


def test_the_environment_that_is_installed_names_the_registers_of_what_is_gone():
    text = Path("docs/operations.md").read_text()
    assert all(f"   {name}='/srv/munjigi/registers/" in text for name in REGISTERS)


@pytest.mark.parametrize("unit", PROCESSES)
def test_every_process_reads_that_environment_and_nothing_else_of_them(unit):
    text = (UNITS / f"munjigi-{unit}.service").read_text()
    assert "\nEnvironmentFile=/etc/munjigi/environment\n" in text and not any(name in text for name in REGISTERS)
    if unit.startswith("worker"):  # they write them
        assert "/srv/munjigi/registers" in re.search(r"^ReadWritePaths=(.*)$", text, re.M)[1].split()


@pytest.mark.parametrize("service", PROCESSES)
def test_every_container_knows_them(service):
    what = COMPOSE[service]
    assert all(what["environment"][name].startswith("/registers/") for name in REGISTERS)
    assert "registers:/registers" in what["volumes"]


def test_the_gate_is_told_of_the_desks_process_alone_that_no_crowd_comes_to_it():
    told = re.compile(r"^Environment=.*\bWEB_FOR_DESK=true\b", re.M)
    assert [unit.name for unit in UNITS.glob("*.service") if told.search(unit.read_text())] == ["munjigi-desk.service"]
    assert [name for name in COMPOSE if "WEB_FOR_DESK" in COMPOSE[name].get("environment", {})] == ["desk"]


def test_no_command_line_shows_a_password():
    """Everybody on the machine can read it."""
    texts = [path.read_text() for path in UNITS.glob("*.service")]
    commands = [line for text in texts for line in text.splitlines() if line.startswith("Exec")]
    commands += re.findall(r"^ *(?:psql|pg_\w+) .*$", Path("docs/operations.md").read_text(), re.M)
    assert len(commands) > 10 and not [line for line in commands if "DATABASE_URL" in line or "PASSWORD" in line]
    backup = (UNITS / "munjigi-vault-backup.service").read_text()
    assert "Environment=PGSERVICEFILE=/etc/munjigi/pg_service.conf" in backup and "service=vault" in backup


def test_no_backup_of_the_vault_lives_for_more_than_two_days():
    """It is deleted by the first run after so many minutes."""
    hours = int(re.search(r"OnCalendar=00/(\d+):", (UNITS / "munjigi-vault-backup.timer").read_text())[1])
    texts = (UNITS / "munjigi-vault-backup.service").read_text(), Path("deploy/compose.yaml").read_text()
    kept = {int(re.search(r"-mmin \+(\d+) -delete", text)[1]) for text in texts}
    assert kept == {2520} and 2520 + hours * 60 <= 48 * 60
    assert f"sleep {hours * 3600}" in texts[1]


@pytest.mark.parametrize(
    ("unit", "found", "looked", "alarms"),
    [
        ("check-log", "munjigi_log_findings", "munjigi_log_checked_seconds", "MunjigiLogNotWhole MunjigiLogNotChecked"),
        (
            "verify-audit", "munjigi_audit_findings", "munjigi_audit_verified_seconds",
            "MunjigiEvidenceTouched MunjigiEvidenceNotProven",
        ),
    ],
)  # fmt: skip
def test_both_logs_are_looked_over_each_day_and_somebody_is_woken(unit, found, looked, alarms):
    assert "OnCalendar=*-*-*" in (UNITS / f"munjigi-{unit}.timer").read_text()
    assert f"manage.py {unit.replace('-', '_')}" in (UNITS / f"munjigi-{unit}.service").read_text()
    assert "sleep 86400" in COMPOSE[unit]["command"]
    rules = yaml.safe_load(Path("deploy/alerts.yml").read_text())["groups"][0]["rules"]
    alerts = {rule["alert"]: rule for rule in rules}
    wrong, never = (alerts[name] for name in alarms.split())
    assert wrong["expr"] == f"{found} > 0"
    assert re.fullmatch(rf"{looked} > \d+ or absent\({looked}\)", never["expr"]), "or never was"
    assert never["for"], "a web process that starts has no figures for a moment"
    assert {found, looked} <= {figure.name for figure in figures.FIGURES}
    assert unit in alerts["MunjigiTimerFailed"]["expr"]
