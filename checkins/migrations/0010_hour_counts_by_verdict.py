from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The counts of a verdict are found in the order of the list, newest day first."""

    atomic = False  # doors send counts meanwhile

    dependencies = [("checkins", "0009_traces")]

    operations = [
        AddIndexConcurrently(
            "hourcount",
            models.Index(
                condition=models.Q(("verdict", "PASS"), _negated=True),
                fields=["verdict", "-day", "-id"],
                name="hour_count_verdict_day",
            ),
        ),
        RemoveIndexConcurrently("hourcount", "hour_count_verdict"),
    ]
