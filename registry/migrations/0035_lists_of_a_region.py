from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """A region's people, the clerks among all users, and what one clerk did of a kind are found without the others."""

    atomic = False  # the registry is read and written meanwhile

    dependencies = [("registry", "0034_access_days")]

    operations = [
        AddIndexConcurrently(
            "citizen", models.Index(fields=["region"], name="citizen_region", opclasses=["varchar_pattern_ops"])
        ),
        AddIndexConcurrently(
            "user", models.Index(fields=["username"], name="user_staff", condition=models.Q(("is_staff", True)))
        ),
        AddIndexConcurrently(
            "event",
            models.Index(
                condition=models.Q(("actor__isnull", False)), fields=["actor", "tag", "-at"], name="event_actor_tag"
            ),
        ),
        AddIndexConcurrently("review", models.Index(fields=["opened_at"], name="review_oldest")),
    ]
