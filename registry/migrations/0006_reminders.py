import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0005_outages")]

    operations = [
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("phone_check", "Phone check due"), ("pass_ends", "Pass ends")],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("on", models.DateField(verbose_name="about the day")),
                ("days_before", models.PositiveSmallIntegerField(verbose_name="days before")),
                ("send_at", models.DateTimeField(verbose_name="to be sent at")),
                ("done_at", models.DateTimeField(null=True, verbose_name="done at")),
            ],
            options={
                "verbose_name": "reminder",
                "verbose_name_plural": "reminders",
            },
        ),
        migrations.AddField(
            model_name="reminder",
            name="citizen",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reminders",
                to="registry.citizen",
                verbose_name="person",
            ),
        ),
        migrations.AddField(
            model_name="reminder",
            name="message",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="registry.message",
                verbose_name="SMS",
            ),
        ),
        migrations.AddIndex(
            model_name="reminder",
            index=models.Index(
                condition=models.Q(("done_at__isnull", True)), fields=["send_at"], name="reminder_waits"
            ),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.UniqueConstraint(
                fields=("citizen", "kind", "on", "days_before"), name="reminded_once_of_a_date"
            ),
        ),
    ]
