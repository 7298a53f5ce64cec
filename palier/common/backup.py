"""The whole service in one file: database, attachments, anchors of the journal and settings, with their hashes.

The archive holds people's data and the keys of the service: it is written for its owner only (mode 600) and must be
kept encrypted elsewhere (docs/operations/backup.md).
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, connections, transaction

from palier.common.errors import Refusal

MANIFEST = "manifest.json"
FORMAT = 1


PIECES = "pieces"


def _folders() -> dict[str, Path]:
    return {"media": Path(settings.MEDIA_ROOT), "anchors": Path(settings.PALIER_ANCHOR_DIR)}


def _pieces() -> Path:
    """The documents of pieces, encrypted (palier.demand.pieces)."""
    return Path(settings.DATA_DIR) / PIECES


def _copy_present(source: str, target: str) -> None:
    """Copy a file, unless its time came meanwhile."""
    with suppress(FileNotFoundError):
        shutil.copy2(source, target)


def make(folder: Path, instant: datetime) -> Path:
    """Write `palier-<instant>.tar.gz` in `folder` while the service runs. Raises Refusal when a tool is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"palier-{instant:%Y%m%d-%H%M%S}.tar.gz"
    if target.exists():
        raise Refusal(f"{target} existe déjà.")
    with tempfile.TemporaryDirectory(dir=folder) as name:
        stage = Path(name)
        # Anchors before the database: an anchor of a row that the copy lacks would read as a journal cut short, while a
        # row not anchored yet is put right by the next act.
        for part, source in _folders().items():
            if source.is_dir():
                shutil.copytree(source, stage / part)
        counts = _dump_database(stage)
        # Pieces after it: a piece added meanwhile is one too many, never one that is missing.
        if _pieces().is_dir():
            shutil.copytree(
                _pieces(), stage / PIECES, copy_function=_copy_present, ignore=shutil.ignore_patterns("*.part")
            )
        _write_settings(stage / "settings.json")
        manifest = {
            "format": FORMAT,
            "made_at": instant.isoformat(),
            "engine": connection.vendor,
            "rows": counts,
            "files": {str(path.relative_to(stage)): _sha256(path) for path in _files(stage)},
        }
        (stage / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        draft = target.with_suffix(".part")
        with (
            os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
            tarfile.open(fileobj=file, mode="w:gz") as archive,
        ):
            archive.add(stage / MANIFEST, MANIFEST)
            for path in _files(stage):
                if path.name != MANIFEST:
                    archive.add(path, str(path.relative_to(stage)))
            archive.close()
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    return target


def prune(folder: Path, keep: int) -> list[Path]:
    """Remove the oldest archives of `folder` beyond `keep`. Gives what was removed."""
    old = sorted(folder.glob("palier-*.tar.gz"))[: -keep or None]
    for path in old:
        path.unlink()
    return old


def restore(archive: Path) -> dict[str, Any]:
    """Put an archive back in an empty place: an empty database, and no attachment nor anchor.

    Everything is verified before anything is written. Gives the manifest. Raises Refusal.
    """
    with tempfile.TemporaryDirectory() as name:
        stage = Path(name)
        try:
            with tarfile.open(archive, "r:gz") as tar:
                _unpack(tar, stage)
        except FileNotFoundError as error:
            raise Refusal(f"{archive} n’existe pas.") from error
        except (OSError, tarfile.TarError, EOFError, zlib.error) as error:
            raise Refusal(f"{archive} ne peut pas être lu\u00a0: ce n’est pas une sauvegarde entière.") from error
        manifest = _verified(stage)
        _require_empty_place()
        _load_database(stage)
        for part, place in {**_folders(), PIECES: _pieces()}.items():
            if (stage / part).is_dir():
                shutil.copytree(stage / part, place, dirs_exist_ok=True)
        for path in (_pieces(), *_pieces().glob("**/*")):
            if path.exists():
                path.chmod(0o700 if path.is_dir() else 0o600)
        found = row_counts()
        if found != manifest["rows"]:
            differing = sorted(table for table in manifest["rows"] if found.get(table) != manifest["rows"][table])
            raise Refusal(f"Des lignes manquent après la restauration ({', '.join(differing)}).")
        kept = Path(settings.DATA_DIR) / "settings-restored.json"
        shutil.copy(stage / "settings.json", kept)
        kept.chmod(0o600)
    return manifest


def _unpack(tar: tarfile.TarFile, stage: Path) -> None:
    """Plain files and folders, inside `stage` only. By hand: `extractall(filter="data")` came with Python 3.11.4,
    and Debian 12 has 3.11.2."""
    root = stage.resolve()
    for member in tar:
        target = (root / member.name).resolve()
        if not target.is_relative_to(root) or not (member.isfile() or member.isdir()):
            raise tarfile.TarError(f"entrée refusée\u00a0: {member.name}")
        if member.isdir():
            target.mkdir(parents=True, exist_ok=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        source = tar.extractfile(member)
        if source is not None:
            with source, target.open("xb") as out:
                shutil.copyfileobj(source, out)


def _require_empty_place() -> None:
    never = "une restauration n’écrase jamais rien."
    for place in (*_folders().values(), _pieces()):
        if place.is_dir() and any(place.iterdir()):
            raise Refusal(f"Le dossier {place} n’est pas vide\u00a0: {never}")
    if connection.introspection.table_names():
        raise Refusal(f"La base de données n’est pas vide\u00a0: {never}")


def row_counts() -> dict[str, int]:
    """How many rows each table of the program holds."""
    tables = sorted(model._meta.db_table for model in apps.get_models(include_auto_created=True))
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        counts = {}
        for table in tables:
            if table in present:
                cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
                counts[table] = int(cursor.fetchone()[0])
    return counts


def _verified(stage: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((stage / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refusal(
            "Cette archive n’a pas de manifeste lisible\u00a0: ce n’est pas une sauvegarde de Palier."
        ) from error
    if manifest.get("format") != FORMAT:
        raise Refusal("Cette sauvegarde vient d’une version de Palier que celle-ci ne sait pas lire.")
    if manifest["engine"] != connection.vendor:
        raise Refusal(
            f"Cette sauvegarde vient d’une base {manifest['engine']} et la base ouverte est {connection.vendor}. "
            "Restaurez sur la même sorte de base."
        )
    found = {str(path.relative_to(stage)): _sha256(path) for path in _files(stage) if path.name != MANIFEST}
    wrong = sorted(
        name for name in found.keys() | manifest["files"].keys() if found.get(name) != manifest["files"].get(name)
    )
    if wrong:
        raise Refusal(f"Cette sauvegarde est abîmée ({', '.join(wrong[:5])})\u00a0: prenez-en une autre.")
    return manifest


def _dump_database(stage: Path) -> dict[str, int]:
    """Copy the database at one instant and count its rows in that copy's state."""
    if connection.vendor == "sqlite":
        source = sqlite3.connect(f"file:{connection.settings_dict['NAME']}?mode=ro", uri=True)
        with sqlite3.connect(stage / "database.sqlite3") as copy:
            source.backup(copy)
        source.close()
        counts = {}
        for table in sorted(model._meta.db_table for model in apps.get_models(include_auto_created=True)):
            if copy.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [table]).fetchone():
                counts[table] = int(copy.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])  # noqa: S608
        copy.close()
        return counts
    # One snapshot for the dump and for the counts.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        _postgresql("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={stage / 'database.dump'}")
        return row_counts()


def _load_database(stage: Path) -> None:
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        connections.close_all()
        for leftover in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            leftover.unlink(missing_ok=True)
        shutil.copy(stage / "database.sqlite3", path)
        path.chmod(0o600)
    else:
        _postgresql("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", str(stage / "database.dump"))


def _postgresql(tool: str, *arguments: str) -> None:
    found = shutil.which(tool) or max(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{tool}")), default="")
    if not found:
        raise Refusal(f"{tool} est introuvable\u00a0: installez le paquet postgresql-client de la version du serveur.")
    about = connection.settings_dict
    environment = {
        **os.environ,
        "PGHOST": str(about["HOST"]),
        "PGPORT": str(about["PORT"] or 5432),
        "PGUSER": str(about["USER"]),
        "PGPASSWORD": str(about["PASSWORD"]),
        "PGDATABASE": str(about["NAME"]),
    }
    database = [f"--dbname={about['NAME']}"] if tool == "pg_restore" else []
    result = subprocess.run([found, *database, *arguments], env=environment, capture_output=True, text=True)
    if result.returncode:
        raise Refusal(f"{tool} a échoué\u00a0: {result.stderr.strip()[:500]}")


def _write_settings(path: Path) -> None:
    """The PALIER_* variables and the TOML file of this installation: what a new machine needs, secrets included."""
    values: dict[str, Any] = {name: value for name, value in os.environ.items() if name.startswith("PALIER_")}
    config = os.environ.get("PALIER_CONFIG", "")
    if config:
        values["config_file"] = Path(config).read_text(encoding="utf-8")
    values["secret_key"] = settings.SECRET_KEY
    path.write_text(json.dumps(values, indent=1, ensure_ascii=False), encoding="utf-8")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
