"""WSGI entry point, served by granian."""

import os

from django.core.wsgi import get_wsgi_application

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


_refuse_demonstration_data()
