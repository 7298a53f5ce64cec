"""What the database refuses by itself: two grids in force on one day, and a change to a version in force.

PostgreSQL's exclusion constraint would need an extension that not every host allows, so both engines use triggers.
A table rebuilt by a later SQLite migration loses its triggers: that migration installs them again.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "cotation_gridversion"
KEPT = ("territory_id", "grid", "version", "effective_from", "source", "fingerprint", "act_reference", "act_date")


def _overlap(end: str) -> str:
    """Another row of the territory whose dates cross the new one's; a row is known by grid and version."""
    return (
        f"EXISTS (SELECT 1 FROM {TABLE} o WHERE o.territory_id = NEW.territory_id"  # noqa: S608
        " AND (o.grid <> NEW.grid OR o.version <> NEW.version)"
        f" AND o.effective_from <= COALESCE(NEW.effective_to, {end})"
        f" AND COALESCE(o.effective_to, {end}) >= NEW.effective_from)"
    )


def _changed(different: str) -> str:
    return " OR ".join(f"OLD.{column} {different} NEW.{column}" for column in KEPT)


_SQLITE_END, _POSTGRES_END = "'9999-12-31'", "DATE '9999-12-31'"
_INSTALL = {
    "sqlite": [
        *(
            f"CREATE TRIGGER IF NOT EXISTS grid_version_alone_{event.split()[0].lower()} BEFORE {event} ON {TABLE}"
            f" WHEN {_overlap(_SQLITE_END)}"
            " BEGIN SELECT RAISE(ABORT, 'cotation: two grids in force on one day'); END"
            for event in ("INSERT", "UPDATE")
        ),
        f"CREATE TRIGGER IF NOT EXISTS grid_version_kept BEFORE UPDATE ON {TABLE}"
        f" WHEN OLD.effective_from <= date('now') AND ({_changed('IS NOT')})"
        " BEGIN SELECT RAISE(ABORT, 'cotation: a grid in force never changes'); END",
    ],
    "postgresql": [
        # The lock makes two transactions that load at once see each other.
        "CREATE OR REPLACE FUNCTION grid_version_alone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" PERFORM pg_advisory_xact_lock(hashtext('{TABLE}'), NEW.territory_id::int);"
        f" IF {_overlap(_POSTGRES_END)} THEN RAISE EXCEPTION 'cotation: two grids in force on one day'"
        " USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
        "CREATE OR REPLACE FUNCTION grid_version_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF OLD.effective_from <= current_date AND ({_changed('IS DISTINCT FROM')}) THEN"
        " RAISE EXCEPTION 'cotation: a grid in force never changes'"
        " USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
        f"CREATE OR REPLACE TRIGGER grid_version_alone BEFORE INSERT OR UPDATE ON {TABLE}"
        " FOR EACH ROW EXECUTE FUNCTION grid_version_alone()",
        f"CREATE OR REPLACE TRIGGER grid_version_kept BEFORE UPDATE ON {TABLE}"
        " FOR EACH ROW EXECUTE FUNCTION grid_version_kept()",
    ],
}
_REMOVE = {
    "sqlite": [
        f"DROP TRIGGER IF EXISTS {name}"
        for name in ("grid_version_alone_insert", "grid_version_alone_update", "grid_version_kept")
    ],
    "postgresql": [f"DROP TRIGGER IF EXISTS {name} ON {TABLE}" for name in ("grid_version_alone", "grid_version_kept")],
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers in place; harmless when they are there."""
    with connection.cursor() as cursor:
        for statement in _INSTALL[connection.vendor]:
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Lift the triggers, to undo the migration."""
    with connection.cursor() as cursor:
        for statement in _REMOVE[connection.vendor]:
            cursor.execute(statement)
