"""Settings, read from the environment; a missing or unsafe value stops the start and says which.

Every variable is documented in ``.env.example``. In a checkout whose demo is running, values that the
environment does not set come from that demo, so any ``manage.py`` command reaches its servers.
"""

import ipaddress
import os
import zoneinfo
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from clinic import stores
from clinic.local.state import environment

BASE_DIR = Path(__file__).resolve().parent.parent

for key, value in environment().items():
    os.environ.setdefault(key, value)
env = environ.Env()

DEMO = env.bool("DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is not set: give it 50 or more random characters.")
if not (DEBUG or DEMO) and ("*" in ALLOWED_HOSTS or not ALLOWED_HOSTS):
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts that are served; “*” or none is unsafe.")

# real second, simulated second, speed: see clinic.clock
DEMO_CLOCK = (0.0, 0.0, 1.0)
if DEMO and env.str("DEMO_CLOCK", default=""):
    _real, _simulated, _speed = (float(part) for part in env.str("DEMO_CLOCK").split(","))
    DEMO_CLOCK = (_real, _simulated, _speed)

DATABASE_URL = env.str("DATABASE_URL", default="")
if not DATABASE_URL:
    raise ImproperlyConfigured(
        "DATABASE_URL is not set: name a PostgreSQL 15 or later, such as postgresql://user@host:5432/vigil, "
        "or run through `make demo` or `make test`, which bring their own."
    )
if urlsplit(DATABASE_URL).scheme not in {"postgresql", "postgres"}:
    raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://; no other database is supported.")
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "clinic",
    "sessions",
    "vitals",
    "reports",
    "screens",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "clinic.middleware.MembershipMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"
ASGI_APPLICATION = "clinic.asgi.application"

# What the ASGI front answers itself; everything else is Django under WSGI. Dotted names, so that the
# wiring never becomes an import of an app that stands above this one.
NATIVE_ROUTES = {
    "/live/": "vitals.live.stream.application",
    "/api/v1/readings/": "vitals.doors.readings.application",
    "/livez": "vitals.doors.health.application",
}
WSGI_THREADS = env.int("WSGI_THREADS", default=12)

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "clinic.middleware.staff_context",
            ],
        },
    },
]

DATABASES = {
    "default": {
        **env.db_url_config(DATABASE_URL),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            "pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL", default=12), "timeout": 10},
            "application_name": "vigil",
            # an ingest that waits longer than this for a lock answers 503 and is sent again
            "options": "-c lock_timeout=5s -c idle_in_transaction_session_timeout=30s",
        },
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "clinic.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
# Behind TLS (see docs/deploy.md) cookies never leave it; the demo and development are plain localhost.
BEHIND_TLS = env.bool("BEHIND_TLS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
if BEHIND_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576

LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"  # inside; each clinic's own zone is on its row and on its screens
NEW_CLINIC_TIME_ZONE = env.str("TIME_ZONE", default="America/New_York")
if NEW_CLINIC_TIME_ZONE not in zoneinfo.available_timezones():
    raise ImproperlyConfigured(f"TIME_ZONE={NEW_CLINIC_TIME_ZONE} is not a zone such as America/New_York.")

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "clinic.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["clinic.access.IsMember"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "clinic.api.answer_refusal",
    "STRICT_JSON": True,  # no NaN, no Infinity: they cross no limit
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "ENUM_NAME_OVERRIDES": {
        "VitalEnum": "vitals.api.limit_sets.VITALS",
        "DirectionEnum": "vitals.api.limit_sets.DIRECTIONS",
    },
    "TITLE": "Vigil",
    "DESCRIPTION": "Infusion-session monitoring: sessions, readings, flags and live boards.",
    "VERSION": "v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- messages to patients: see sessions.messages. Printed where no mail server is named.
vars().update(env.email_url_config(env.str("EMAIL_URL", default="") or "consolemail://"))
EMAIL_TIMEOUT = 10  # a mail server that does not answer holds one task, not the worker
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="") or "vigil@localhost"
SMS_BACKEND = env.str("SMS_BACKEND", default="")
# where patients reach the links they are sent; without it none is sent
PUBLIC_URL = env.str("PUBLIC_URL", default="") or env.str("DEMO_URL", default="")

