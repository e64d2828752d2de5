"""How often a job was taken up since its last finished chunk."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0038_confidential_part_of_approvals")]

    operations = [
        migrations.AddField("job", "tries", models.PositiveSmallIntegerField(db_default=0, default=0, editable=False)),
    ]
