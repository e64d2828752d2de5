"""A new master key: both are read, everything is written anew chunk by chunk, the old one is needed no more."""

import os

import pytest
from django.core.files.base import ContentFile
from django.db import connections
from django.utils import timezone

from registry import jobs, rekeying, secrets, vault
from registry.models import Citizen, DayKey, Job, Role
from tests.factories import CitizenFactory
from tests.registry.clerks import desk_of, make_clerk

BUTTON = "/registry/signingkey/encrypt_anew"
pytestmark = pytest.mark.django_db


@pytest.fixture
def rotated(settings):
    """People and keys written under one master key, and another one that takes its place."""
    people = [
        CitizenFactory(name=name, phone=f"+82100000{n:04}") for n, name in enumerate(["홍길동", "김하나", "이두리"])
    ]
    vault.make_keys_ahead(vault.today(timezone.now()))
    settings.MASTER_KEYS_BEFORE = [settings.MASTER_KEY]
    settings.MASTER_KEY = os.urandom(32)
    return people


def run_to_the_end(job):
    while jobs.run(job.pk):
        pass
    job.refresh_from_db()
    return job


def test_it_reads_what_the_key_before_wrote_and_finds_it_by_index(rotated):
    assert Citizen.objects.get(pk=rotated[0].pk).name == "홍길동"
    assert secrets.decrypt(secrets.encrypt(b"new", purpose="x"), purpose="x") == b"new"


def test_it_needs_the_key_before_no_more_when_the_job_is_done(rotated, settings, monkeypatch):
    monkeypatch.setattr(rekeying, "CHUNK", 2)
    job = run_to_the_end(jobs.begin("rekey", by=None, now=timezone.now()))
    assert (job.state, job.percent) == (Job.State.DONE, 100)
    settings.MASTER_KEYS_BEFORE = []
    assert sorted(person.name for person in Citizen.objects.all()) == ["김하나", "이두리", "홍길동"]
    vault._held.clear()
    assert vault.day_key(vault.today(timezone.now()))
    for column in rekeying.columns():
        assert not any(value and rekeying._is_old(bytes(value)) for value in values_of(column)), column


def test_it_begins_anew_where_an_update_has_brought_other_columns(rotated, settings):
    job = jobs.begin("rekey", by=None, now=timezone.now())
    at = {"parts": ["registry_citizen.name"], "part": len(rekeying.columns()), "after": None}
    Job.objects.filter(pk=job.pk).update(at=at)
    run_to_the_end(job)
    settings.MASTER_KEYS_BEFORE = []
    assert sorted(person.name for person in Citizen.objects.all()) == ["김하나", "이두리", "홍길동"]


def values_of(column):
    alias = "vault" if column.model in (DayKey, rekeying.apps.get_model("registry.PaperKey")) else "default"
    with connections[alias].cursor() as cursor:
        cursor.execute(f'SELECT "{column.name}" FROM "{column.model._meta.db_table}"')
        return [value for (value,) in cursor.fetchall()]


def test_it_leaves_alone_what_was_changed_meanwhile(rotated):
    column = next(each for each in rekeying.columns() if (each.model, each.name) == (Citizen, "name"))
    Citizen.objects.get(pk=rotated[0].pk).save()
    [before] = [bytes(v) for v in values_of(column) if not rekeying._is_old(bytes(v))]
    rekeying.encrypt_anew(column, None)
    assert before in [bytes(value) for value in values_of(column)]
    assert not any(rekeying._is_old(bytes(value)) for value in values_of(column))


def test_it_writes_the_documents_of_venues_anew(settings):
    from tests.factories import UserFactory
    from venues import documents
    from venues.models import Document

    document = Document.objects.create(by=UserFactory(), kind="jpeg", size=3, at=timezone.now())
    documents.storage().save(documents._name(document), ContentFile(secrets.encrypt(b"abc", purpose="document")))
    settings.MASTER_KEYS_BEFORE, settings.MASTER_KEY = [settings.MASTER_KEY], os.urandom(32)
    assert rekeying.PARTS["documents"](None) == (str(document.pk), 1)
    settings.MASTER_KEYS_BEFORE = []
    assert documents.look(document, by=None) == b"abc"


def test_its_button_is_there_for_the_service_role_while_a_key_before_is_set(rotated, settings):
    page = "/admin/registry/signingkey/"
    service = desk_of(make_clerk(Role.SERVICE))
    assert BUTTON in service.get(page).content.decode()
    assert BUTTON not in desk_of(make_clerk(Role.AUDITOR, username="auditor")).get(page).content.decode()
    settings.MASTER_KEYS_BEFORE = []
    assert BUTTON not in service.get(page).content.decode()
