"""Lets the database itself refuse to change or delete what is on record.

SQLite drops the triggers of a table that a later migration remakes: such a migration must make them again.
"""

from django.db import migrations

TABLES = ("requests_app_auditentry", "requests_app_auditseal")
REFUSAL = "The audit trail is append-only: nothing on record is changed or deleted."

SQLITE = {
    "no_update": "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
    "no_delete": "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
    # INSERT OR REPLACE deletes without the trigger above.
    "no_replace": "CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
    "WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken}) BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
}
TAKEN = {
    "requests_app_auditentry": "id = NEW.id",
    "requests_app_auditseal": "id = NEW.id OR number = NEW.number",
}

POSTGRESQL_FUNCTION = f"""
CREATE FUNCTION requests_app_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
END
$$
"""
POSTGRESQL = (
    "CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION requests_app_refuse_change()"
)


def protect(apps, schema_editor):
    """Make the triggers."""
    if schema_editor.connection.vendor == "sqlite":
        for table in TABLES:
            for statement in SQLITE.values():
                schema_editor.execute(statement.format(table=table, refusal=REFUSAL, taken=TAKEN[table]))
    else:
        schema_editor.execute(POSTGRESQL_FUNCTION)
        for table in TABLES:
            schema_editor.execute(POSTGRESQL.format(table=table))


def release(apps, schema_editor):
    """Drop the triggers."""
    if schema_editor.connection.vendor == "sqlite":
        for table in TABLES:
            for name in SQLITE:
                schema_editor.execute(f"DROP TRIGGER {table}_{name}")
    else:
        for table in TABLES:
            schema_editor.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        schema_editor.execute("DROP FUNCTION requests_app_refuse_change()")


class Migration(migrations.Migration):
    replaces = [("requests_app", "0003_audit_is_append_only")]
    dependencies = [("requests_app", "0001_initial")]

    operations = [
        migrations.RunPython(protect, release),
    ]
