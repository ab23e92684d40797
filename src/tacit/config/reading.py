"""`python -m tacit.config.reading`: read all settings and wire the adapters; exit 1 saying what is wrong."""

import os
import sys

from tacit.config.environment import SettingError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tacit.config.settings")
    try:
        import django

        django.setup()
    except SettingError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
