from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The counts of a verdict at a region's venues are found without those of all others."""

    atomic = False  # doors send counts meanwhile

    dependencies = [("checkins", "0011_sightings_of_traces")]

    operations = [
        AddIndexConcurrently(
            "hourcount",
            models.Index(
                condition=models.Q(("verdict", "PASS"), _negated=True),
                fields=["venue", "verdict"],
                name="hour_count_venue_verdict",
            ),
        ),
    ]
