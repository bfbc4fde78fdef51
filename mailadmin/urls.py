"""Every address of the panel."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from mailadmin import brand_views, search_views, styleguide_views, views

handler500 = "mailadmin.error_views.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.dashboard, name="dashboard"),
    path("brand.css", brand_views.brand_css, name="brand_css"),
    path("brand/logo", brand_views.brand_logo, name="brand_logo"),
    path("healthz", views.healthz, name="healthz"),
    path("search/", search_views.search, name="search"),
    path("search/panel/", search_views.search_panel, name="search_panel"),
    path("", include("mailadmin.accounts.urls")),
    path("", include("mailadmin.audit.urls")),
    path("", include("mailadmin.jobs.urls")),
    path("", include("mailadmin.mailprograms.urls")),
    path("", include("domains.urls")),
    path("", include("mailboxes.urls")),
    path("", include("aliases.urls")),
]

if settings.DEBUG:
    urlpatterns.append(path("styleguide/", styleguide_views.styleguide, name="styleguide"))
