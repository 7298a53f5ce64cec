"""Demonstration (default) and development: this machine only, invented people only."""

import os

from .base import *  # noqa: F403
from .base import DATA_DIR

MODE = os.environ.get("PALIER_MODE", "demo")
DEBUG = MODE == "development"
PALIER_DEMO = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = DATA_DIR / "mail"


def _local_secret() -> str:
    """A secret of this machine, made once and kept out of the repository."""
    import secrets

    path = DATA_DIR / "secret"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(64))
    return path.read_text()


SECRET_KEY = _local_secret()
