"""Production refuses to start rather than run weak; each reason is tried, and the good settings pass every check."""

import importlib
import os
import secrets
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.core import checks
from django.core.management import CommandError

from config import environment
from config.database import database_from
from config.refusals import refusals
from config.settings import base
from palier.accounts.checks import check_database, database_refusals
from tests.factories import make_user

ROOT = Path(__file__).resolve().parents[2]
SECRET = "k7Qm2vRx9pLw4Zt8" * 4
GOOD: dict[str, Any] = {
    "SECRET_KEY": SECRET,
    "DEBUG": False,
    "PALIER_DEMO": False,
    "ALLOWED_HOSTS": ["palier.exemple.fr"],
    "MIDDLEWARE": base.MIDDLEWARE,
    "MFA_SUPPORTED_TYPES": base.MFA_SUPPORTED_TYPES,
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
}


@pytest.fixture
def good(tmp_path: Path) -> dict[str, Any]:
    return {**GOOD, "PALIER_ANCHOR_DIR": tmp_path / "ancres"}


def test_sound_settings_are_accepted(good: dict[str, Any]) -> None:
    assert refusals(good) == []


SQLITE = {"default": {"ENGINE": "django.db.backends.sqlite3"}}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"SECRET_KEY": ""}, "PALIER_SECRET_KEY manque"),
        ({"SECRET_KEY": "trop-court"}, "trop faible"),
        ({"SECRET_KEY": "a" * 80}, "trop faible"),
        ({"SECRET_KEY": "django-insecure-" + SECRET}, "trop faible"),
        ({"SECRET_KEY": "test-only-" + SECRET}, "trop faible"),
        ({"DEBUG": True}, "DEBUG"),
        ({"PALIER_DEMO": True}, "démonstration"),
        ({"ALLOWED_HOSTS": []}, "PALIER_HOSTS manque"),
        ({"ALLOWED_HOSTS": ["*"]}, "ni *"),
        ({"ALLOWED_HOSTS": [".exemple.fr"]}, "ni *"),
        ({"ALLOWED_HOSTS": ["palier.exemple.fr", "*.exemple.fr"]}, "ni *"),
        ({"MIDDLEWARE": []}, "second facteur n’est pas imposé"),
        ({"MFA_SUPPORTED_TYPES": ["recovery_codes"]}, "second facteur n’est pas imposé"),
        ({"MFA_TRUST_ENABLED": True}, "contournement"),
        ({"MFA_TOTP_INSECURE_BYPASS_CODE": "000000"}, "contournement"),
        ({"DATABASES": SQLITE}, "PALIER_ACCEPT_SQLITE"),
    ],
)
def test_each_weakness_is_a_reason_to_refuse(good: dict[str, Any], change: dict[str, Any], reason: str) -> None:
    (sentence,) = refusals({**good, **change})
    assert reason in sentence


def test_sqlite_is_accepted_when_said_in_so_many_words(good: dict[str, Any]) -> None:
    assert refusals({**good, "DATABASES": SQLITE, "PALIER_ACCEPT_SQLITE": True}) == []


def test_anchors_that_cannot_be_written_are_a_reason_to_refuse(good: dict[str, Any], tmp_path: Path) -> None:
    blocked = tmp_path / "fichier"
    blocked.write_text("")
    (sentence,) = refusals({**good, "PALIER_ANCHOR_DIR": blocked / "ancres"})
    assert "ancres" in sentence


PRODUCTION = {
    "PALIER_MODE": "production",
    "PALIER_SECRET_KEY": SECRET,
    "PALIER_HOSTS": "palier.exemple.fr",
    "PALIER_ACCEPT_SQLITE": "oui",
    "PALIER_CLAMAV": "tcp://127.0.0.1:3310",
}


def production(monkeypatch: pytest.MonkeyPatch, **variables: str) -> ModuleType:
    """The production settings, as this environment makes them."""
    for name in [name for name in os.environ if name.startswith("PALIER_")]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(base, "PALIER_ACCEPT_SQLITE", "PALIER_ACCEPT_SQLITE" in variables)
    monkeypatch.setattr(base, "DATABASES", SQLITE)
    sys.modules.pop("config.settings.prod", None)
    return importlib.import_module("config.settings.prod")


