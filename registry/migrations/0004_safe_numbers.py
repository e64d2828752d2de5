import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import registry.fields


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_families")]

    operations = [
        migrations.CreateModel(
            name="SafeNumber",
            fields=[
                ("text", models.CharField(max_length=6, primary_key=True, serialize=False, verbose_name="safe number")),
                ("phone", registry.fields.EncryptedTextField(purpose="safe_number.phone", verbose_name="phone")),
                ("phone_index", models.BinaryField()),
                ("issued_at", models.DateTimeField(verbose_name="issued at")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                (
                    "held_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="registry.citizen",
                        verbose_name="held by",
                    ),
                ),
            ],
            options={
                "verbose_name": "safe number",
                "verbose_name_plural": "safe numbers",
            },
        ),
        migrations.AddIndex(
            model_name="safenumber",
            index=models.Index(fields=["-issued_at"], name="safe_number_newest"),
        ),
        migrations.AddConstraint(
            model_name="safenumber",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("phone_index",),
                name="one_safe_number_per_number",
            ),
        ),
        migrations.CreateModel(
            name="PaperPass",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("printed_at", models.DateTimeField(verbose_name="printed at")),
                ("until", models.DateField(verbose_name="good through")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="printed by",
                    ),
                ),
                (
                    "citizen",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="paper_passes",
                        to="registry.citizen",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "paper pass",
                "verbose_name_plural": "paper passes",
            },
        ),
        migrations.AddIndex(
            model_name="paperpass",
            index=models.Index(fields=["citizen", "-printed_at"], name="paper_pass_of_citizen"),
        ),
        migrations.AddField(
            model_name="revocation",
            name="paper",
            field=models.BooleanField(default=False, verbose_name="paper pass as well"),
        ),
    ]
