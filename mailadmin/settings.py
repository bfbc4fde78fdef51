"""Settings, read from the environment or from `.env` beside manage.py. All of them are listed in docs/settings.md."""

import re
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from mailadmin.core.branding import check_link, check_logo, parse_accent
from mailadmin.core.passwords import MAX_HISTORY, check_breached_file, parse_mechanisms, parse_write_scheme
from mailadmin.environment import BASE_DIR, checked, env, flag, networks, number, sender, smtp_server, whole, zone
from mailadmin.mailserver import conf as mailserver

VAR_DIR = BASE_DIR / "var"


def env_secret_key() -> str:
    """Return SECRET_KEY from the environment, or from the file that `make run` writes under var/."""
    value: str = env.str("SECRET_KEY", default="")
    key_file = VAR_DIR / "secret_key"
    if not value and key_file.is_file():
        value = key_file.read_text().strip()
    if len(value) < 32:
        raise ImproperlyConfigured("SECRET_KEY is missing or shorter than 32 characters; see docs/settings.md.")
    return value


# MariaDB otherwise reads all mailboxes to tell the aliases among fifty addresses (exists_to_in), and all events of a
# domain and all of a person to show the newest of both (index_merge_intersection). MySQL skips the comment.
MYSQL_SESSION = (
    "SET sql_mode='STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'"
    "/*M!100000 , optimizer_switch='exists_to_in=off,index_merge_intersection=off' */"
)


def database() -> dict[str, Any]:
    """Return Django's database settings for DATABASE_URL, with what each engine needs to keep our promises."""
    config: dict[str, Any] = env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'mailadmin.sqlite3'}")
    options = config.setdefault("OPTIONS", {})
    if config["ENGINE"] == "django.db.backends.sqlite3":
        # WAL lets Postfix and Dovecot read while the panel writes; IMMEDIATE takes the write lock before any read.
        options.update(
            transaction_mode="IMMEDIATE",
            timeout=20,
            init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        )
    else:
        config.update(CONN_MAX_AGE=whole("CONN_MAX_AGE", 60), CONN_HEALTH_CHECKS=True)
    if config["ENGINE"] == "django.db.backends.mysql":
        options.setdefault("charset", "utf8mb4")
        # READ COMMITTED makes counts under the guard see what the previous holder committed.
        options.setdefault("isolation_level", "read committed")
        options.setdefault("init_command", MYSQL_SESSION)
    return config


def language(name: str, default: str) -> str:
    """Return a language of the panel from the environment; raises ImproperlyConfigured for one it does not speak."""
    value: str = env.str(name, default=default).lower()
    known = dict(LANGUAGES)
    if value not in known:
        raise ImproperlyConfigured(f"{name} is no language of the panel: {value}. There are {', '.join(known)}.")
    return value


def password_scheme() -> str:
    """Return the scheme of new passwords, "" where none is set; raises ImproperlyConfigured for an unknown one."""
    value: str = env.str("MAILADMIN_PASSWORD_SCHEME", default="")
    try:
        if value:
            parse_write_scheme(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"MAILADMIN_PASSWORD_SCHEME: {error}") from None
    return value


def vacation_way(text: str) -> str:
    """Return how vacation replies are delivered; raises ValueError for what is no way."""
    way = text.strip().lower() or "sieve"
    if way not in ("sieve", "transport"):
        raise ValueError(f"it can be sieve or transport: {text!r} is neither.")
    return way


def vacation_domain(text: str) -> str:
    """Return the domain of vacation entries, "" for none; raises ValueError for what is no domain's name."""
    name = text.strip().lower()
    if name and not re.fullmatch(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z][a-z0-9-]*", name):
        raise ValueError(f"{text!r} is no name of a domain, such as autoreply.example.org.")
    return name


# Each by its own name: whoever looks for it may read no other.
LANGUAGES = [
    ("de", "Deutsch"),
    ("en", "English"),
    ("es", "Español"),
    ("fr", "Français"),
    ("it", "Italiano"),
    ("pt-br", "Português (Brasil)"),
]

