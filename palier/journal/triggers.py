"""The database itself refuses to change, delete or reorder the journal, whoever asks.

Each new row must carry the next number and the hash of the row before, which also stops `INSERT OR REPLACE`.
A table rebuilt by a later SQLite migration loses its triggers: that migration installs them again.
"""

from types import ModuleType

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "journal_entry"
NAMES = ("journal_entry_chained", "journal_entry_kept", "journal_entry_undeleted")

# Modules of other append-only tables, with `install` and `remove`: emptying a demonstration lifts theirs too.
others: list[ModuleType] = []

_LAST_NUMBER = f"COALESCE((SELECT MAX(number) FROM {TABLE}), 0)"  # noqa: S608
_LAST_HASH = f"COALESCE((SELECT hash FROM {TABLE} ORDER BY number DESC LIMIT 1), '{'0' * 64}')"  # noqa: S608
_BROKEN = f"NEW.number <> {_LAST_NUMBER} + 1 OR NEW.previous <> {_LAST_HASH}"

_INSTALL = {
    "sqlite": [
        f"CREATE TRIGGER IF NOT EXISTS {NAMES[0]} BEFORE INSERT ON {TABLE} WHEN {_BROKEN}"
        " BEGIN SELECT RAISE(ABORT, 'journal: not the next row of the chain'); END",
        f"CREATE TRIGGER IF NOT EXISTS {NAMES[1]} BEFORE UPDATE ON {TABLE}"
        " BEGIN SELECT RAISE(ABORT, 'journal: rows are never changed'); END",
        f"CREATE TRIGGER IF NOT EXISTS {NAMES[2]} BEFORE DELETE ON {TABLE}"
        " BEGIN SELECT RAISE(ABORT, 'journal: rows are never deleted'); END",
    ],
    "postgresql": [
        f"CREATE OR REPLACE FUNCTION journal_next() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {_BROKEN} THEN RAISE EXCEPTION 'journal: not the next row of the chain'; END IF; RETURN NEW;"
        " END $$",
        "CREATE OR REPLACE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'journal: rows are never changed nor deleted'; END $$",
        f"CREATE OR REPLACE TRIGGER {NAMES[0]} BEFORE INSERT ON {TABLE} FOR EACH ROW EXECUTE FUNCTION journal_next()",
        f"CREATE OR REPLACE TRIGGER {NAMES[1]} BEFORE UPDATE ON {TABLE}"
        " FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()",
        f"CREATE OR REPLACE TRIGGER {NAMES[2]} BEFORE DELETE OR TRUNCATE ON {TABLE}"
        " FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()",
    ],
}
_PRESENT = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled <> 'D'",
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the three triggers in place; harmless when they are there."""
    with connection.cursor() as cursor:
        for statement in _INSTALL[connection.vendor]:
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Lift the triggers: to undo the migration, or to empty a test or demonstration database."""
    on = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in NAMES:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Which of the triggers are not there, or are disabled."""
    with connection.cursor() as cursor:
        cursor.execute(_PRESENT[connection.vendor], [TABLE])
        present = {name for (name,) in cursor.fetchall()}
    return [name for name in NAMES if name not in present]


def append_only(module: ModuleType) -> None:
    """Say that a context has triggers of its own: `flush` lifts them while it empties a demonstration."""
    if module not in others:
        others.append(module)
