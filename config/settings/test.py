"""Tests: fast hashing, mail in memory, a database of their own (SQLite file or PALIER_DATABASE_URL)."""

import atexit
import shutil
import tempfile
from pathlib import Path

from config import environment
from config.database import database_from

from .base import *  # noqa: F403

MODE = "test"
SECRET_KEY = "test-only-not-a-secret-" + "0123456789abcdef" * 4
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# A folder of its own for each process: two runs side by side must not share one SQLite file.
DATA_DIR = Path(tempfile.mkdtemp(prefix="palier-test-"))
atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)
MEDIA_ROOT = DATA_DIR / "media"
PALIER_ANCHOR_DIR = DATA_DIR / "ancres"
PALIER_DEMO = True
DATABASES = {"default": database_from(environment.text("database_url"), DATA_DIR)}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
# Static files are found at the request, never scanned: each test client builds the middleware again.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
LOGGING = {**LOGGING, "handlers": {"stderr": {"class": "logging.NullHandler"}}}  # noqa: F405

# Tests never leave the machine, whatever the environment says.
PALIER_SNE_URL = ""
