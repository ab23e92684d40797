from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "tacit.web"
    label = "web"
