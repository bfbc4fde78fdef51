from django.apps import AppConfig


class AdoptConfig(AppConfig):
    name = "mailadmin.adopt"
