from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

import venues.fields


class Migration(migrations.Migration):
    atomic = False  # venues are read and written meanwhile

    dependencies = [
        ("venues", "0007_changes_of_name"),
    ]

    operations = [
        # Whether an application asks for a venue that is there: looked up for every row of the queue.
        AddIndexConcurrently(
            model_name="venue",
            index=models.Index("region", venues.fields.PlainColumn("address"), name="venue_same_address"),
        ),
        AddIndexConcurrently(
            model_name="venue",
            index=models.Index("region", venues.fields.PlainColumn("name"), name="venue_same_name"),
        ),
    ]
