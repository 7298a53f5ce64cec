"""What every mode shares. Modes change as little as they can."""

from pathlib import Path

from csp.constants import NONE, SELF

from config import environment
from config.database import database_from

ROOT = Path(__file__).resolve().parent.parent.parent
DATA_DIR = Path(environment.text("data_dir") or ROOT / "var").absolute()
MODE = "development"
DEBUG = False
ALLOWED_HOSTS: list[str] = []

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    # Before allauth, so that our templates are found first.
    "palier.common",
    "palier.accounts",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "palier.law",
    "palier.journal",
    "palier.territory",
    "palier.people",
    "palier.documents",
    "palier.duties",
    "palier.cotation",
    "palier.orientation",
    "palier.demand",
    "palier.portal",
    "palier.desk",
]
MIDDLEWARE = [
    # First, so that errors and static files carry their headers too.
    "palier.common.middleware.ClientAddressMiddleware",
    "palier.common.middleware.RequestLogMiddleware",
    "palier.common.middleware.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "palier.accounts.middleware.SessionLimitsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "palier.accounts.middleware.SecondFactorMiddleware",
    "palier.territory.middleware.ActorMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "palier.common.context.page",
                "palier.territory.context.territory",
            ],
            "builtins": ["palier.common.templatetags.links"],
        },
    }
]
FORM_RENDERER = "palier.common.forms.PalierRenderer"

DATABASES = {"default": database_from(environment.text("database_url"), DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# In the database: counts of tries must be the same for every process. Never culled: a flood of keys must not
# make older counts vanish (the worker removes what has expired).
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000_000},
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["palier.territory.backend.MemberBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 14},
    },
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "palier.accounts.passwords.PredictablePasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # an invitation; a reset lives an hour (palier.accounts.tokens)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/bureau/"
LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "palier.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "palier.accounts.tokens.TokenGenerator"  # noqa: S105
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# Ten failures in 15 minutes by account ("key") and by address ("ip"); never a lock for ever.
ACCOUNT_RATE_LIMITS = {
    "login": "100/m/ip",
    "login_failed": "10/15m/key",
    "address": "10/15m/ip",
    "reset_password": "10/15m/ip,10/15m/key",
    "reset_password_from_key": "10/15m/ip",
    "reauthenticate": "10/15m/user",
    "change_password": "10/15m/user",
}
ACCOUNT_FORMS = {
    "login": "palier.accounts.forms.LoginForm",
    "reauthenticate": "palier.accounts.forms.ReauthenticateForm",
    "change_password": "palier.accounts.forms.ChangePasswordForm",
    "reset_password": "palier.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "palier.accounts.forms.ResetPasswordKeyForm",
}
MFA_ADAPTER = "palier.accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "palier.accounts.forms.AuthenticateForm",
    "reauthenticate": "palier.accounts.forms.ReauthenticateCodeForm",
    "activate_totp": "palier.accounts.forms.ActivateTOTPForm",
    "authenticate_webauthn": "palier.accounts.forms.AuthenticateWebAuthnForm",
    "login_webauthn": "palier.accounts.forms.LoginWebAuthnForm",
    "reauthenticate_webauthn": "palier.accounts.forms.ReauthenticateWebAuthnForm",
    "add_webauthn": "palier.accounts.forms.AddWebAuthnForm",
    "edit_webauthn": "palier.accounts.forms.EditWebAuthnForm",
}

SESSION_ENGINE = "palier.accounts.sessions"
SESSION_COOKIE_AGE = 30 * 60  # the idle end
PALIER_SESSION_HOURS = 12  # the absolute end
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
# Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed: addresses or networks.
PALIER_TRUSTED_PROXIES = environment.words("trusted_proxies")
PALIER_BASE_URL = ""
PALIER_ACCEPT_SQLITE = environment.flag("accept_sqlite")
PALIER_PORT = environment.number("port", 8000)
# Periodic jobs of the worker: name, dotted path of a function without argument, minutes between two runs.
PALIER_JOBS = [
    ("clear-expired", "palier.accounts.jobs.clear_expired", 60),
    ("duties", "palier.duties.api.flag_missed_today", 60),
    ("renewals", "palier.demand.lives.owe_renewals_today", 60),
    ("journal", "palier.journal.api.verify_nightly", 24 * 60),
    ("tasks", "palier.common.queue.forget", 24 * 60),
    ("cotation", "palier.cotation.stock.runs.keep_up", 5),
    ("erasure", "palier.demand.erasure.erase_today", 24 * 60),
    ("words", "palier.people.lookup.count_usual_words", 60),
    ("doubles", "palier.people.finding.start_nightly", 24 * 60),
    ("imports", "palier.demand.exchange.services.forget", 24 * 60),
    ("pieces", "palier.demand.pieces.tasks.tidy", 60),
    ("antivirus", "palier.demand.pieces.tasks.rescan", 5),
]
# Long work waits in the database until the worker takes it (palier.common.queue).
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000
FILE_UPLOAD_PERMISSIONS = 0o640
# Pieces sent by people (palier.demand.pieces): bytes and files in one sending, dots in a picture, pages in a document.
PALIER_PIECE_BYTES = environment.number("piece_megabytes", 10) * 1_000_000
PALIER_PIECE_FILES = 10
PALIER_PIECE_PIXELS = 60_000_000
PALIER_PIECE_PAGES = 30
# The antivirus: tcp://127.0.0.1:3310, or the path of the socket of clamd. Without it, nothing is scanned, and said so.
PALIER_CLAMAV = environment.text("clamav")

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "français")]
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_ALLOW_ALL_ORIGINS = False
MEDIA_ROOT = DATA_DIR / "media"
PALIER_ANCHOR_DIR = DATA_DIR / "ancres"
PALIER_TERRITORIES_DIR = ROOT / "territories"
PALIER_DEMO = False

SILENCED_SYSTEM_CHECKS: list[str] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "palier.common.middleware.RequestIdFilter"}},
    "formatters": {"line": {"()": "palier.common.middleware.JsonFormatter"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "filters": ["request"], "formatter": "line"},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        # Unknown addresses and refused requests are in the request log already, without what was typed.
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.security": {"level": "ERROR"},
    },
}

# The web service of the national system (docs/operations/sne.md). Empty: off. Certificate and key are files, never
# kept in the database.
PALIER_SNE_URL = environment.text("sne_url")
PALIER_SNE_CERTIFICATE = environment.text("sne_certificate")
PALIER_SNE_KEY = environment.text("sne_key")
PALIER_SNE_AUTHORITY = environment.text("sne_authority")
PALIER_SNE_DESK = environment.text("sne_desk")
PALIER_SNE_SECONDS = environment.number("sne_seconds", 20)
