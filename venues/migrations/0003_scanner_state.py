"""What a scanner tells of itself, which one took whose place, and the scanner that numbers lists on paper."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("venues", "0002_onboarding")]

    operations = [
        migrations.AddField(
            "scanner",
            "state",
            models.JSONField(
                db_default=models.Value({}, models.JSONField()), default=dict, verbose_name="what it told of itself"
            ),
        ),
        migrations.AddField("scanner", "told_at", models.DateTimeField(null=True)),
        migrations.AddField("scanner", "gap_since", models.DateTimeField(null=True)),
        migrations.AddField(
            "scanner",
            "replaces",
            models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaced_by",
                to="venues.scanner",
                verbose_name="took the place of",
            ),
        ),
        migrations.AddField(
            "scanner",
            "by_hand",
            models.BooleanField(db_default=False, default=False, verbose_name="for lists on paper"),
        ),
        migrations.AddConstraint(
            "scanner",
            models.UniqueConstraint(
                condition=models.Q(("by_hand", True)), fields=("venue",), name="one_scanner_for_paper_per_venue"
            ),
        ),
        migrations.AddField(
            "pairingcode",
            "replaces",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="venues.scanner"
            ),
        ),
    ]