POLL_EVERY_S = env.float("POLL_EVERY_S", default=5.0)
# Networks whose monitors may be polled. An address outside them is refused before any connection.
MONITOR_NETWORKS = [
    ipaddress.ip_network(network)
    for network in env.list(
        "MONITOR_NETWORKS",
        default=["127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
    )
]

# --- notifications to staff and webhooks: see vitals.services.notifying
# Networks beside the public internet that webhooks and push services may lie in; none by default, so that
# nobody who types an address reaches inside.
NOTIFY_NETWORKS = [ipaddress.ip_network(network) for network in env.list("NOTIFY_NETWORKS", default=[])]
# Seconds until each further try; after the last one a notification is dead, and shown.
NOTIFY_BACKOFF_S = [
    float(seconds) for seconds in env.list("NOTIFY_BACKOFF_S", default=[5, 30, 120, 600, 3600])
]
NOTIFY_EVERY_S = env.float("NOTIFY_EVERY_S", default=2.0)

# --- long jobs: exports, and limits tried on past sessions
# Seconds of silence after which another worker takes a job up: more than its longest step takes.
JOB_LEASE_S = env.float("JOB_LEASE_S", default=60.0)
# Seconds between two offers of the jobs that nobody has.
JOB_OFFER_EVERY_S = env.float("JOB_OFFER_EVERY_S", default=15.0)

# --- exports: where a worker has its parts while it is at one, and where finished files lie for all hosts
EXPORT_DIR = env.path("EXPORT_DIR", default=str(BASE_DIR / "var" / "exports"))
EXPORT_WORK_DIR = str(EXPORT_DIR.path("work"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "exports": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(EXPORT_DIR.path("files")), "file_permissions_mode": 0o600},
    },
}
# where scheduled exports are left: see clinic.stores
try:
    _stores = stores.parsed(env.str("EXPORT_STORES", default=""))
except ValueError as error:
    raise ImproperlyConfigured(f"EXPORT_STORES: {error}") from error
EXPORT_STORES = tuple(_stores)
STORAGES |= {stores.alias(name): storage for name, storage in _stores.items()}

# --- Celery. Every task may run twice; none is clinical: see clinic.celery
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "UTC"  # UTC intervals only: beat has skipped and doubled runs at daylight saving
CELERY_TASK_ACKS_LATE = True  # a killed worker's task comes back
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # Redis may be away for hours; the worker waits
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,  # tasks are short; redelivery comes some multiple later
    "socket_connect_timeout": 2,
    "health_check_interval": 25,
}
# exports have a worker of their own: what takes minutes holds up no poll and no notification
CELERY_TASK_ROUTES = {"reports.tasks.*": {"queue": "exports"}}
CELERY_BEAT_SCHEDULE = {
    "poll connected monitors": {
        "task": "vitals.tasks.poll_monitors",
        "schedule": POLL_EVERY_S,
        "options": {"expires": POLL_EVERY_S},  # a poll that waited a whole interval is stale
    },
    "offer the notifications that are due": {
        "task": "vitals.tasks.offer_notifications",
        "schedule": NOTIFY_EVERY_S,
        "options": {"expires": NOTIFY_EVERY_S},
    },
    "show that beat, broker and worker are alive": {
        "task": "vitals.tasks.show_alive",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "send the check-ins that are due": {
        "task": "sessions.tasks.send_follow_ups",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "go on with replays of limits that no worker has": {
        "task": "vitals.tasks.offer_replays",
        "schedule": JOB_OFFER_EVERY_S,
        "options": {"expires": JOB_OFFER_EVERY_S},
    },
    "go on with exports that no worker has": {
        "task": "reports.tasks.offer_exports",
        "schedule": JOB_OFFER_EVERY_S,
        "options": {"expires": JOB_OFFER_EVERY_S},
    },
    "make the exports of weeks and months that are over, and leave them in their stores": {
        "task": "reports.tasks.run_export_schedules",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "remove exports whose links have expired": {
        "task": "reports.tasks.remove_expired_exports",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "make the partitions of the next months": {
        "task": "vitals.tasks.make_partitions",
        "schedule": 6 * 3600.0,
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    # httpx logs each address it calls; a poll every few seconds would drown the rest
    "loggers": {"httpx": {"level": "WARNING"}, "httpcore": {"level": "WARNING"}},
}
