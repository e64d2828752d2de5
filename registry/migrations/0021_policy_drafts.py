import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0020_search_of_the_access_log"),
    ]

    operations = [
        migrations.AddField(
            model_name="historicalpolicyversion",
            name="back_to",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="registry.policyversion",
                verbose_name="back to the rules of",
            ),
        ),
        migrations.AddField(
            model_name="historicalpolicyversion",
            name="citizen_notice_en",
            field=models.TextField(blank=True, db_default="", default="", max_length=600, verbose_name="in English"),
        ),
        migrations.AddField(
            model_name="historicalpolicyversion",
            name="citizen_notice_ko",
            field=models.TextField(blank=True, db_default="", default="", max_length=600, verbose_name="in Korean"),
        ),
        migrations.AddField(
            model_name="historicalpolicyversion",
            name="revision",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="historicalpolicyversion",
            name="venue_notice_en",
            field=models.TextField(blank=True, db_default="", default="", max_length=600, verbose_name="in English"),
        ),
        migrations.AddField(
            model_name="historicalpolicyversion",
            name="venue_notice_ko",
            field=models.TextField(blank=True, db_default="", default="", max_length=600, verbose_name="in Korean"),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="back_to",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registry.policyversion",
                verbose_name="back to the rules of",
            ),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="citizen_notice_en",
            field=models.TextField(blank=True, db_default="", default="", max_length=600, verbose_name="in English"),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="citizen_notice_ko",
            field=models.TextField(blank=True, db_default="", default="", max_length=600, verbose_name="in Korean"),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="revision",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="venue_notice_en",
            field=models.TextField(blank=True, db_default="", default="", max_length=600, verbose_name="in English"),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="venue_notice_ko",
            field=models.TextField(blank=True, db_default="", default="", max_length=600, verbose_name="in Korean"),
        ),
        migrations.CreateModel(
            name="PolicyPreview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("revision", models.PositiveIntegerField()),
                ("taken_at", models.DateTimeField(verbose_name="taken at")),
                ("last_record", models.BigIntegerField()),
                ("records", models.PositiveBigIntegerField()),
                ("bases", models.JSONField(default=list)),
                ("people", models.JSONField(default=list)),
                ("venues", models.JSONField(default=list)),
                ("phones", models.PositiveBigIntegerField(null=True)),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="preview",
                        to="registry.policyversion",
                        verbose_name="version",
                    ),
                ),
            ],
            options={
                "verbose_name": "policy preview",
                "verbose_name_plural": "policy previews",
            },
        ),
    ]
