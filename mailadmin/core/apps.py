from django.apps import AppConfig
from django.urls import register_converter

from mailadmin.core.converters import AddressConverter, DomainConverter


class CoreConfig(AppConfig):
    name = "mailadmin.core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register_converter(DomainConverter, "domain")
        register_converter(AddressConverter, "address")
