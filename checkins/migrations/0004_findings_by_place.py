from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """A page of a result is read without the rest of it."""

    atomic = False

    dependencies = [("checkins", "0003_places_of_findings")]

    operations = [AddIndexConcurrently("finding", models.Index(fields=["trace", "place"], name="finding_place"))]
