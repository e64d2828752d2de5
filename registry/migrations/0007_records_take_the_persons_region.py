from django.db import migrations

# A record is where its person is, whoever writes it and by whatever SQL. The person's row is held as by the foreign key.
TAKE = """
CREATE FUNCTION registry_record_region() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.region := coalesce((SELECT region FROM registry_citizen WHERE id = NEW.citizen_id FOR KEY SHARE), '');
    RETURN NEW;
END $$;
CREATE TRIGGER region_of_the_person BEFORE INSERT ON registry_passrecord
    FOR EACH ROW EXECUTE FUNCTION registry_record_region();
CREATE TRIGGER region_stays_the_persons BEFORE UPDATE ON registry_passrecord
    FOR EACH ROW WHEN ((OLD.citizen_id, OLD.region) IS DISTINCT FROM (NEW.citizen_id, NEW.region))
    EXECUTE FUNCTION registry_record_region();
"""
LEAVE = """
DROP TRIGGER region_stays_the_persons ON registry_passrecord;
DROP TRIGGER region_of_the_person ON registry_passrecord;
DROP FUNCTION registry_record_region();
"""


class Migration(migrations.Migration):
    """From here on; those of before follow, as do moves until the next migration."""

    dependencies = [("registry", "0006_region_of_a_record")]

    operations = [migrations.RunSQL(TAKE, LEAVE)]
