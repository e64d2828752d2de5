import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Quotas, places and a second key of apps; what they used; whose app a phone check and a device are of."""

    dependencies = [
        ("registry", "0035_lists_of_a_region"),
    ]

    operations = [
        migrations.AddField(
            "partner",
            "per_minute",
            models.PositiveIntegerField(
                default=600,
                db_default=600,
                help_text="Of every kind, spread evenly. What comes beyond is told when to come again.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(1000000),
                ],
                verbose_name="requests a minute",
            ),
        ),
        migrations.AddField(
            "partner",
            "places",
            models.PositiveSmallIntegerField(
                default=2,
                db_default=2,
                help_text="In each process. They are this app’s alone, and it gets no others.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(20),
                ],
                verbose_name="requests at once",
            ),
        ),
        migrations.AddField("partner", "former_key_hash", models.BinaryField(editable=False, null=True)),
        migrations.AddField(
            "partner",
            "former_key_until",
            models.DateTimeField(editable=False, null=True, verbose_name="key before good until"),
        ),
        migrations.AddConstraint(
            "partner",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("former_key_hash__isnull", True), ("former_key_until__isnull", True)),
                    models.Q(("former_key_hash__isnull", False), ("former_key_until__isnull", False)),
                    _connector="OR",
                ),
                name="former_key_has_an_end",
            ),
        ),
        migrations.CreateModel(
            name="PartnerApp",
            fields=[],
            options={
                "verbose_name": "partner app",
                "verbose_name_plural": "partner apps",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("registry.partner",),
        ),
        migrations.CreateModel(
            name="PartnerUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("what", models.CharField(max_length=40, verbose_name="what")),
                ("shard", models.PositiveSmallIntegerField()),
                ("count", models.PositiveIntegerField(verbose_name="count")),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="registry.partner",
                        verbose_name="partner app",
                    ),
                ),
            ],
            options={
                "verbose_name": "use by a partner app",
                "verbose_name_plural": "use by partner apps",
                "constraints": [
                    models.UniqueConstraint(fields=("partner", "day", "what", "shard"), name="one_count_of_a_shard")
                ],
            },
        ),
        migrations.AddField(
            "verification",
            "partner",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registry.partner",
                verbose_name="partner app",
            ),
        ),
        migrations.AddField(
            "device",
            "partner",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registry.partner",
                verbose_name="in the app of",
            ),
        ),
    ]
