from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What a clerk filters or searches a long list for is found by index; the most common kind by reading on."""

    atomic = False  # the registry is read and written meanwhile

    dependencies = [("registry", "0029_saved_filters")]

    operations = [
        AddIndexConcurrently(
            "user", models.Index(fields=["last_name"], name="user_last_name", opclasses=["varchar_pattern_ops"])
        ),
        AddIndexConcurrently(
            "user", models.Index(fields=["email"], name="user_email", opclasses=["varchar_pattern_ops"])
        ),
        AddIndexConcurrently(
            "user",
            models.Index(condition=models.Q(("is_active", False)), fields=["username"], name="user_inactive"),
        ),
        AddIndexConcurrently(
            "passrecord",
            models.Index(
                condition=models.Q(("kind", "vaccination"), _negated=True), fields=["kind", "-id"], name="record_kind"
            ),
        ),
        AddIndexConcurrently(
            "message",
            models.Index(
                condition=models.Q(("purpose", "code"), _negated=True),
                fields=["purpose", "-created_at"],
                name="message_purpose",
            ),
        ),
    ]
