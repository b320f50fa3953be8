"""Settings. Every value that a company may change comes from the environment: see .env.example."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
from celery.schedules import crontab
from csp.constants import NONE, SELF

from config import environment
from config.environment import BASE_DIR

django_stubs_ext.monkeypatch()

env = environment.read_environment()
PRODUCTION = environment.boolean(env, "PRODUCTION")
DEBUG = False
VAR_DIR = environment.data_folder(env)
SECRET_KEY = environment.secret_key(env, VAR_DIR, production=PRODUCTION)
ALLOWED_HOSTS = environment.allowed_hosts(env, production=PRODUCTION)

# What `make run` does: config/run.py
PORT = environment.whole_number(env, "PORT", 8000, 1, 65535)
BASE_URL = environment.base_url(env, ALLOWED_HOSTS, PORT, production=PRODUCTION)
CSRF_TRUSTED_ORIGINS = environment.trusted_origins(ALLOWED_HOSTS, BASE_URL, production=PRODUCTION)
DEMO = environment.boolean(env, "DEMO", default=True)

# What the company begins with, read once when its database is set up; /company/ changes it. Of the fiscal year, what is
# named here stays: accounts.company
COMPANY_NAME = environment.text(env, "COMPANY_NAME") or "Our company"
COMPANY_CURRENCY = environment.currency(env)
FISCAL_YEAR_START_MONTH = (
    environment.whole_number(env, "FISCAL_YEAR_START_MONTH", 1, 1, 12)
    if environment.text(env, "FISCAL_YEAR_START_MONTH")
    else None
)
FISCAL_YEAR_NAMED_BY = (
    environment.choice(env, "FISCAL_YEAR_NAMED_BY", ("end", "start"), "end")
    if environment.text(env, "FISCAL_YEAR_NAMED_BY")
    else None
)

INSTALLED_APPS = [
    "config.apps.TierboardAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "axes",
    "csp",
    "rules",
    "core",
    "accounts",
    "customers",
    "kpis",
    "initiatives",
    "scorecard",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "accounts.middleware.keep_private",
    "accounts.middleware.log_refusals",
    "accounts.middleware.tell_limits",
    "accounts.middleware.remember_caller",
    "accounts.middleware.read_once",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.addresses.ClosingSlash",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.write_for_reader",
    "accounts.bodies.limit_bodies",
    "accounts.middleware.SignInFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "axes.middleware.AxesMiddleware",
    "config.addresses.RefuseUnreadable",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.company",
                "scorecard.pages.bar.bar",
            ],
        },
    },
]

DATABASES = {"default": environment.database(env, VAR_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People and sign-in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "rules.permissions.ObjectPermissionBackend",
    "accounts.backends.PersonBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.TokensEnd"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_HANDLER = "accounts.guessing.GuessHandler"
# Beside the pair above: within AXES_COOLOFF_TIME, at one account from anywhere, and from one address at any account
# or token (an office behind one address has many people in it).
GUESSES_PER_ACCOUNT = 30
GUESSES_PER_ADDRESS = 50
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "old_password", "new_password1", "new_password2"]
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "accounts.signin.account"
AXES_CLIENT_IP_CALLABLE = "accounts.signin.client_ip"
PROXY_COUNT = environment.whole_number(env, "PROXY_COUNT", 0, 0, 9)
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_ENABLE_ADMIN = False
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_RESET_ON_SUCCESS = True

# What the browser may do
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        # Plotly positions what it draws with style attributes; scripts stay strict.
        "style-src-attr": ["'unsafe-inline'"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
SECURE_SSL_HOST = environment.secure_host(BASE_URL)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None

# Files
STATIC_URL = "/static/"
STATIC_ROOT = Path(environment.text(env, "STATIC_ROOT") or VAR_DIR.parent / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if environment.testing()
        else "config.static.PublicFiles",
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
# In each process's own memory, so that nobody else can put anything in: texts that scorecard.reading.caching keeps
# for as long as the tag of their state stands.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "texts": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "texts",
        "OPTIONS": {"MAX_ENTRIES": 24},
    },
    "counts": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "counts"},
}
MEDIA_ROOT = VAR_DIR / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
BODY_OF_STRANGERS = 64 * 1024
# Beside files, nobody sends more than the size above; by address: who may send more, and how much
BODY_BY_DOOR = {"/imports/": ("tierboard.load", 101 * 1024 * 1024)}
# The grid of targets posts a field for each of its cells
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
FILE_UPLOAD_TEMP_DIR = None

# Words and time
LANGUAGE_CODE = "en-gb"
USE_I18N = True
USE_TZ = True
TIME_ZONE = environment.time_zone(env)

# Mail: files under var/ unless EMAIL_URL names a server
_mail = environment.mail(env, VAR_DIR)
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_FILE_PATH = _mail.get("EMAIL_FILE_PATH")
EMAIL_HOST = _mail.get("EMAIL_HOST", "localhost")
EMAIL_PORT = _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = bool(_mail.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(_mail.get("EMAIL_USE_SSL"))
EMAIL_TIMEOUT = 20
KPI_MAIL_DAY = environment.whole_number(env, "KPI_MAIL_DAY", 5, 1, 28)
DEFAULT_FROM_EMAIL = environment.text(env, "MAIL_FROM") or "tierboard@localhost"

# Work in the background
CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = environment.broker(env, VAR_DIR)
# No results are kept: nothing reads them, and one that cannot be stored would be a failure outside of its task.
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_EXPIRES = None  # or the scheduler would have them cleared away each night
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever: a queue that is back is found without anybody's help
# What a worker still does when the queue comes back takes none of the places in its queue: those may be lost work.
CELERY_WORKER_ENABLE_PREFETCH_COUNT_REDUCTION = False
CELERY_WORKER_SEND_TASK_EVENTS = False
# A folder as broker serves one light worker, which nobody commands from afar.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = CELERY_BROKER_URL != environment.FILE_BROKER
EMBEDDED_WORKER_OPTIONS = ["--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle"]
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat")
CELERY_BEAT_SCHEDULER = "config.schedule:SteadyScheduler"
# A wake does nothing where nothing is touched; one that nobody took in time has successors. Clocks of two machines
# may differ by some minutes, so not at once.
_WAKE = {"task": "kpis.tasks.wake_rollup", "options": {"expires": 600}}
CELERY_BEAT_SCHEDULE = {
    # Twice as often as a silent run is sent again: so what an outage cut short is done two minutes after its end.
    "wake the rollup": {**_WAKE, "schedule": timedelta(seconds=30)},
    "roll up every night": {**_WAKE, "schedule": crontab(hour=0, minute=10)},
    "roll up at month's end": {**_WAKE, "schedule": crontab(day_of_month="1", hour=0, minute=1)},
    "send mails": {"task": "accounts.tasks.send_mails", "options": {"expires": 60}, "schedule": crontab()},
    # a short look; what is another since the last one, also because a day began or a worker was killed
    "compare cells": {
        "task": "scorecard.tasks.write_transitions",
        "options": {"expires": 30},
        "schedule": timedelta(seconds=30),
    },
    # what a lost message or a killed worker left
    "carry jobs on": {
        "task": "accounts.tasks.carry_on_jobs",
        "options": {"expires": 30},
        "schedule": timedelta(seconds=30),
    },
    "forget jobs": {
        "task": "accounts.tasks.forget_jobs",
        "options": {"expires": 1800},
        "schedule": crontab(minute=50),
    },
    "forget answers": {
        "task": "accounts.tasks.forget_answers",
        "options": {"expires": 1800},
        "schedule": crontab(minute=40),
    },
    "warn of tokens that end": {
        "task": "accounts.tasks.warn_of_tokens",
        "options": {"expires": 3600},
        "schedule": crontab(hour=6, minute=15),
    },
    # whose hour has come, in the company's time zone; and what turned for the better
    "remind": {"task": "initiatives.tasks.remind", "options": {"expires": 240}, "schedule": crontab(minute="*/5")},
    # an edition is told soon after it was signed; a person who has it already is left alone
    "write digests": {
        "task": "scorecard.tasks.write_digests",
        "options": {"expires": 240},
        "schedule": crontab(minute="*/5"),
    },
    # a short look; minutes of work where a month has ended or facts changed
    "make warnings": {
        "task": "scorecard.tasks.make_warnings",
        "options": {"expires": 300},
        "schedule": crontab(minute="*/5"),
    },
    # once the day has come that the company chose, in its time zone; a person who was written to is left alone
    "remind owners of KPIs": {
        "task": "kpis.tasks.remind",
        "options": {"expires": 1800},
        "schedule": crontab(minute=25),
    },
    "purge events": {"task": "kpis.tasks.purge_events", "schedule": crontab(hour=3, minute=20)},
    # a short look: what was tested since a month ended and since the last rollup is left alone
    "test links": {"task": "kpis.tasks.check_links", "options": {"expires": 540}, "schedule": timedelta(minutes=10)},
    "nominate turnarounds": {"task": "initiatives.tasks.nominate", "schedule": crontab(hour=4, minute=30)},
}

# The API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.permissions.HasRight"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.parsers.PlainJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "core.schema.PlainSchema",
    "DEFAULT_THROTTLE_CLASSES": ["core.limits.PersonThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": "1200/min"},
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    "DEFAULT_FILTER_BACKENDS": ["core.filters.Filters"],
    "EXCEPTION_HANDLER": "core.problems.problem_handler",
    "PAGE_SIZE": 100,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tierboard",
    "DESCRIPTION": "The customer scorecard: targets and actuals by customer tier.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    # a list of resources that opens at once: each shows its calls when it is chosen
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "docExpansion": "none", "defaultModelsExpandDepth": -1},
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "StatusEnum": "kpis.choices.Status",
        "TargetStateEnum": "kpis.choices.TargetState",
        "KpiStateEnum": "kpis.choices.KpiState",
        "LinkStageEnum": "kpis.choices.LinkStage",
        "LinkStateEnum": "kpis.choices.LinkState",
        "WayEnum": ("higher", "lower"),
        "ScorecardStateEnum": ("open", "closed", "differs"),
        "BusinessUnitKindEnum": "accounts.choices.UnitKind",
        "LifecycleKindEnum": "customers.choices.LifecycleKind",
        "BenefitKindEnum": "initiatives.choices.BenefitKind",
        "MomentStageEnum": "initiatives.choices.MomentStage",
        "StageEnum": "initiatives.choices.Stage",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.examples.add_examples",
        "core.schema.tell_of_bodies",
        "core.schema.tell_of_empty",
        "core.schema.tell_of_keys",
    ],
}

LOG_LEVEL = environment.choice(env, "LOG_LEVEL", ("debug", "info", "warning", "error"), "info")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"outages": {"()": "core.outages.OneLine"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["outages"]}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL.upper()},
    "loggers": {
        "axes": {"level": "WARNING"},
        "celery": {"level": "DEBUG" if LOG_LEVEL == "debug" else "WARNING"},
        "django.request": {"level": "ERROR"},
        "pikepdf": {"level": "WARNING"},
        "kombu": {"level": "ERROR"},  # warns that a folder has no host name
    },
}
