"""Uploads while something is amiss: many at once, the vault away, Redis away, PostgreSQL started anew."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone

from config.local import embedded
from tests.checkins.conftest import person
from tests.checkins.faults import vault_away

HERE = Path(__file__).parent
pytestmark = pytest.mark.django_db(transaction=True)


def environment(**more: str) -> dict[str, str]:
    names = {"DATABASE_URL": "default", "VAULT_DATABASE_URL": "vault"}
    ours = {
        variable: f"{os.environ[variable].rsplit('/', 1)[0]}/{connections[alias].settings_dict['NAME']}"
        for variable, alias in names.items()
    }
    return os.environ | ours | {"PYTHONPATH": str(HERE.parent.parent)} | more


def sender(door, times: int) -> subprocess.Popen[str]:
    command = [sys.executable, str(HERE / "sender.py"), door.token, str(times)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment(), **pipes)


def test_it_stores_and_counts_once_what_two_processes_send_ten_times_at_once(door):
    now = timezone.now()
    ms = int(now.timestamp() * 1000)
    away = {"at": ms, "verdict": "NO_PASS", "method": "qr", "direction": "in", "admitted": False}
    batch = [person().scan(n, now) for n in range(1, 31)] + [away | {"seq": n} for n in range(31, 41)]
    batch += [person().scan(41, now, proof="A" * 86)]
    processes = [sender(door, 5) for _ in range(2)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write(json.dumps({"scans": batch}))
        process.stdin.close()
    answers = []
    for process in processes:
        with process:
            lines = process.stdout.read().splitlines()
        assert process.returncode == 0
        answers += json.loads(lines[-1])
    assert [answer["status"] for answer in answers] == [200] * 10
    said = [{item["seq"]: item["answer"] for item in answer["answers"]} for answer in answers]
    for seq in range(1, 31):
        assert sorted(answer[seq] for answer in said) == ["known"] * 9 + ["stored"]
    assert {answer[41] for answer in said} == {"refused"}
    assert door.entries.count() == 30
    assert door.counts == {("PASS", True): 30, ("NO_PASS", False): 10}
    door.scanner.refresh_from_db()
    assert str(door.scanner.received[0]) == "[1, 42)" and len(door.scanner.received) == 1


def test_it_stores_phone_scans_without_the_vault_and_keeps_paper_ones_for_later(door):
    now = timezone.now()
    phone, paper = person(), person(paper=True)
    batch = [phone.scan(1, now), paper.scan(2, now)]
    with vault_away():
        answer = door.post(*batch)
        assert answer.status_code == 200
        assert answer.json() == {"answers": [{"seq": 1, "answer": "stored"}], "retry": [2]}
        alone = door.post(paper.scan(2, now))
        assert (alone.status_code, alone.json()["code"]) == (503, "vault_unavailable")
        assert int(alone["Retry-After"]) > 0
        assert door.show(person().code(timezone.now())).json()["answer"] == "stored"
        assert door.show(paper.code(now)).status_code == 503
    again = door.post(*batch).json()
    assert [item["answer"] for item in again["answers"]] == ["known", "stored"]


def test_it_answers_503_while_postgresql_is_away_and_stores_when_it_is_back_without_redis(tmp_path):
    closed = f"redis://127.0.0.1:{embedded.free_port()}/0"
    done = subprocess.run(
        [sys.executable, str(HERE / "restart.py"), str(tmp_path)],
        env=environment(REDIS_URL=closed),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines()[-1] == "200 stored, 503 unavailable, 200 stored, 2 rows"
