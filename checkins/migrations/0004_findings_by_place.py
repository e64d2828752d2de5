from django.db import migrations, models

from config.indexes import AddIndexAnew


class Migration(migrations.Migration):
    """A page of a result is read without the rest of it."""

    atomic = False

    dependencies = [("checkins", "0003_places_of_findings")]

    operations = [AddIndexAnew("finding", models.Index(fields=["trace", "place"], name="finding_place"))]
