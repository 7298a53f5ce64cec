"""What every test run shares. Each test asks for exactly the fixtures it needs."""

import fcntl
import gc
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("tests/journeys", "tests/security")


@pytest.fixture(autouse=True)
def _no_cells_of_another_test() -> None:
    """Numbers and instants come back from test to test, which they never do elsewhere."""
    held = sys.modules.get("palier.cotation.position.selectors")
    if held is not None:
        held._cells.cache_clear()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file goes to one worker, which builds its fixtures once; all journeys to one, with one site and one browser."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return "tests/journeys" if file.startswith("tests/journeys/") else file

    config.option.loadscopereorder = False  # the order below is better than that of the number of tests
    return Scheduling(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest first, so that no worker is left alone with them at the end. Parallel requests on a real server are
    tried on PostgreSQL only; elsewhere those tests are not counted."""
    items.sort(key=lambda item: [not item.nodeid.startswith(folder) for folder in HEAVY])
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        return
    away = [item for item in items if item.get_closest_marker("postgresql")]
    config.hook.pytest_deselected(items=away)
    items[:] = [item for item in items if item not in away]


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported lives to the end: the garbage collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session")
def empty_database() -> Path:
    """An SQLite file with every migration applied, kept in var/ from run to run until the code of an app changes."""
    folders = [Path(app.path) for app in apps.get_app_configs()]
    written = [file for folder in folders for file in sorted((*folder.glob("*.py"), *folder.glob("migrations/*.py")))]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in written)).hexdigest()
    kept = ROOT / "var" / "tests" / f"{digest[:32]}.sqlite3"
    kept.parent.mkdir(parents=True, exist_ok=True)
    with (kept.parent / "lock").open("w") as lock, tempfile.TemporaryDirectory() as folder:
        fcntl.flock(lock, fcntl.LOCK_EX)  # workers start together: one migrates
        if not kept.exists():
            for old in kept.parent.glob("*.sqlite3"):
                old.unlink()
            env = {name: value for name, value in os.environ.items() if not name.startswith(("PALIER_", "DJANGO_"))}
            migrate = [sys.executable, "manage.py", "migrate", "-v0"]
            subprocess.run(migrate, cwd=ROOT, env={**env, "PALIER_DATA_DIR": folder}, check=True)
            shutil.move(Path(folder) / "palier.sqlite3", kept.with_suffix(".new"))
            kept.with_suffix(".new").rename(kept)
    return kept


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """On SQLite, the database of a worker begins as a copy; pytest-django then has nothing left to migrate."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, request: pytest.FixtureRequest
) -> None:
    if connection.vendor == "sqlite":
        shutil.copy(request.getfixturevalue("empty_database"), connection.creation._get_test_db_name())


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    """A skipped test is said loudly, with its reason; under CI it is a failure."""
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    terminalreporter.section("NON JOUÉS", red=True, bold=True)
    for reason in sorted({report.longrepr[2] for report in skipped}):
        count = sum(report.longrepr[2] == reason for report in skipped)
        terminalreporter.line(f"{count} test(s) : {reason.removeprefix('Skipped: ')}", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter and reporter.stats.get("skipped") and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
