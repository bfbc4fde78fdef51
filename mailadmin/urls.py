"""Every address of the panel."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from mailadmin import search_views, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.dashboard, name="dashboard"),
    path("healthz", views.healthz, name="healthz"),
    path("search/", search_views.search, name="search"),
    *(
        path("", include(f"{app}.urls"))
        for app in ("mailadmin.accounts", "mailadmin.audit", "domains", "mailboxes", "aliases")
        if find_spec(f"{app}.urls")
    ),
]
