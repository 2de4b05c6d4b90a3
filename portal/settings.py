"""All settings of the site, and the only reader of the environment.

The safe value is the default; a missing secret stops the start. `.env.example` lists them all.
"""

import base64
import os
from pathlib import Path

import django_stubs_ext
from celery.schedules import schedule
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _
from psycopg.conninfo import conninfo_to_dict

from portal import logs

django_stubs_ext.monkeypatch()


SEAL_KEY_BYTES = 32

# --- Reading the environment -------------------------------------------------------------------


def _secret(name: str) -> str:
    value = _text(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. See .env.example for what it is.")
    return value


def _text(name: str, default: str = "") -> str:
    """Return a variable; one that is set to nothing counts as not set."""
    return os.environ.get(name) or default


def _flag(name: str) -> bool:
    return _text(name).lower() in {"1", "true", "yes"}


def _words(name: str) -> list[str]:
    return [word for word in _text(name).replace(",", " ").split() if word]


def _database(url: str) -> dict[str, object]:
    parts = conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "sync"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "OPTIONS": parts,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def _seal_keys(text: str) -> dict[str, bytes]:
    keys = {}
    for pair in text.split(","):
        name, _sep, value = pair.strip().partition(":")
        key = base64.b64decode(value)
        if not name or len(key) != SEAL_KEY_BYTES:
            raise ImproperlyConfigured("SEAL_KEYS is a list of name:base64 of 32 bytes.")
        keys[name] = key
    return keys


# --- Where we are ------------------------------------------------------------------------------

BASE_DIR = Path(__file__).resolve().parent.parent
DEMO = _flag("DEMO")
DEBUG = False
SECRET_KEY = _secret("SECRET_KEY")
SEAL_KEYS = _seal_keys(_secret("SEAL_KEYS"))
SITE_URL = _text("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
SITE_NAME = "Sync for Genes"
ALLOWED_HOSTS = _words("ALLOWED_HOSTS") or ["127.0.0.1", "localhost"]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
DATA_DIR = Path(_text("DATA_DIR", str(BASE_DIR / ".data")))
FILES_DIR = Path(_text("FILES_DIR", str(DATA_DIR / "files")))
# Sources and programs on http://127.0.0.1 may be registered only where this is on.
LOOPBACK_HOSTS_ALLOWED = _flag("LOOPBACK_HOSTS_ALLOWED")

# --- Applications ------------------------------------------------------------------------------

INSTALLED_APPS = [
    "portal.accounts",
    "portal.audit",
    "portal.records",
    "portal.connections",
    "portal.results",
    "consent",
    "sharing",
    "portal.keep.KeepConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "portal.static_files.StaticFilesConfig",
    "django.contrib.humanize",
    "django.forms",
    "django.contrib.postgres",
    "pgtrigger",
    "django_htmx",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
]

MIDDLEWARE = [
    "portal.logs.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Pads each answer by a random length, so that compressed sizes tell nothing (BREACH).
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.accounts.middleware.SignInMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "portal.accounts.middleware.NothingKeptMiddleware",
    "portal.accounts.middleware.SecondFactorMiddleware",
    "portal.accounts.middleware.StaySignedInMiddleware",
    "sharing.review.middleware.ProgramWallMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.pdf.PdfUnavailableMiddleware",
    "portal.pages.ButtonsOnlyMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.accounts.context.site",
            ],
        },
    }
]
FORM_RENDERER = "portal.rendering.FormRenderer"
# What other rooms put into "Download my data": the record may not look up, so they are named here.
TAKEN_AWAY_TOO = [
    "portal.results.printing.to_take_away",
    "consent.receipts.to_take_away",
    "sharing.services.receipts.to_take_away",
]
KEPT_CLOSED = "portal.results.opened.closed"  # which findings the tables in it leave out

# --- Database, broker, cache -------------------------------------------------------------------

DATABASES = {"default": _database(_secret("DATABASE_URL"))}
# What the application's own role signs in with; `manage.py grants` sets it. Empty: no password.
APP_DATABASE_PASSWORD = _text("APP_DATABASE_PASSWORD")
BROKER_URL = _text("BROKER_URL")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": BROKER_URL}
        if BROKER_URL.startswith("redis")
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

# --- Background work ---------------------------------------------------------------------------
# The row is the job: a message is only a hint, so losing the broker loses nothing.

