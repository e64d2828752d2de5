from django.db import migrations

# Who moves waits for records that are being written (FOR UPDATE keeps out what a foreign key holds), then takes them along.
MOVE = """
CREATE FUNCTION registry_person_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM registry_citizen WHERE id = NEW.id FOR UPDATE;
    RETURN NEW;
END $$;
CREATE TRIGGER moves_when_records_are_written BEFORE UPDATE OF region ON registry_citizen
    FOR EACH ROW WHEN (OLD.region IS DISTINCT FROM NEW.region) EXECUTE FUNCTION registry_person_moves();
CREATE FUNCTION registry_records_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE registry_passrecord SET region = NEW.region WHERE citizen_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER records_move AFTER UPDATE OF region ON registry_citizen
    FOR EACH ROW WHEN (OLD.region IS DISTINCT FROM NEW.region) EXECUTE FUNCTION registry_records_move();
"""
STAY = """
DROP TRIGGER records_move ON registry_citizen;
DROP FUNCTION registry_records_move();
DROP TRIGGER moves_when_records_are_written ON registry_citizen;
DROP FUNCTION registry_person_moves();
"""


class Migration(migrations.Migration):
    """By itself: phone checks write a person and read the records then, so no transaction may lock both tables here."""

    dependencies = [("registry", "0007_records_take_the_persons_region")]

    operations = [migrations.RunSQL(MOVE, STAY)]
