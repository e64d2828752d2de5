from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0033_imports_in_part"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("clerks", models.JSONField(default=dict)),
                ("counted_at", models.DateTimeField()),
            ],
        ),
    ]
