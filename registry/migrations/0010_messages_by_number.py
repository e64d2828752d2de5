from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the outbox is written to meanwhile

    dependencies = [
        ("registry", "0009_revocations_outlive_people"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(fields=["phone_index", "-created_at"], name="message_number"),
        ),
    ]
