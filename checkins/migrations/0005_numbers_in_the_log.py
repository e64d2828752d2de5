from django.db import migrations, models


class Migration(migrations.Migration):
    """A row of the log knows the number of its scan, so that the very scan can be taken back. None for what no scanner
    told."""

    dependencies = [("checkins", "0004_refusals")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE checkins_entry ADD COLUMN seq bigint", "ALTER TABLE checkins_entry DROP COLUMN seq"
        ),
        migrations.AddField("entry", "seq", models.BigIntegerField("sequence number", null=True)),
    ]
