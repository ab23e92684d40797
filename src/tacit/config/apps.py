from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "tacit.config"
    label = "config"

    def ready(self) -> None:
        from tacit.config.wiring import wire

        wire()
