"""The vault's register of those who were erased or withdrew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0041_kept_head")]

    operations = [
        migrations.CreateModel(
            "Leaving",
            [
                ("citizen", models.UUIDField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("erased", models.BooleanField()),
            ],
            options={"indexes": [models.Index(fields=["-at"], name="leaving_newest")]},
        ),
    ]
