from django.db import migrations, models

# A record is where its person is. Whoever writes it, and by whatever SQL: the database looks.
KEEP = """
CREATE FUNCTION registry_record_region() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.region := coalesce((SELECT region FROM registry_citizen WHERE id = NEW.citizen_id FOR SHARE), '');
    RETURN NEW;
END $$;
CREATE TRIGGER region_of_the_person BEFORE INSERT ON registry_passrecord
    FOR EACH ROW EXECUTE FUNCTION registry_record_region();
CREATE TRIGGER region_stays_the_persons BEFORE UPDATE ON registry_passrecord
    FOR EACH ROW WHEN ((OLD.citizen_id, OLD.region) IS DISTINCT FROM (NEW.citizen_id, NEW.region))
    EXECUTE FUNCTION registry_record_region();
CREATE FUNCTION registry_person_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE registry_passrecord SET region = NEW.region WHERE citizen_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER records_move AFTER UPDATE OF region ON registry_citizen
    FOR EACH ROW WHEN (OLD.region IS DISTINCT FROM NEW.region) EXECUTE FUNCTION registry_person_moves();
"""
FORGET = """
DROP TRIGGER records_move ON registry_citizen;
DROP FUNCTION registry_person_moves();
DROP TRIGGER region_stays_the_persons ON registry_passrecord;
DROP TRIGGER region_of_the_person ON registry_passrecord;
DROP FUNCTION registry_record_region();
"""


class Migration(migrations.Migration):
    """From here on; those of before follow."""

    dependencies = [("registry", "0005_users_of_a_region")]

    operations = [
        migrations.AddField(
            model_name="passrecord",
            name="region",
            field=models.CharField(db_default="", default="", editable=False, max_length=5, verbose_name="region"),
        ),
        migrations.RunSQL(KEEP, FORGET),
    ]
