"""Demonstration (default) and development: this machine only, invented people only."""

import secrets
from pathlib import Path

from config import environment

from .base import *  # noqa: F403
from .base import DATA_DIR

MODE = environment.text("mode", "demo")
DEBUG = MODE == "development"
PALIER_DEMO = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = DATA_DIR / "mail"
# A passkey needs https, except on this machine.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True


def _local_secret(path: Path) -> str:
    """A secret of this machine, made once and kept out of the repository."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(64))
    return path.read_text()


SECRET_KEY = _local_secret(DATA_DIR / "secret")
