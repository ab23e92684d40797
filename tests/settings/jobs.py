"""The shop with a job that takes long, for workers that are killed in the middle of it."""

from tacit.config.settings import *  # noqa: F403
from tacit.config.settings import INSTALLED_APPS as _APPS

INSTALLED_APPS = [*_APPS, "tests.settings.jobs_app.LongJobsConfig"]
TAKE_UP_STALLED = True
