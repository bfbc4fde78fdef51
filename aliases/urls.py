"""Addresses of the screens of aliases."""

from django.urls import path

from aliases import views

urlpatterns = [
    path("domains/<domain:domain>/aliases/", views.alias_list, name="alias_list"),
    path("domains/<domain:domain>/aliases/new/", views.alias_create, name="alias_create"),
    path("domains/<domain:domain>/aliases/new/check/", views.alias_check, name="alias_check"),
    path("aliases/<address:address>/", views.alias_detail, name="alias_detail"),
    path("aliases/<address:address>/edit/", views.alias_edit, name="alias_edit"),
    path("aliases/<address:address>/toggle/", views.alias_toggle, name="alias_toggle"),
    path("aliases/<address:address>/delete/", views.alias_delete, name="alias_delete"),
]