DEBUG = flag("DEBUG", default=False)
SECRET_KEY = env_secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    # Before django.contrib.auth, whose createsuperuser and changepassword it replaces.
    "mailadmin.accounts",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "mailadmin.core",
    "mailadmin.audit",
    "mailadmin.jobs",
    "mailadmin.sweep",
    "mailadmin.adopt",
    "domains",
    "aliases",
    "mailboxes",
    "mailadmin.two_table",
    "mailadmin.mailserver",
]

MIDDLEWARE = [
    # Before ALLOWED_HOSTS and HTTPS are asked for: see there.
    "mailadmin.mailprograms.middleware.MailProgramMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Tokens in pages are masked anew each time, and a random length is added: compression tells nothing of them.
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "mailadmin.core.language.LanguageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "mailadmin.accounts.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "mailadmin.urls"
WSGI_APPLICATION = "mailadmin.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            # The package itself is no app of ours: its tags draw an icon anew each time.
            "libraries": {"heroicons": "mailadmin.core.templatetags.cached_icons"},
            "builtins": ["mailadmin.core.templatetags.cached_urls"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
    {
        "NAME": "rows",
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"environment": "mailadmin.core.jinja.environment"},
    },
]

FORM_RENDERER = "mailadmin.core.widgets.PanelRenderer"

DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["mailadmin.accounts.backends.AccountBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "dashboard"

# Sessions and cookies. SECURE_COOKIES=0 is for plain HTTP on the loopback only; `make run` sets it.
SECURE_COOKIES = flag("SECURE_COOKIES", default=True)
SESSION_ENGINE = "mailadmin.accounts.sessions"
SESSION_COOKIE_NAME = "mailadmin_session"
SESSION_COOKIE_AGE = whole("SESSION_HOURS", 12, least=1) * 3600
SESSION_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "mailadmin_csrf"
CSRF_COOKIE_SECURE = SECURE_COOKIES
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "mailadmin.views.csrf_failure"
SECURE_SSL_REDIRECT = flag("SSL_REDIRECT", default=SECURE_COOKIES)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_TLS_PROXY", default=False) else None
SECURE_HSTS_SECONDS = whole("HSTS_SECONDS", 31536000 if SECURE_COOKIES else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = flag("HSTS_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = flag("HSTS_PRELOAD", default=False)
# Both are the owner's choice: they bind hosts that may not be ours.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# Uploads are not used yet; a form with a few hundred alias targets is far below this.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# Files that anybody sends along are read and dropped; by Django's own choice large ones would fill the disk.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or flag("PLAIN_STATIC", default=False)
        else "mailadmin.core.static_files.PanelStaticStorage"
    },
}

USE_TZ = True
TIME_ZONE = zone("TIME_ZONE", default="UTC")
USE_I18N = True
LANGUAGE_CODE = language("LANGUAGE_CODE", default="en")
FORMAT_MODULE_PATH = "mailadmin.core.formats"
LOCALE_PATHS = [BASE_DIR / "locale"]
# What a person chose on the sign-in page, for as long as browsers keep a cookie.
LANGUAGE_COOKIE_NAME = "mailadmin_language"
LANGUAGE_COOKIE_AGE = 400 * 24 * 3600

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "mailadmin.core.log_lines.MaskedFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False}},
}

