"""What every test run shares. Each test asks for exactly the fixtures it needs."""

import os
from typing import Any

import pytest
from django.conf import settings

HEAVY = ("tests/journeys", "tests/security")


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
    items.sort(key=lambda item: not item.nodeid.startswith(HEAVY))
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        return
    away = [item for item in items if item.get_closest_marker("postgresql")]
    config.hook.pytest_deselected(items=away)
    items[:] = [item for item in items if item not in away]


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
