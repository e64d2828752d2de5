from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

# Records are read and written meanwhile: the new index is made beside the constraint and then takes its name.
ONLY_STANDING = """
    CREATE UNIQUE INDEX CONCURRENTLY certificate_number_of_standing
    ON registry_passrecord (issuer, certificate_number) WHERE revoked_at IS NULL"""
TAKE_ITS_PLACE = """
    ALTER TABLE registry_passrecord DROP CONSTRAINT certificate_number_is_unique_per_issuer;
    ALTER INDEX certificate_number_of_standing RENAME TO certificate_number_is_unique_per_issuer"""
ALL_AGAIN = """
    DROP INDEX certificate_number_is_unique_per_issuer;
    ALTER TABLE registry_passrecord
    ADD CONSTRAINT certificate_number_is_unique_per_issuer UNIQUE (issuer, certificate_number)"""
CONSTRAINT = models.UniqueConstraint(
    fields=["issuer", "certificate_number"],
    condition=models.Q(("revoked_at__isnull", True)),
    name="certificate_number_is_unique_per_issuer",
    violation_error_message="This issuer has already used this certificate number.",
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("registry", "0026_imports"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="passrecord",
            index=models.Index(
                fields=["imported_in", "id"], name="record_import", condition=models.Q(("imported_in__isnull", False))
            ),
        ),
        migrations.RunSQL(ONLY_STANDING, "DROP INDEX IF EXISTS certificate_number_of_standing"),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TAKE_ITS_PLACE, ALL_AGAIN)],
            state_operations=[
                migrations.RemoveConstraint("passrecord", "certificate_number_is_unique_per_issuer"),
                migrations.AddConstraint("passrecord", CONSTRAINT),
            ],
        ),
    ]
