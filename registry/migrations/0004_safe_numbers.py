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
                ("phone_index", models.BinaryField(unique=True)),
                ("issued_at", models.DateTimeField(verbose_name="issued at")),
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
    ]
