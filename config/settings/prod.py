"""Production: refuses to start rather than run weak."""

import os

from .base import *  # noqa: F403

MODE = "production"
SECRET_KEY = os.environ.get("PALIER_SECRET_KEY", "")
ALLOWED_HOSTS = [host for host in os.environ.get("PALIER_HOSTS", "").split(",") if host]
