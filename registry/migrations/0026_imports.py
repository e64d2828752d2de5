import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import registry.fields


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0025_periods"),
    ]

    operations = [
        migrations.CreateModel(
            name="Import",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="brought by",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.job",
                    ),
                ),
                ("region", models.CharField(blank=True, max_length=5, verbose_name="region of the clerk")),
                ("at", models.DateTimeField(verbose_name="uploaded at")),
                ("file_name", models.CharField(max_length=120, verbose_name="file")),
                ("size", models.PositiveIntegerField(verbose_name="size")),
                ("header", models.JSONField(editable=False)),
                ("issuer", models.CharField(max_length=80, verbose_name="issued by")),
                (
                    "default_kind",
                    models.CharField(blank=True, max_length=20, verbose_name="kind where the file names none"),
                ),
                (
                    "default_region",
                    models.CharField(blank=True, max_length=5, verbose_name="region where the file names none"),
                ),
                ("columns", models.JSONField(default=dict, editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("columns", "Columns to choose"),
                            ("checking", "Being checked"),
                            ("checked", "Ready to take in"),
                            ("running", "Being taken in"),
                            ("done", "Taken in"),
                            ("undoing", "Being undone"),
                            ("undone", "Undone"),
                            ("discarded", "Discarded"),
                        ],
                        default="columns",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("rows", models.PositiveIntegerField(verbose_name="rows")),
                ("last_number", models.PositiveIntegerField(editable=False)),
                ("reached", models.PositiveIntegerField(default=0, editable=False)),
                ("fresh", models.PositiveIntegerField(default=0, verbose_name="new records")),
                ("known", models.PositiveIntegerField(default=0, verbose_name="already there")),
                ("people", models.PositiveIntegerField(default=0, verbose_name="new people")),
                ("refused", models.PositiveIntegerField(default=0, verbose_name="refused")),
                ("refusals", models.JSONField(default=dict, editable=False)),
                ("undone", models.PositiveIntegerField(default=0, verbose_name="records revoked")),
                ("kept", models.PositiveIntegerField(default=0, verbose_name="records left as they are")),
                ("began_at", models.DateTimeField(null=True, verbose_name="begun at")),
                ("done_at", models.DateTimeField(null=True, verbose_name="done at")),
                ("undone_at", models.DateTimeField(null=True, verbose_name="undone at")),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="undone by",
                    ),
                ),
                ("undo_reason", models.TextField(blank=True, verbose_name="reason for undoing")),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
            },
        ),
        migrations.CreateModel(
            name="ImportColumns",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("issuer", models.CharField(max_length=80, unique=True, verbose_name="issued by")),
                ("headings", models.JSONField(default=dict)),
                ("default_kind", models.CharField(blank=True, max_length=20)),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "columns of an issuer",
                "verbose_name_plural": "columns of issuers",
            },
        ),
        migrations.CreateModel(
            name="ImportPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "imported_in",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="registry.import",
                    ),
                ),
                ("place", models.PositiveIntegerField()),
                ("content", registry.fields.EncryptedBytesField(purpose="import.part")),
            ],
            options={
                "verbose_name": "part of an import",
                "verbose_name_plural": "parts of imports",
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "imported_in",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="waiting",
                        to="registry.import",
                    ),
                ),
                ("number", models.IntegerField()),
                ("refusal", models.CharField(blank=True, max_length=30)),
                ("detail", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, null=True)),
                ("name", models.BinaryField(null=True)),
                ("birth", models.BinaryField(null=True)),
                ("phone", models.BinaryField(null=True)),
                ("name_index", models.BinaryField(null=True)),
                ("phone_index", models.BinaryField(null=True)),
                ("region", models.CharField(max_length=5, blank=True)),
                ("kind", models.CharField(max_length=20, blank=True)),
                ("day", models.DateField(null=True)),
                ("vaccine", models.CharField(max_length=20, blank=True)),
                ("dose", models.PositiveSmallIntegerField(null=True)),
                ("result_at", models.DateTimeField(null=True)),
                ("immunodeficiency", models.BooleanField(null=True)),
                ("issuer", models.CharField(max_length=80, blank=True)),
                ("certificate_number", models.CharField(max_length=40, blank=True)),
            ],
            options={
                "verbose_name": "row of an import",
                "verbose_name_plural": "rows of imports",
                "constraints": [models.UniqueConstraint(fields=("imported_in", "number"), name="one_row_of_a_number")],
            },
        ),
        migrations.AddField(
            model_name="passrecord",
            name="imported_in",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="registry.import",
                verbose_name="import",
            ),
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(fields=["-at"], name="import_newest"),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("undone_at__isnull", True), models.Q(("undo_reason", ""), _negated=True), _connector="OR"
                ),
                name="undoing_has_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="importpart",
            constraint=models.UniqueConstraint(fields=("imported_in", "place"), name="one_part_at_a_place"),
        ),
    ]
