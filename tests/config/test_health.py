"""How the whole does, for those who watch: figures with bounds, and alerts on figures that exist."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from checkins.log import partitions
from config import figures
from registry import signing, vault
from registry.models import Job

pytestmark = pytest.mark.django_db
TOKEN = "watch-" * 6


@pytest.fixture(autouse=True)
def token(settings):
    settings.METRICS_TOKEN = TOKEN


@pytest.fixture
def prepared():
    today = vault.today(timezone.now())
    partitions.make_ahead(today)
    signing.make_keys_ahead(today)
    vault.make_keys_ahead(today)


def read(client, path):
    return client.get(path, headers={"Authorization": f"Bearer {TOKEN}"})


@pytest.mark.parametrize("path", ["/metrics", "/health/deep"])
def test_it_is_not_there_for_anybody_else(client, settings, path):
    assert client.get(path).status_code == 404
    assert client.get(path, headers={"Authorization": "Bearer wrong"}).status_code == 404
    settings.METRICS_TOKEN = ""
    assert client.get(path, headers={"Authorization": "Bearer "}).status_code == 404


def test_it_is_well_when_all_is_prepared(client, prepared):
    answer = read(client, "/health/deep")
    assert answer.status_code == 200, answer.json()
    told = answer.json()["figures"]
    assert told["munjigi_up"]["values"] == {"default": 1, "vault": 1, "redis": 1}
    assert told["munjigi_partitions_ahead_days"]["values"][""] >= 7


def test_it_is_not_well_when_a_job_lies_idle(client, prepared):
    Job.objects.create(kind="rekey", asked_at=timezone.now() - timedelta(minutes=5))
    answer = read(client, "/health/deep")
    assert answer.status_code == 503
    assert [name for name, told in answer.json()["figures"].items() if not told["well"]] == [
        "munjigi_job_oldest_idle_seconds"
    ]


def test_it_speaks_prometheus_and_has_every_figure_that_an_alert_names(client, prepared):
    text = read(client, "/metrics").content.decode()
    assert 'munjigi_up{part="vault"} 1.0' in text
    named = set(re.findall(r"munjigi_\w+", Path("deploy/alerts.yml").read_text()))
    assert named
    assert named <= {figure.name for figure in figures.FIGURES}
    assert all(f"# HELP {name} " in text for name in named)
