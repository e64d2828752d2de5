"""An approval has the region of what it is about. Those that are open now are for clerks without a region."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0036_partner_apps")]

    operations = [
        migrations.AddField(
            "approval",
            "region",
            models.CharField(blank=True, db_default="", default="", max_length=5, verbose_name="region"),
        ),
    ]
