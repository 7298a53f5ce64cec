"""Production: refuses to start rather than run weak."""

from config import environment
from config.refusals import refusals

from .base import *  # noqa: F403

MODE = "production"
SECRET_KEY = environment.text("secret_key")
SECRET_KEY_FALLBACKS = environment.words("secret_key_fallbacks")
ALLOWED_HOSTS = environment.words("hosts")
PALIER_BASE_URL = f"https://{ALLOWED_HOSTS[0]}" if ALLOWED_HOSTS else ""
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

SECURE_SSL_REDIRECT = True
# The health page is asked over plain HTTP from the machine itself.
SECURE_REDIRECT_EXEMPT = [r"^sante/$"]
# Believed only because ClientAddressMiddleware drops the header when the sender is not a trusted proxy.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"

EMAIL_BACKEND = "palier.accounts.mail.BackgroundBackend"
EMAIL_HOST = environment.text("mail_host", "localhost")
EMAIL_PORT = environment.number("mail_port", 25)
EMAIL_HOST_USER = environment.text("mail_user")
EMAIL_HOST_PASSWORD = environment.text("mail_password")
EMAIL_USE_TLS = environment.flag("mail_tls")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = environment.text("mail_from", "palier@localhost")

_problems = refusals(globals())
if _problems:
    raise SystemExit("Palier refuse de démarrer en production :\n- " + "\n- ".join(_problems))
