"""The control: nobody takes up the jobs of a worker that died."""

from tests.settings.jobs import *  # noqa: F403

TAKE_UP_STALLED = False
