"""WSGI entry point, served by granian."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()


def _refuse_demonstration_data() -> None:
    """Production serves no database that holds demonstration accounts, whatever program starts it."""
    from django.conf import settings
    from django.core import checks
    from django.core.exceptions import ImproperlyConfigured

    if settings.MODE == "production":
        found = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
        if found:
            raise ImproperlyConfigured(
                "Palier refuse de démarrer\u00a0: " + " ".join(str(error.msg) for error in found)
            )


_refuse_demonstration_data()
