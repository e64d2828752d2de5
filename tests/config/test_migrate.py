"""Migrations beside a service that runs: a lock that somebody holds is waited for briefly, and nobody queues behind."""

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, connections
from django.db.migrations import RunSQL
from django.db.migrations.executor import MigrationExecutor

from config.management.commands import migrate


@pytest.mark.django_db(transaction=True)
def test_it_gives_up_waiting_for_a_lock(monkeypatch):
    monkeypatch.setattr(migrate, "PATIENCE", "50ms")
    widen = RunSQL("ALTER TABLE registry_vaccine ADD COLUMN passing int")

    def waits(self, *args, **kwargs):
        with connection.schema_editor() as editor:
            widen.database_forwards("registry", editor, None, None)

    monkeypatch.setattr(MigrationExecutor, "migrate", waits)
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("LOCK TABLE registry_vaccine IN ACCESS SHARE MODE")
            with pytest.raises(OperationalError, match="lock timeout"):
                call_command("migrate", verbosity=0)
            cursor.execute("ROLLBACK")
    finally:
        other.close()
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
