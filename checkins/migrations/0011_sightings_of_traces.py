"""What a trace under way has seen so far."""

import django.db.models.deletion
from django.db import migrations, models

import registry.fields


class Migration(migrations.Migration):
    dependencies = [("checkins", "0010_hour_counts_by_verdict")]

    operations = [
        migrations.CreateModel(
            "Sightings",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("body", registry.fields.EncryptedTextField(purpose="trace.sightings")),
                (
                    "trace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sightings", to="checkins.trace"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["trace", "number"], name="one_stretch_of_a_number")]
            },
        ),
    ]
