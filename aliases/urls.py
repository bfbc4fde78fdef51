"""Addresses of the screens of aliases."""

from django.urls import path

from aliases import own_views, views

urlpatterns = [
    path("account/aliases/", own_views.own_alias_list, name="own_alias_list"),
    path("account/aliases/new/", own_views.own_alias_create, name="own_alias_create"),
    path("account/aliases/new/check/", own_views.own_alias_check, name="own_alias_check"),
    path("account/aliases/<address:address>/", own_views.own_alias_edit, name="own_alias_edit"),
    path("account/aliases/<address:address>/toggle/", own_views.own_alias_toggle, name="own_alias_toggle"),
    path("account/aliases/<address:address>/delete/", own_views.own_alias_delete, name="own_alias_delete"),
    path("domains/<domain:domain>/aliases/", views.alias_list, name="alias_list"),
    path("domains/<domain:domain>/aliases/new/", views.alias_create, name="alias_create"),
    path("domains/<domain:domain>/aliases/new/check/", views.alias_check, name="alias_check"),
    path("aliases/<address:address>/", views.alias_detail, name="alias_detail"),
    path("aliases/<address:address>/edit/", views.alias_edit, name="alias_edit"),
    path("aliases/<address:address>/toggle/", views.alias_toggle, name="alias_toggle"),
    path("aliases/<address:address>/delete/", views.alias_delete, name="alias_delete"),
]
