from django.db import migrations, models

REASONS = [
    ("no_phone", "The phone is off, broken or left behind"),
    ("no_network", "The pass needs a network that is missing"),
    ("unreadable", "The code cannot be read"),
    ("other_proof", "Another proof was shown"),
    ("other", "Another reason"),
    ("card", "The card does not fit"),
]
KEY = ("venue", "day", "hour", "verdict", "method", "direction", "admitted")


class Migration(migrations.Migration):
    """Counts by hand are kept by why."""

    dependencies = [("checkins", "0002_log"), ("venues", "0006_posters")]

    operations = [
        migrations.AddField(
            "hourcount",
            "reason",
            models.CharField("reason", max_length=12, choices=REASONS, blank=True, default="", db_default=""),
        ),
        migrations.RemoveConstraint("hourcount", "one_count_per_hour"),
        migrations.AddConstraint(
            "hourcount", models.UniqueConstraint(fields=(*KEY, "reason"), name="one_count_per_hour")
        ),
    ]
