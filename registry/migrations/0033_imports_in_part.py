"""An import that was stopped half way ends in part. PostgreSQL has nothing to change."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0032_imports_outlive_their_jobs")]

    operations = [
        migrations.AlterField(
            "import",
            "state",
            models.CharField(
                choices=[
                    ("columns", "Columns to choose"),
                    ("checking", "Being checked"),
                    ("checked", "Ready to take in"),
                    ("running", "Being taken in"),
                    ("done", "Taken in"),
                    ("in_part", "Partly taken in"),
                    ("undoing", "Being undone"),
                    ("undone", "Undone"),
                    ("discarded", "Discarded"),
                ],
                default="columns",
                max_length=10,
                verbose_name="state",
            ),
        )
    ]
