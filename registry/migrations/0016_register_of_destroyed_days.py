from django.db import migrations, models


class Migration(migrations.Migration):
    """The vault's own register of the days whose keys it destroyed."""

    dependencies = [("registry", "0015_former_identities")]

    operations = [
        migrations.CreateModel(
            "DestroyedDay",
            [
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("fingerprint", models.CharField(blank=True, max_length=32)),
                ("destroyed_at", models.DateTimeField()),
            ],
        ),
    ]
