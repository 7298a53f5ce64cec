"""WSGI entry point, served by granian."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()


def _refuse_demonstration_data() -> None:
    """Production serves no database that holds demonstration accounts, whatever program starts it."""
    from django.conf import settings
    from django.core import checks
    from django.core.management import CommandError

    if settings.MODE == "production":
        try:
            checks.run_checks(tags=[checks.Tags.database], databases=["default"])
        except CommandError as error:
            raise SystemExit(f"Palier refuse de démarrer\u00a0: {error}") from error


def _settle() -> None:
    """Load every page, then leave what is loaded out of the collections: each would stop all requests for 80 ms."""
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
    gc.set_threshold(5000, 20, 100)


_refuse_demonstration_data()
_settle()
