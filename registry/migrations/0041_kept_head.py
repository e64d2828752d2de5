"""The newest seal of the access log, in the vault as well."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0040_access_log_is_not_emptied")]

    operations = [
        migrations.CreateModel(
            "KeptHead",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField()),
                ("hash", models.BinaryField()),
                ("kept_at", models.DateTimeField()),
            ],
        ),
    ]
