"""From one address to Django's database settings: SQLite embedded by default, PostgreSQL in production."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def database_from(url: str, data_dir: Path) -> dict[str, Any]:
    """Settings for `postgresql://user:password@host:port/name`, or for the embedded SQLite when `url` is empty."""
    if not url:
        data_dir.mkdir(parents=True, exist_ok=True)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(data_dir / "palier.sqlite3"),
            "OPTIONS": {
                # IMMEDIATE: a writer waits its turn at BEGIN instead of failing in the middle of its transaction.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000;"
                    "PRAGMA cache_size=-65536; PRAGMA foreign_keys=ON;"
                ),
            },
            # A file, so that threads of a test see the same database.
            "TEST": {"NAME": str(data_dir / "test.sqlite3")},
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise SystemExit("PALIER_DATABASE_URL : attendu postgresql://utilisateur:motdepasse@hote:port/base")
    given = {name: int(value) if value.isdigit() else value for name, value in parse_qsl(parts.query)}
    # « ?host=/run/postgresql » names a local socket: kept where the tools of the backup look for it.
    host, port = given.pop("host", ""), given.pop("port", "")
    return {
        "ENGINE": "palier.common.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or str(host),
        "PORT": str(parts.port or port),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            # Pages read a few rows each: starting other processes or compiling a query takes longer than answering.
            "options": "-c statement_timeout=10000 -c lock_timeout=5000"
            " -c jit=off -c max_parallel_workers_per_gather=0"
            # Prepared reads only (palier.common.written): all of them are written to be planned once.
            " -c plan_cache_mode=force_generic_plan",
            # Only for reads that are always the same (palier.common.written): the others are sent whole.
            "prepare_threshold": 5,
            **given,
        },
    }
