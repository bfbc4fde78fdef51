from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "mailadmin.core"
    default_auto_field = "django.db.models.BigAutoField"
