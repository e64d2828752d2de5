from django.db import migrations

# A row of evidence is never changed, and taken away after two years alone, by whoever writes the SQL. TRUNCATE fires no
# trigger of a row, hence the second. The owner of the table could drop both: that is what the seals are for.
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
CREATE FUNCTION registry_evidence_is_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the access log is evidence: it cannot be emptied' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER evidence_is_not_emptied BEFORE TRUNCATE ON registry_event
    FOR EACH STATEMENT EXECUTE FUNCTION registry_evidence_is_not_emptied();
"""
ALLOW = """
DROP TRIGGER evidence_is_not_emptied ON registry_event;
DROP FUNCTION registry_evidence_is_not_emptied();
DROP TRIGGER evidence_stays ON registry_event;
DROP FUNCTION registry_evidence_stays();
"""


class Migration(migrations.Migration):
    replaces = [("registry", "0017_seals"), ("registry", "0040_access_log_is_not_emptied")]

    dependencies = [("registry", "0002_tables")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
