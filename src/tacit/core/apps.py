from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "tacit.core"
    label = "core"
