"""Migrations beside a service that runs: a lock that somebody holds is waited for briefly, and nobody queues behind.
And databases of before our migrations were drawn together (docs/decisions/0021)."""

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, connections
from django.db.migrations import RunSQL
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from config.local import prepare
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


DRAWN_TOGETHER = {
    ("registry", "0001_users"), ("registry", "0002_tables"), ("registry", "0003_access_log_stays"),
    ("registry", "0004_statistics_of_people"), ("venues", "0001_tables"), ("venues", "0002_operators_with_venues"),
    ("venues", "0003_statistics_of_venues"), ("checkins", "0001_tables"), ("checkins", "0002_log_by_day"),
}  # fmt: skip


@pytest.fixture
def before():
    """The migrations on record in a database that had all of those of before, and none of now."""
    applied = MigrationRecorder(connection).migration_qs
    for app, name in DRAWN_TOGETHER:
        assert applied.filter(app=app, name=name).delete()[0]
    return applied


@pytest.mark.django_db
def test_it_goes_on_from_the_migrations_of_before(before):
    executor = MigrationExecutor(connection)
    assert set(executor.loader.applied_migrations) >= DRAWN_TOGETHER
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("app, lacking", [("registry", "0012"), ("venues", "0008"), ("checkins", "0009")])
def test_it_says_what_to_do_where_one_of_those_of_before_is_lacking(before, app, lacking):
    assert before.filter(app=app, name__startswith=lacking).delete()[0] == 1
    with pytest.raises(CommandError, match="bin/run --fresh"):
        call_command("migrate", verbosity=0)
    with pytest.raises(SystemExit, match="bin/run --fresh"):
        prepare.databases("logins")


@pytest.mark.django_db
def test_a_first_start_that_was_broken_off_goes_on(before):
    """Until the end of a run Django has on record the migrations that ours replace, and not ours."""
    before.filter(app__in=["registry", "venues", "checkins"]).exclude(app="registry", name="0001_facts").delete()
    migrate.refuse_half_of_before(connection)
    executor = MigrationExecutor(connection)
    plan = {(step.app_label, step.name) for step, _back in executor.migration_plan(executor.loader.graph.leaf_nodes())}
    assert plan & DRAWN_TOGETHER == DRAWN_TOGETHER - {("registry", "0001_users")}
