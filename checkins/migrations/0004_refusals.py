import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Who was not let in, by reference, and what a door took back: neither leads to anybody, both for 28 days."""

    dependencies = [
        ("checkins", "0003_reasons_of_counts"),
        ("venues", "0006_posters"),
    ]

    operations = [
        migrations.CreateModel(
            name="Refusal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.BigIntegerField(null=True, verbose_name="sequence number")),
                ("at", models.DateTimeField(verbose_name="scanned at")),
                ("verdict", models.CharField(max_length=12, verbose_name="verdict")),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("no_phone", "The phone is off, broken or left behind"),
                            ("no_network", "The pass needs a network that is missing"),
                            ("unreadable", "The code cannot be read"),
                            ("other_proof", "Another proof was shown"),
                            ("other", "Another reason"),
                            ("card", "The card does not fit"),
                        ],
                        max_length=12,
                        verbose_name="reason",
                    ),
                ),
                ("reference", models.CharField(max_length=8, verbose_name="reference")),
                (
                    "scanner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="venues.scanner",
                        verbose_name="scanner",
                    ),
                ),
                (
                    "venue",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="venues.venue",
                        verbose_name="venue",
                    ),
                ),
            ],
            options={
                "verbose_name": "refusal",
                "verbose_name_plural": "refusals",
                "indexes": [
                    models.Index(fields=["reference"], name="refusal_reference"),
                    models.Index(fields=["venue", "-at"], name="refusal_venue_newest"),
                    models.Index(fields=["-at"], name="refusal_newest"),
                ],
                "constraints": [models.UniqueConstraint(fields=("scanner", "seq"), name="one_refusal_per_scan")],
            },
        ),
        migrations.CreateModel(
            name="Undone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.BigIntegerField(verbose_name="sequence number")),
                ("by_seq", models.BigIntegerField(verbose_name="taken back by number")),
                ("at", models.DateTimeField(verbose_name="scanned at")),
                ("verdict", models.CharField(blank=True, max_length=12, verbose_name="verdict")),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("qr", "QR code"),
                            ("paper", "Paper pass"),
                            ("hand", "By hand"),
                            ("poster", "Poster"),
                            ("group", "Group"),
                        ],
                        max_length=10,
                        verbose_name="method",
                    ),
                ),
                (
                    "direction",
                    models.CharField(choices=[("in", "In"), ("out", "Out")], max_length=3, verbose_name="direction"),
                ),
                ("admitted", models.BooleanField(verbose_name="admitted")),
                ("people", models.PositiveSmallIntegerField(verbose_name="people")),
                ("taken", models.BooleanField(verbose_name="was counted")),
                ("received_at", models.DateTimeField(verbose_name="received at")),
                (
                    "scanner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="venues.scanner",
                        verbose_name="scanner",
                    ),
                ),
            ],
            options={
                "verbose_name": "scan taken back",
                "verbose_name_plural": "scans taken back",
                "indexes": [models.Index(fields=["-received_at"], name="undone_newest")],
                "constraints": [models.UniqueConstraint(fields=("scanner", "seq"), name="one_undoing_per_scan")],
            },
        ),
    ]
