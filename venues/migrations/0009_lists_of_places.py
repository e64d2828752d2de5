from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Operators are found by how their name begins, venues that are not open by their status."""

    atomic = False  # venues are read and written meanwhile

    dependencies = [("venues", "0008_same_place")]

    operations = [
        AddIndexConcurrently(
            "operator", models.Index(fields=["name"], name="operator_name", opclasses=["varchar_pattern_ops"])
        ),
        AddIndexConcurrently(
            "venue",
            models.Index(
                condition=models.Q(("status", "open"), _negated=True), fields=["status", "-id"], name="venue_status"
            ),
        ),
    ]
