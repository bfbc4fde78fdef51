from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "mailadmin.accounts"
    default_auto_field = "django.db.models.BigAutoField"
