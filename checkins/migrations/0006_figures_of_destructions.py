from django.db import migrations, models

CAUSES = [
    ("nightly", "by the nightly run, the period being over"),
    ("replayed", "after a restore, by the register of destroyed days"),
]


class Migration(migrations.Migration):
    """What was destroyed of a day: how many entries were counted, how large it was, of which key, and by what."""

    dependencies = [("checkins", "0005_numbers_in_the_log")]

    operations = [
        migrations.AddField(
            "destruction",
            "cause",
            models.CharField("destroyed", max_length=10, choices=CAUSES, default="nightly", db_default="nightly"),
        ),
        migrations.AddField("destruction", "counted", models.PositiveBigIntegerField("entries counted", null=True)),
        migrations.AddField("destruction", "size", models.PositiveBigIntegerField("size in bytes", null=True)),
        migrations.AddField(
            "destruction",
            "key_fingerprint",
            models.CharField("fingerprint of the key", max_length=32, blank=True, default="", db_default=""),
        ),
    ]
