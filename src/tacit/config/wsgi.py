"""The WSGI application that granian (or any other server) runs."""

import os
from datetime import UTC, datetime

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tacit.config.settings")
application = get_wsgi_application()

from tacit.checkout import queries  # noqa: E402  needs Django
from tacit.config import erasures  # noqa: E402

erasures.refuse_while_due()  # whatever server loads this
queries.get_ready(datetime.now(UTC))
