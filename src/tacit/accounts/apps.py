from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "tacit.accounts"
    label = "accounts"
