"""Rows of an import that wait are not looked at for their import one by one: an import is never deleted."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0044_statistics_of_regions")]

    operations = [
        migrations.AlterField(
            "importrow",
            "imported_in",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="waiting",
                to="registry.import",
            ),
        )
    ]
