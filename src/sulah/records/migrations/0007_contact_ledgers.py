"""The ledgers of contact are kept by the database itself: rows that are only added, values that are set once, states that move forward.

Triggers, for SQLite and PostgreSQL alike.  On SQLite a later migration that changes a column of one of these tables makes the table
anew and loses its triggers: end that migration with this one's `keep`.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

KEPT: dict[str, tuple[str, str]] = {
    "agentnotice": ("", ""),
    "agentpaper": ("", ""),
    "agreedplace": ("", ""),
    "assignment": ("until ended_by", ""),
    "consent": ("", ""),
    "contact": ("provider provider_ref", "state state_at"),
    "contactevent": ("", ""),
    "decision": ("", ""),
    "diallerlog": ("", ""),
    "inbound": ("", ""),
    "miss": ("", ""),
    "numberstanding": ("", ""),
    "occasion": ("ended_at ended_by", ""),
    "override": ("", ""),
    "preference": ("ended_at ended_by", ""),
    "rulechange": ("", ""),
    "standingbook": ("", ""),
    "stopevent": ("lifted_at lifted_by lift_reason", "last_send_at"),
}
"""Table -> columns that are set once, columns that may change; all others stand as they were written, and no row is deleted."""

STATES = "reserved sent delivered ringing connected not_connected ambiguous failed withdrawn"
STEPS = (
    "reserved>sent reserved>delivered reserved>ringing reserved>connected reserved>not_connected reserved>ambiguous reserved>failed "
    "reserved>withdrawn sent>delivered ringing>connected ringing>not_connected ringing>ambiguous ambiguous>sent ambiguous>delivered "
    "ambiguous>connected ambiguous>not_connected ambiguous>failed"
)
"""The steps of a contact's state that the database lets pass (contact.FORWARD)."""

_KEPT_POSTGRES = """
CREATE OR REPLACE FUNCTION records_row_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was jsonb := to_jsonb(OLD);
  told jsonb;
  name text;
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION '%: rows are never deleted', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  told := to_jsonb(NEW);
  FOR name IN SELECT jsonb_object_keys(was) LOOP
    IF was -> name IS DISTINCT FROM told -> name AND name <> 'seal' AND NOT name = ANY (string_to_array(TG_ARGV[1], ' '))
       AND NOT (name = ANY (string_to_array(TG_ARGV[0], ' ')) AND coalesce(was ->> name, '') = '') THEN
      RAISE EXCEPTION '%: % stands as it was written', TG_TABLE_NAME, name USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  END LOOP;
  RETURN NEW;
END $$
"""
_FORWARD_POSTGRES = """
CREATE OR REPLACE FUNCTION records_contact_moves_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' AND NOT NEW.state = ANY (string_to_array('{states}', ' ')) THEN
    RAISE EXCEPTION 'records_contact: there is no state %', NEW.state USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.state <> NEW.state AND NOT OLD.state || '>' || NEW.state = ANY (string_to_array('{steps}', ' ')) THEN
    RAISE EXCEPTION 'records_contact: % does not become %', OLD.state, NEW.state USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
"""


def keep(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the triggers of every table of KEPT that lacks them."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_KEPT_POSTGRES)
            cursor.execute(_FORWARD_POSTGRES.format(states=STATES, steps=STEPS))
        for name, (once, free) in KEPT.items():
            table = f"records_{name}"
            if connection.vendor == "postgresql":
                cursor.execute(
                    f"CREATE OR REPLACE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
                    f"FOR EACH ROW EXECUTE FUNCTION records_row_is_kept('{once}', '{free}')"
                )
                continue
            columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
            for statement in _kept_on_sqlite(table, columns, once.split(), [*free.split(), "seal"]):
                cursor.execute(statement)
        for statement in _FORWARD[connection.vendor]:
            cursor.execute(statement)


def _kept_on_sqlite(table: str, columns: list[str], once: list[str], free: list[str]) -> list[str]:
    changed = [f'OLD."{name}" IS NOT NEW."{name}"' for name in columns if name not in (*once, *free)]
    changed += [f'(OLD."{name}" <> \'\' AND OLD."{name}" IS NOT NEW."{name}")' for name in once]
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_stays BEFORE DELETE ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table}: rows are never deleted'); END",
        f"CREATE TRIGGER IF NOT EXISTS {table}_kept BEFORE UPDATE ON {table} WHEN {' OR '.join(changed)} "
        f"BEGIN SELECT RAISE(ABORT, '{table}: what stands there stands as it was written'); END",
    ]


def _listed(words: str) -> str:
    return ", ".join(f"'{word}'" for word in words.split())


_FORWARD = {
    "postgresql": (
        "CREATE OR REPLACE TRIGGER records_contact_forward BEFORE INSERT OR UPDATE ON records_contact "
        "FOR EACH ROW EXECUTE FUNCTION records_contact_moves_forward()",
    ),
    "sqlite": (
        f"CREATE TRIGGER IF NOT EXISTS records_contact_begins BEFORE INSERT ON records_contact WHEN NEW.state NOT IN ({_listed(STATES)}) "
        "BEGIN SELECT RAISE(ABORT, 'records_contact: there is no such state'); END",
        "CREATE TRIGGER IF NOT EXISTS records_contact_forward BEFORE UPDATE ON records_contact "
        f"WHEN OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({_listed(STEPS)}) "
        "BEGIN SELECT RAISE(ABORT, 'records_contact: a state only moves forward'); END",
    ),
}


class Migration(migrations.Migration):
    dependencies = [("records", "0006_contacts")]
    operations = [migrations.RunPython(keep, migrations.RunPython.noop)]
