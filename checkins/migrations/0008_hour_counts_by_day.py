from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The sums of a day are made from its own counts; a list finds a day or a verdict without reading all there are."""

    atomic = False  # doors send counts meanwhile

    dependencies = [("checkins", "0007_legal_holds")]

    operations = [
        AddIndexConcurrently("hourcount", models.Index(fields=["day", "id"], name="hour_count_day")),
        AddIndexConcurrently(
            "hourcount",
            models.Index(
                condition=models.Q(("verdict", "PASS"), _negated=True),
                fields=["verdict", "-id"],
                name="hour_count_verdict",
            ),
        ),
        AddIndexConcurrently("refusal", models.Index(fields=["verdict", "-at"], name="refusal_verdict")),
    ]
