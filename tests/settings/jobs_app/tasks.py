from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from procrastinate.contrib.django import app

from tacit.core import tasks as core_tasks
from tacit.core.jobs import job


@job("tests.take_long")
def take_long(folder: str) -> None:
    """The first time it begins, until it is killed; then at once."""
    first = not Path(folder, "begun").exists()
    Path(folder, "begun").touch()
    if first:
        time.sleep(600)
    Path(folder, "ended").touch()


async def leave_it(context: Any, timestamp: int) -> None:
    del context, timestamp


if not settings.TAKE_UP_STALLED:
    assert core_tasks.retry_stalled is app.tasks["core.retry_stalled"]
    app.tasks["core.retry_stalled"].func = leave_it