def test_production_passes_django_s_deployment_checks_without_a_warning(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PALIER_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**kept, "PALIER_DATA_DIR": str(tmp_path), **PRODUCTION},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_production_without_anything_says_all_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit) as refusal:
        production(monkeypatch)
    for word in ("PALIER_SECRET_KEY", "PALIER_HOSTS", "PALIER_DATABASE_URL"):
        assert word in str(refusal.value)


def test_an_unknown_mode_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALIER_MODE", "prod")
    with pytest.raises(SystemExit, match="valeur inconnue"):
        importlib.reload(importlib.import_module("config.settings"))


def test_cookies_of_production_are_bound_to_the_site_and_its_links_to_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = production(monkeypatch, **PRODUCTION)
    assert (made.SESSION_COOKIE_NAME, made.CSRF_COOKIE_NAME) == ("__Host-session", "__Host-csrf")
    assert made.SESSION_COOKIE_SECURE
    assert made.CSRF_COOKIE_SECURE
    assert made.SECURE_HSTS_SECONDS >= 31_536_000
    assert made.PALIER_BASE_URL == "https://palier.exemple.fr"
    assert not made.DEBUG
    assert not made.PALIER_DEMO


@pytest.mark.django_db
def test_a_database_with_demonstration_accounts_is_refused_in_production(settings: Any) -> None:
    make_user()
    assert database_refusals() == []
    make_user(demo=True)
    settings.MODE = "production"
    with pytest.raises(CommandError, match="comptes de démonstration"):
        check_database(databases=["default"])
    settings.MODE = "demo"
    assert check_database(databases=["default"]) == []


def test_the_database_check_is_one_that_migrate_and_serve_run() -> None:
    assert check_database in checks.registry.registry.registered_checks
    assert checks.Tags.database in check_database.tags  # type: ignore[attr-defined]


def test_a_toml_file_gives_settings_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "palier.toml"
    file.write_text('hosts = ["palier.exemple.fr", "autre.exemple.fr"]\nport = 8100\nmail_host = "courriel.exemple.fr"')
    monkeypatch.setenv("PALIER_CONFIG", str(file))
    monkeypatch.setenv("PALIER_MAIL_HOST", "autre-courriel.exemple.fr")
    environment._file.cache_clear()
    try:
        assert environment.words("hosts") == ["palier.exemple.fr", "autre.exemple.fr"]
        assert environment.number("port", 8000) == 8100
        assert environment.text("mail_host") == "autre-courriel.exemple.fr"
    finally:
        environment._file.cache_clear()


@pytest.mark.parametrize("content", ["hosts = [", None])
def test_a_wrong_or_missing_settings_file_is_refused_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    file = tmp_path / "palier.toml"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("PALIER_CONFIG", str(file))
    environment._file.cache_clear()
    try:
        with pytest.raises(SystemExit, match="PALIER_CONFIG"):
            environment.words("hosts")
    finally:
        environment._file.cache_clear()


def test_a_port_that_is_not_a_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALIER_PORT", "huit-mille")
    with pytest.raises(SystemExit, match="nombre entier"):
        environment.number("port", 8000)


def test_a_made_up_secret_is_long_enough(good: dict[str, Any]) -> None:
    assert refusals({**good, "SECRET_KEY": secrets.token_urlsafe(64)}) == []


def test_every_periodic_job_of_the_settings_exists() -> None:
    from django.utils.module_loading import import_string

    for _, path, minutes in base.PALIER_JOBS:
        assert callable(import_string(path))
        assert minutes > 0


def test_the_address_of_the_database_carries_its_options() -> None:
    options = database_from("postgresql://u:p@h/b?prepare_threshold=1000000000&sslmode=verify-full", Path())["OPTIONS"]
    assert (options["prepare_threshold"], options["sslmode"]) == (1_000_000_000, "verify-full")
    assert "statement_timeout=10000" in options["options"]
    local = database_from("postgresql:///b?host=/run/ailleurs&port=5545", Path())
    assert (local["HOST"], local["PORT"], local["NAME"], local["USER"]) == ("/run/ailleurs", "5545", "b", "")
    assert not {"host", "port"} & set(local["OPTIONS"])