CELERY_BROKER_URL = BROKER_URL or "memory://"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ALWAYS_EAGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "max_retries": 1}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "import what is due": {"task": "connections.sweep", "schedule": schedule(5)},
    "read files that were handed in": {"task": "records.sweep", "schedule": schedule(5)},
    "send what is due": {"task": "sharing.sweep", "schedule": schedule(3)},
    "end what has expired": {"task": "consent.expire", "schedule": schedule(60)},
}

# A sending must end well before its lease: a sender that was held up finds that its time is over.
SHARING_LEASE_S = float(_text("SHARING_LEASE_S", "30"))
SHARING_DEADLINE_S = float(_text("SHARING_DEADLINE_S", "20"))
# So long after the last word of a worker, another one goes on with its import.
IMPORT_LEASE_S = float(_text("IMPORT_LEASE_S", "45"))
if SHARING_DEADLINE_S >= SHARING_LEASE_S:
    raise ImproperlyConfigured("SHARING_DEADLINE_S must be less than SHARING_LEASE_S.")

# --- People ------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 12}  # type: ignore[assignment]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

ACCOUNT_ADAPTER = "portal.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "portal.accounts.adapter.display"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SITE_URL.split(":", 1)[0]
MFA_ADAPTER = "portal.accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "add_webauthn": "portal.accounts.forms.AddKeyForm",
    "edit_webauthn": "portal.accounts.forms.RenameKeyForm",
}
MFA_TOTP_ISSUER = SITE_NAME
# Browsers allow passkeys over plain http on localhost only; the demo lives there.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO
USERSESSIONS_TRACK_ACTIVITY = False

AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True

# --- Transport and pages -----------------------------------------------------------------------

_https = SITE_URL.startswith("https://")
SESSION_COOKIE_NAME = "__Host-session" if _https else "session"
SESSION_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "__Host-csrf" if _https else "csrf"
CSRF_COOKIE_SECURE = _https
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "sharing.api.problems.foreign_form"
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _flag("BEHIND_PROXY") else None
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_HSTS_PRELOAD = _https
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20

# --- Languages, static files, storage, mail ----------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
FORMAT_MODULE_PATH = "portal.formats"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = _https
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
TIME_ZONE = _text("SITE_TIME_ZONE", "UTC")
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(_text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [path for path in [BASE_DIR / "static_built"] if path.is_dir()]
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Source maps are for developers, who can wait for them.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [
    *("jpg", "jpeg", "png", "gif", "webp", "zip", "gz", "br", "woff", "woff2", "map"),
]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(FILES_DIR), "base_url": None},
    },
    "staticfiles": {"BACKEND": _text("STATIC_STORAGE", "portal.rendering.StaticFiles")},
}

_mail_backend = _text("EMAIL_BACKEND", "smtp")
_MAIL_OPTIONS: dict[str, dict[str, object]] = {
    "filebased": {"file_path": str(DATA_DIR / "mail")},
    "smtp": {
        "host": _text("EMAIL_HOST", "localhost"),
        "port": int(_text("EMAIL_PORT", "25")),
        "username": _text("EMAIL_HOST_USER"),
        "password": _text("EMAIL_HOST_PASSWORD"),
        "use_tls": _flag("EMAIL_USE_TLS"),
        "timeout": 10,
    },
}
MAILERS = {
    "default": {
        "BACKEND": f"django.core.mail.backends.{_mail_backend}.EmailBackend",
        "OPTIONS": _MAIL_OPTIONS.get(_mail_backend, {}),
    }
}
DEFAULT_FROM_EMAIL = _text("DEFAULT_FROM_EMAIL", "no-reply@sync-for-genes.example")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- API ---------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "sharing.api.authentication.HashedTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "sharing.api.problems.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": "600/min", "anon": "60/min"},
}
SPECTACULAR_SETTINGS = {
    "TITLE": SITE_NAME,
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "DESCRIPTION": "Your own findings, agreements and shares; for staff, what was shared.",
    "ENUM_NAME_OVERRIDES": {
        "DeliveryStateEnum": "sharing.models.Delivery.State",
        "AgreementStateEnum": "consent.models.Agreement.State",
        "PackageKindEnum": "sharing.models.Package.Kind",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- Logs --------------------------------------------------------------------------------------

logs.configure()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"shape": {"()": "portal.logs.OnlyShape"}},
    "formatters": {"json": {"()": "portal.logs.formatter"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["shape"]}
    },
    "root": {"handlers": ["console"], "level": _text("LOG_LEVEL", "INFO")},
    # Each of these would repeat, or name people in, what our own lines say.
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "axes": {"level": "ERROR"},
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "httpcore2": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
    },
}
