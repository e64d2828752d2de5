from django.db import migrations

# TRUNCATE fires no trigger of a row.
REFUSE = """
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
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0039_tries_of_jobs")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
