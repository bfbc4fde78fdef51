"""Addresses of the screens of domains and alias domains."""

from django.urls import include, path

from domains import admin_views, views
from domains import alias_domain_views as alias

# /domains/<domain>/
domain_urls = [
    path("", views.domain_detail, name="domain_detail"),
    path("toggle/", views.domain_toggle, name="domain_toggle"),
    path("delete/", views.domain_delete, name="domain_delete"),
    path("settings/", views.domain_settings, name="domain_settings"),
    path("rules/", views.domain_rules, name="domain_rules"),
    path("log/", views.domain_log, name="domain_log"),
    path("admins/", admin_views.domain_admins, name="domain_admins"),
    path("admins/revoke/", admin_views.domain_admin_revoke, name="domain_admin_revoke"),
    path("alias-domains/", alias.alias_domain_list, name="alias_domain_list"),
    path("alias-domains/new/", alias.alias_domain_create, name="alias_domain_create"),
    path("alias-domains/<domain:alias_domain>/", alias.alias_domain_edit, name="alias_domain_edit"),
    path("alias-domains/<domain:alias_domain>/toggle/", alias.alias_domain_toggle, name="alias_domain_toggle"),
    path("alias-domains/<domain:alias_domain>/delete/", alias.alias_domain_delete, name="alias_domain_delete"),
]

urlpatterns = [
    path("domains/", views.domain_list, name="domain_list"),
    path("domains/new/", views.domain_create, name="domain_create"),
    path("domains/new/check/", views.domain_create_check, name="domain_create_check"),
    path("domains/<domain:domain>/", include(domain_urls)),
]
