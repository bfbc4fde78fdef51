"""Addresses of the screens of domains and alias domains."""

from django.urls import path

from domains import views

urlpatterns = [
    path("domains/", views.domain_list, name="domain_list"),
    path("domains/new/", views.domain_create, name="domain_create"),
    path("domains/<domain:domain>/", views.domain_detail, name="domain_detail"),
    path("domains/<domain:domain>/toggle/", views.domain_toggle, name="domain_toggle"),
]