# The panel itself
MAILADMIN_DB_TIME_ZONE = zone("MAILADMIN_DB_TIME_ZONE", default="")
MAILADMIN_PASSWORD_SCHEME = password_scheme()
MAILADMIN_CHALLENGE_MECHANISMS = checked("MAILADMIN_CHALLENGE_MECHANISMS", parse_mechanisms)
# None is on, but where an old panel reads the passwords too.
MAILADMIN_PASSWORD_REHASH = (
    flag("MAILADMIN_PASSWORD_REHASH", default=True) if env.str("MAILADMIN_PASSWORD_REHASH", default="") else None
)
MAILADMIN_PASSWORD_DEFAULT_SCHEME = env.str("MAILADMIN_PASSWORD_DEFAULT_SCHEME", default="")
MAILADMIN_PASSWORD_MIN_LENGTH = whole("MAILADMIN_PASSWORD_MIN_LENGTH", 10, most=255)
MAILADMIN_PASSWORD_MIN_STRENGTH = whole("MAILADMIN_PASSWORD_MIN_STRENGTH", 2, most=4)
MAILADMIN_PASSWORD_HISTORY = whole("MAILADMIN_PASSWORD_HISTORY", 0, most=MAX_HISTORY)
MAILADMIN_PASSWORD_BREACHED_FILE = checked("MAILADMIN_PASSWORD_BREACHED_FILE", check_breached_file)
MAILADMIN_QUOTA_MULTIPLIER = whole("MAILADMIN_QUOTA_MULTIPLIER", 1048576, least=1)
MAILADMIN_TRUSTED_PROXIES = networks("MAILADMIN_TRUSTED_PROXIES")
MAILADMIN_SIGNIN_FLOOR = number("MAILADMIN_SIGNIN_FLOOR", 0.5)
# At most a week.
MAILADMIN_LINK_HOURS = number("MAILADMIN_LINK_HOURS", 1, least=0.0001, most=168)
MAILADMIN_URL = checked("MAILADMIN_URL", check_link).rstrip("/")
MAILADMIN_SMTP_URL = smtp_server("MAILADMIN_SMTP_URL")
MAILADMIN_MAIL_FROM = sender("MAILADMIN_MAIL_FROM", needed=bool(MAILADMIN_SMTP_URL))
MAILADMIN_RECOVERY = flag("MAILADMIN_RECOVERY", default=True)
MAILADMIN_ADMIN_RECOVERY = flag("MAILADMIN_ADMIN_RECOVERY", default=False)
MAILADMIN_SUPPORT = env.str("MAILADMIN_SUPPORT", default="")
# Seconds: how long a silent worker keeps its job, how often an idle one looks, and what one waits between two chunks.
MAILADMIN_JOB_LEASE = number("MAILADMIN_JOB_LEASE", 60, least=0.1)
MAILADMIN_JOB_POLL = number("MAILADMIN_JOB_POLL", 1)
MAILADMIN_JOB_PAUSE = number("MAILADMIN_JOB_PAUSE", 0)
MAILADMIN_SWEEP_MINUTES = number("MAILADMIN_SWEEP_MINUTES", 10)

# White label
MAILADMIN_NAME = env.str("MAILADMIN_NAME", default="Mailadmin")
MAILADMIN_LOGO = checked("MAILADMIN_LOGO", lambda path: check_logo(path, BASE_DIR))
MAILADMIN_ACCENT = checked("MAILADMIN_ACCENT", parse_accent)
MAILADMIN_FOOTER_TEXT = env.str("MAILADMIN_FOOTER_TEXT", default="")
MAILADMIN_FOOTER_LINK = checked("MAILADMIN_FOOTER_LINK", lambda url: check_link(url, ("https", "http", "mailto")))
MAILADMIN_SIGNIN_TEXT = env.str("MAILADMIN_SIGNIN_TEXT", default="")
MAILADMIN_WEBMAIL_URL = checked("MAILADMIN_WEBMAIL_URL", check_link)

# Postfix and Dovecot: one setting for each field of mailserver.conf.MailServer.
globals().update(mailserver.from_environment(env))

# How vacation replies are delivered, and the domain of the alias entries that one of the ways needs.
MAILADMIN_VACATION = checked("MAILADMIN_VACATION", vacation_way)
MAILADMIN_VACATION_DOMAIN = checked("MAILADMIN_VACATION_DOMAIN", vacation_domain)
if MAILADMIN_VACATION == "transport" and not MAILADMIN_VACATION_DOMAIN:
    raise ImproperlyConfigured(
        "MAILADMIN_VACATION=transport needs MAILADMIN_VACATION_DOMAIN, such as autoreply.example.org."
    )
