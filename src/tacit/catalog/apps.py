from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "tacit.catalog"
    label = "catalog"
