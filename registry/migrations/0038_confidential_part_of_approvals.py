"""What of an approval is personal, encrypted until it is decided."""

from django.db import migrations

import registry.fields


class Migration(migrations.Migration):
    dependencies = [("registry", "0037_regions_of_approvals")]

    operations = [
        migrations.AddField(
            "approval",
            "confidential",
            registry.fields.EncryptedTextField(editable=False, null=True, purpose="approval.confidential"),
        ),
    ]
