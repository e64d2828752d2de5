"""An import outlives the job that worked on it: jobs are destroyed after their period. PostgreSQL has nothing to change."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0031_partners")]

    operations = [
        migrations.AlterField(
            "import",
            "job",
            models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="registry.job",
            ),
        )
    ]
