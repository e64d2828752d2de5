from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the registry is read and written meanwhile

    dependencies = [
        ("registry", "0010_messages_by_number"),
    ]

    operations = [
        # Reminders look every morning for the records that end on a day: never through all there are.
        AddIndexConcurrently(
            model_name="passrecord",
            index=models.Index(condition=models.Q(("revoked_at__isnull", True)), fields=["day"], name="record_day"),
        ),
        AddIndexConcurrently(
            model_name="citizen",
            index=models.Index(
                condition=models.Q(("guardian__isnull", False)), fields=["guardian"], name="citizen_guardian"
            ),
        ),
    ]
