"""The panel's settings with nothing but session and sign-in."""

from mailadmin.settings import *  # noqa: F403

SESSION_ENGINE = "django.contrib.sessions.backends.db"
ROOT_URLCONF = "tests.bench.floor"
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
