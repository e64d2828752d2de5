from django.db import migrations

# Kept by whoever writes the SQL, and never taken back: not by who saves an operator that was read before the venue came.
KEEP = """
CREATE FUNCTION venues_operator_has_venue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE venues_operator SET has_venue = true WHERE id = NEW.operator_id AND NOT has_venue;
    RETURN NULL;
END $$;
CREATE TRIGGER operator_has_venue AFTER INSERT OR UPDATE OF operator_id ON venues_venue
    FOR EACH ROW EXECUTE FUNCTION venues_operator_has_venue();
CREATE FUNCTION venues_operator_had_venue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.has_venue := true;
    RETURN NEW;
END $$;
CREATE TRIGGER operator_had_venue BEFORE UPDATE ON venues_operator
    FOR EACH ROW WHEN (OLD.has_venue AND NOT NEW.has_venue) EXECUTE FUNCTION venues_operator_had_venue();
"""
KEEP_NO_MORE = """
DROP TRIGGER operator_has_venue ON venues_venue;
DROP FUNCTION venues_operator_has_venue();
DROP TRIGGER operator_had_venue ON venues_operator;
DROP FUNCTION venues_operator_had_venue();
"""


class Migration(migrations.Migration):
    """Operators who have no venue yet are found without looking at every venue."""

    replaces = [("venues", "0010_operators_without_venues")]

    dependencies = [("venues", "0001_tables")]

    operations = [migrations.RunSQL(KEEP, KEEP_NO_MORE)]
