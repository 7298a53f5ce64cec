"""The database itself refuses to change or delete an event of the shared follow-up, whoever asks.

One door: the events of a demand whose nominative data the law has erased, and whose follow-up says so, may go with them
(specifications of 2015, § 7). The triggers never name the table of demands, which SQLite could not rebuild then; a
migration that rebuilds one of these two tables lifts them first and installs them again.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "demand_event"
NAMES = ("demand_event_kept", "demand_event_undeleted")


_KEPT = "NOT EXISTS (SELECT 1 FROM demand_followup f WHERE f.demand_id = OLD.demand_id AND f.erased_on IS NOT NULL)"
_INSTALL = {
    "sqlite": [
        f"CREATE TRIGGER IF NOT EXISTS {NAMES[0]} BEFORE UPDATE ON {TABLE}"
        " BEGIN SELECT RAISE(ABORT, 'followup: events are never changed'); END",
        f"CREATE TRIGGER IF NOT EXISTS {NAMES[1]} BEFORE DELETE ON {TABLE} WHEN {_KEPT}"
        " BEGIN SELECT RAISE(ABORT, 'followup: events are never deleted'); END",
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION demand_event_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'followup: events are never changed' USING ERRCODE = 'integrity_constraint_violation';"
        " END $$",
        "CREATE OR REPLACE FUNCTION demand_event_undeleted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {_KEPT} THEN RAISE EXCEPTION 'followup: events are never deleted'"
        " USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN OLD; END $$",
        f"CREATE OR REPLACE TRIGGER {NAMES[0]} BEFORE UPDATE ON {TABLE}"
        " FOR EACH ROW EXECUTE FUNCTION demand_event_kept()",
        f"CREATE OR REPLACE TRIGGER {NAMES[1]} BEFORE DELETE ON {TABLE}"
        " FOR EACH ROW EXECUTE FUNCTION demand_event_undeleted()",
    ],
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers in place; harmless when they are there."""
    with connection.cursor() as cursor:
        for statement in _INSTALL[connection.vendor]:
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Lift the triggers, to undo the migration."""
    on = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in NAMES:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
