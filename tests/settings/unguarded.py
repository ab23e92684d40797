"""The shop with its stock guard replaced by read-then-write: the control of every race over stock."""

from tacit.config.settings import *  # noqa: F403
from tacit.config.settings import INSTALLED_APPS as _APPS

INSTALLED_APPS = [*_APPS, "tests.settings.unguarded_app.UnguardedConfig"]
