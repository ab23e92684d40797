from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "tacit.api"
    label = "api"
