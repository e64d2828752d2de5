from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """A clerk of a region sees the clerks of it without reading all users, who are owners for the most part."""

    atomic = False

    dependencies = [("registry", "0004_statistics_of_people")]

    operations = [
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(fields=["region"], name="user_region", opclasses=["varchar_pattern_ops"]),
        ),
    ]
