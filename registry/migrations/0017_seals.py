from django.db import migrations, models

import registry.fields

# A row of evidence is never changed, and taken away after two years alone, by whoever writes the SQL. TRUNCATE belongs
# to the owner of the table, who could drop the trigger as well: that is what the seals are for.
REFUSE = """
CREATE FUNCTION registry_evidence_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < now() - interval '2 years' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'row % of the access log is evidence: it cannot be changed or deleted', OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER evidence_stays BEFORE UPDATE OR DELETE ON registry_event
    FOR EACH ROW EXECUTE FUNCTION registry_evidence_stays();
"""
ALLOW = """
DROP TRIGGER evidence_stays ON registry_event;
DROP FUNCTION registry_evidence_stays();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0016_register_of_destroyed_days"),
    ]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("sealed_at", models.DateTimeField()),
                ("events", registry.fields.BigIntegerMultiRangeField()),
                ("last", models.BigIntegerField()),
                ("newest", models.DateTimeField()),
                ("hashes", models.BinaryField()),
                ("digest", models.BinaryField()),
                ("hash", models.BinaryField()),
                ("destroyed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
