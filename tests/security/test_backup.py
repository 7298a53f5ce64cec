"""Backup and restore: on an empty place, everything comes back; nothing is ever overwritten; damage is seen."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from palier.common import backup
from palier.common.errors import Refusal

ROOT = Path(__file__).resolve().parents[2]
INSTALL = """
from django.core.management import call_command
from palier.accounts.api import create_demo_account
call_command("migrate", verbosity=0)
secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
create_demo_account("agent@exemple.test", "Agente Factice", "escalier-factice-tournesol", secret)
"""
LOG_IN = """
from django.test import Client
from palier.accounts.api import totp_now
client = Client(HTTP_HOST="127.0.0.1")
client.post("/compte/connexion/", {"login": "agent@exemple.test", "password": "escalier-factice-tournesol"})
code = totp_now("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
print(client.post("/compte/connexion/second-facteur/", {"code": code}).headers.get("Location"))
"""


def manage(folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PALIER_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env={**kept, "PALIER_DATA_DIR": str(folder), **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )


def shell(folder: Path, code: str, **variables: str) -> str:
    """The last line that this code prints in an installation."""
    done = manage(folder, "shell", "--no-imports", "-c", code, **variables)
    assert done.returncode == 0, done.stderr
    return (done.stdout.strip().splitlines() or [""])[-1]


def fill(folder: Path, **variables: str) -> None:
    """An installation with an account, an attachment and an anchor."""
    shell(folder, INSTALL, **variables)
    (folder / "pieces" / "ab").mkdir(parents=True)
    (folder / "pieces" / "ab" / "abcd").write_bytes(b"chiffre-factice")
    (folder / "media" / "pieces").mkdir(parents=True)
    (folder / "media" / "pieces" / "piece.pdf").write_bytes(b"%PDF factice")
    (folder / "ancres").mkdir(exist_ok=True)
    (folder / "ancres" / "note.txt").write_text("tête")


def restore_and_log_in(folder: Path, archive: Path, original: Path, **variables: str) -> str:
    """Where the login leads, in an empty place that received the archive."""
    shutil.copy(original / "secret", folder / "secret")  # the key of this installation, kept apart
    code = f"from django.core.management import call_command\ncall_command('restore', {str(archive)!r})\n{LOG_IN}"
    return shell(folder, code, **variables)


@pytest.fixture(scope="module")
def original(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("original")
    shutil.copy(empty_database, folder / "palier.sqlite3")
    fill(folder)
    return folder


@pytest.fixture(scope="module")
def archive(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("sauvegardes")
    done = manage(original, "backup", str(place))
    assert done.returncode == 0, done.stderr
    (found,) = place.glob("palier-*.tar.gz")
    return found


def test_an_empty_place_gets_the_whole_service_back(original: Path, archive: Path, tmp_path: Path) -> None:
    assert restore_and_log_in(tmp_path, archive, original) == "/bureau/"
    assert (tmp_path / "media" / "pieces" / "piece.pdf").read_bytes() == b"%PDF factice"
    piece = tmp_path / "pieces" / "ab" / "abcd"
    assert piece.read_bytes() == b"chiffre-factice"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (piece, piece.parent)] == [0o600, 0o700]
    assert (tmp_path / "ancres" / "note.txt").read_text() == "tête"
    kept = json.loads((tmp_path / "settings-restored.json").read_text())
    assert kept["secret_key"] == (original / "secret").read_text()


def test_the_archive_is_for_its_owner_only_and_lists_its_hashes(archive: Path) -> None:
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    with tarfile.open(archive) as tar:
        names = set(tar.getnames())
        manifest = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
    assert names == {"manifest.json", *manifest["files"]}
    assert manifest["rows"]["accounts_user"] == 1
    assert all(len(digest) == 64 for digest in manifest["files"].values())


@pytest.fixture
def empty(settings: Any, tmp_path: Path) -> Path:
    """A place without attachment nor anchor; the database of the test is not empty."""
    settings.DATA_DIR = settings.MEDIA_ROOT = settings.PALIER_ANCHOR_DIR = tmp_path / "vide"
    settings.DATA_DIR.mkdir()
    return tmp_path / "vide"


@pytest.fixture
def same_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Archives of these tests come from SQLite, whatever the database of the run."""
    monkeypatch.setattr("palier.common.backup.connection.vendor", "sqlite", raising=False)


@pytest.mark.django_db
@pytest.mark.usefixtures("same_engine")
def test_a_database_that_holds_something_is_never_overwritten(archive: Path, empty: Path) -> None:
    with pytest.raises(Refusal, match=r"base de données n’est pas vide.*n’écrase jamais rien"):
        backup.restore(archive)
    assert list(empty.iterdir()) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("same_engine")
def test_a_folder_that_holds_something_is_never_overwritten(archive: Path, empty: Path) -> None:
    (empty / "piece.pdf").write_text("déjà là")
    with pytest.raises(Refusal, match=r"n’est pas vide.*n’écrase jamais rien"):
        backup.restore(archive)
    assert (empty / "piece.pdf").read_text() == "déjà là"


@pytest.mark.django_db
@pytest.mark.usefixtures("same_engine")
def test_pieces_that_are_there_are_never_overwritten(archive: Path, empty: Path, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = settings.PALIER_ANCHOR_DIR = tmp_path / "ailleurs"
    (empty / "pieces" / "ab").mkdir(parents=True)
    with pytest.raises(Refusal, match=r"pieces n’est pas vide.*n’écrase jamais rien"):
        backup.restore(archive)


@pytest.mark.usefixtures("same_engine")
@pytest.mark.parametrize("damage", ["changed", "missing", "added", "cut", "not-an-archive", "no-manifest"])
def test_a_damaged_archive_is_refused_before_anything_is_written(
    archive: Path, empty: Path, tmp_path: Path, damage: str
) -> None:
    stage, bad = tmp_path / "contenu", tmp_path / "abimee.tar.gz"
    with tarfile.open(archive) as tar:
        # `filter` came with Python 3.11.4, and is asked for from 3.12.
        tar.extractall(stage, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    piece = stage / "media" / "pieces" / "piece.pdf"
    if damage == "changed":
        piece.write_bytes(b"%PDF autre")
    elif damage == "missing":
        piece.unlink()
    elif damage == "added":
        (stage / "media" / "intrus.txt").write_text("x")
    elif damage == "no-manifest":
        (stage / "manifest.json").unlink()
    with tarfile.open(bad, "w:gz") as tar:
        for path in sorted(stage.rglob("*")):
            tar.add(path, str(path.relative_to(stage)), recursive=False)
    if damage == "cut":
        bad.write_bytes(archive.read_bytes()[:-2000])
    elif damage == "not-an-archive":
        bad.write_text("bonjour")
    with pytest.raises(Refusal, match=r"abîmée|ne peut pas être lu|manifeste"):
        backup.restore(bad)
    assert list(empty.iterdir()) == []


def test_the_day_of_a_backup_is_told_at_the_paris_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = {"made_at": "2026-11-30T23:05:10+00:00", "rows": {"accounts_user": 3}}
    monkeypatch.setattr(backup, "restore", lambda archive: manifest)
    said = StringIO()
    call_command("restore", "palier.tar.gz", stdout=said)
    assert said.getvalue().startswith("Sauvegarde du 1er décembre 2026 à 0\u00a0h\u00a005 restaurée")


def test_an_archive_that_is_not_there_is_said_so(empty: Path, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"absente\.tar\.gz n’existe pas"):
        backup.restore(tmp_path / "absente.tar.gz")


def test_an_archive_cannot_write_outside_its_place(empty: Path, tmp_path: Path) -> None:
    evil, outside, source = tmp_path / "pirate.tar.gz", tmp_path / "dehors.txt", tmp_path / "x"
    source.write_text("x")
    with tarfile.open(evil, "w:gz") as tar:
        tar.add(source, "../../../../../../../.." + str(outside))
    with pytest.raises(Refusal):
        backup.restore(evil)
    assert not outside.exists()
    assert list(empty.iterdir()) == []


def test_an_archive_of_the_other_kind_of_database_is_refused(
    archive: Path, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("palier.common.backup.connection.vendor", "autre", raising=False)
    with pytest.raises(Refusal, match="même sorte de base"):
        backup.restore(archive)
    assert list(empty.iterdir()) == []


def test_a_piece_deleted_while_it_is_copied_does_not_stop_the_backup(tmp_path: Path) -> None:
    backup._copy_present(str(tmp_path / "absente"), str(tmp_path / "copie"))
    assert list(tmp_path.iterdir()) == []


def test_only_the_last_archives_are_kept(tmp_path: Path) -> None:
    for day in ("20260101", "20260102", "20260103"):
        (tmp_path / f"palier-{day}-030000.tar.gz").write_text("")
    assert [path.name for path in backup.prune(tmp_path, 2)] == ["palier-20260101-030000.tar.gz"]
    assert len(list(tmp_path.iterdir())) == 2
    assert backup.prune(tmp_path, 5) == []


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_an_empty_postgresql_database_gets_the_whole_service_back(tmp_path: Path) -> None:
    about = connection.settings_dict
    # Server and socket are said the same way, after the name: the backup must follow both.
    server = f"?host={about['HOST']}&port={about['PORT'] or 5432}"
    address = f"postgresql://{about['USER']}:{about['PASSWORD']}@"
    before, after = "palier_backup_source", "palier_backup_target"
    drop = [f"DROP DATABASE IF EXISTS {name}" for name in (before, after)]
    with connection.cursor() as cursor:
        for statement in (*drop, f"CREATE DATABASE {before}", f"CREATE DATABASE {after}"):
            cursor.execute(statement)
    try:
        source, target = tmp_path / "source", tmp_path / "target"
        source.mkdir()
        target.mkdir()
        fill(source, PALIER_DATABASE_URL=f"{address}/{before}{server}")
        done = manage(source, "backup", str(tmp_path), PALIER_DATABASE_URL=f"{address}/{before}{server}")
        assert done.returncode == 0, done.stderr
        (saved,) = tmp_path.glob("palier-*.tar.gz")
        assert restore_and_log_in(target, saved, source, PALIER_DATABASE_URL=f"{address}/{after}{server}") == "/bureau/"
    finally:
        with connection.cursor() as cursor:
            for statement in drop:
                cursor.execute(statement)
