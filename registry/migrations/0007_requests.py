import uuid

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import registry.fields


class Migration(migrations.Migration):
    dependencies = [("registry", "0006_reminders")]

    operations = [
        migrations.CreateModel(
            name="Request",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("correction", "Something on record is wrong"),
                            ("number", "Somebody else has taken my number"),
                            ("erasure", "Erase what you hold about me"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "text",
                    registry.fields.EncryptedTextField(blank=True, purpose="request.text", verbose_name="request"),
                ),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                (
                    "answer",
                    registry.fields.EncryptedTextField(
                        blank=True, null=True, purpose="request.answer", verbose_name="answer"
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed at")),
            ],
            options={
                "verbose_name": "request",
                "verbose_name_plural": "requests",
            },
        ),
        migrations.AddField(
            model_name="request",
            name="citizen",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="requests",
                to="registry.citizen",
                verbose_name="person",
            ),
        ),
        migrations.AddField(
            model_name="request",
            name="closed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="closed by",
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["-opened_at"], name="request_newest"),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at__isnull", True)),
                fields=("citizen", "kind"),
                name="one_open_request_of_a_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(("closed_at__isnull", True), ("answer__isnull", False), _connector="OR"),
                name="closed_request_has_an_answer",
            ),
        ),
    ]
