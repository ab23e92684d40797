from django.apps import AppConfig


class CheckoutConfig(AppConfig):
    name = "tacit.checkout"
    label = "checkout"
