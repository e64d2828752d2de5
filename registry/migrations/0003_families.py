import django.core.validators
import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

NOBODY = "00000000-0000-0000-0000-000000000000"
NEXT = """
    WITH next AS (SELECT id FROM registry_citizen WHERE id > %s ORDER BY id LIMIT 5000), noted AS (
        UPDATE registry_citizen c SET phone_since = verified_at FROM next
        WHERE c.id = next.id AND c.verified_at IS NOT NULL AND c.phone_since IS NULL
    ) SELECT id FROM next ORDER BY id DESC LIMIT 1"""


def note_since_when(apps, schema_editor):
    """Until now a check was the only way to be verified, so that a verified number had been proven. Part by part: nobody
    waits for the whole registry to be written."""
    last = NOBODY
    with schema_editor.connection.cursor() as cursor:
        while last:
            cursor.execute(NEXT, [last])
            row = cursor.fetchone()
            last = row and row[0]


class Migration(migrations.Migration):
    atomic = False  # the registry is read and written meanwhile

    dependencies = [("registry", "0001_facts")]

    operations = [
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.CharField(max_length=10, verbose_name="version of the text")),
                ("at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "consent",
                "verbose_name_plural": "consents",
            },
        ),
        migrations.AddField(
            model_name="citizen",
            name="guardian",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="wards",
                to="registry.citizen",
                verbose_name="carried by",
            ),
        ),
        migrations.AddField(
            model_name="citizen",
            name="language",
            field=models.CharField(
                choices=[("ko", "한국어"), ("en", "English")], default="ko", max_length=2, verbose_name="language"
            ),
        ),
        migrations.AddField(
            model_name="citizen",
            name="phone_since",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="number proven since"),
        ),
        migrations.AddField(
            model_name="citizen",
            name="relation",
            field=models.CharField(
                blank=True, choices=[("child", "Child"), ("parent", "Parent")], max_length=10, verbose_name="relation"
            ),
        ),
        migrations.AlterField(
            model_name="review",
            name="kind",
            field=models.CharField(
                choices=[
                    ("possibly_same", "Possibly the same person"),
                    ("number_claimed", "Number claimed by another person"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        AddConstraintNotValid(
            model_name="citizen",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("guardian__isnull", True), ("relation", "")),
                    models.Q(("guardian__isnull", False), ("relation__in", ["child", "parent"])),
                    _connector="OR",
                ),
                name="guardian_goes_with_a_relation",
            ),
        ),
        AddConstraintNotValid(
            model_name="citizen",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("guardian__isnull", True), models.Q(("guardian", models.F("id")), _negated=True), _connector="OR"
                ),
                name="nobody_is_their_own_guardian",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="citizen",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="consents",
                to="registry.citizen",
                verbose_name="person",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="given_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="registry.citizen",
                verbose_name="given by",
            ),
        ),
        ValidateConstraint(model_name="citizen", name="guardian_goes_with_a_relation"),
        ValidateConstraint(model_name="citizen", name="nobody_is_their_own_guardian"),
        migrations.RunPython(note_since_when, migrations.RunPython.noop),
    ]
