"""`serve`: the real server, started and stopped as an administrator does."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from palier.common.management.commands import serve

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installation(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a demonstration of its own, migrated."""
    folder = tmp_path_factory.mktemp("installation")
    shutil.copy(empty_database, folder / "palier.sqlite3")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PALIER_", "DJANGO_"))}
    return {**kept, "PALIER_DATA_DIR": str(folder), "PALIER_PORT": str(serve.free_port(8500))}


def start(environment: dict[str, str], *options: str) -> tuple[subprocess.Popen[str], str]:
    """The server and the address it announces."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", *options],
        cwd=ROOT,
        env={**environment, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout
    line = process.stdout.readline()
    return process, line.rpartition(" ")[2].strip().rpartition("\u00a0")[2]


def answer(address: str) -> dict[str, object]:
    """What the health page says, as soon as the server accepts."""
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"{address}sante/", timeout=5) as page:
                found: dict[str, object] = json.load(page)
                return found
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{address} does not answer")


def children(pid: int) -> list[int]:
    """Processes started by this one."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(folder.name))
        except (OSError, ValueError):
            continue
    return found


def alive(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for_end(pids: list[int]) -> list[int]:
    for _ in range(300):
        left = [pid for pid in pids if alive(pid)]
        if not left:
            return []
        time.sleep(0.1)
    return left


@pytest.fixture
def running(installation: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process, address = start(installation, "--with-worker")
    for _ in range(300):
        if answer(address)["ouvrier"] == "ok":
            break
        time.sleep(0.1)
    yield process, address
    if process.poll() is None:
        process.kill()


def test_the_site_listens_to_this_machine_only_and_stops_with_its_worker(
    running: tuple[subprocess.Popen[str], str],
) -> None:
    process, address = running
    assert answer(address)["ouvrier"] == "ok"
    assert address.startswith("http://127.0.0.1:")
    port = int(address.rstrip("/").rpartition(":")[2])
    sockets = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    assert {local for _, local, _, state, *_ in sockets if state == "0A" and local.endswith(f":{port:04X}")} == {
        f"0100007F:{port:04X}"
    }
    family = children(process.pid)
    assert len(family) >= 2
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    assert wait_for_end(family) == []


def test_the_worker_does_not_survive_a_server_that_was_killed(
    running: tuple[subprocess.Popen[str], str],
) -> None:
    process, _ = running
    family = children(process.pid)
    workers = [pid for pid in family if b"worker\0--parent" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    assert len(workers) == 1
    process.kill()
    process.wait()
    assert wait_for_end(workers) == []
    for pid in family:
        if alive(pid):
            os.kill(pid, signal.SIGTERM)


def test_a_port_in_use_leads_to_the_next_free_one() -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert serve.free_port(port) > port


def test_no_free_port_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "TRIES", 0)
    with pytest.raises(CommandError, match="Aucun port libre"):
        serve.free_port(8000)


@pytest.mark.django_db
def test_a_database_that_waits_for_migrations_is_not_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "pending_migrations", lambda: 3)
    with pytest.raises(CommandError, match=r"3 étapes.*migrate"):
        call_command("serve")


@pytest.mark.django_db
def test_the_present_database_waits_for_no_migration() -> None:
    assert serve.pending_migrations() == 0
