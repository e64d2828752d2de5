from django.db import migrations, models


class Migration(migrations.Migration):
    """Where a finding stands within its result. Those of before get their places when somebody looks at them."""

    dependencies = [("checkins", "0002_log_by_day")]

    operations = [migrations.AddField("finding", "place", models.PositiveIntegerField(null=True))]
