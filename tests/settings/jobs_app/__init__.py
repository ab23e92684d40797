"""One job that writes down that it began, takes as long as it is told, and writes down that it ended."""

from django.apps import AppConfig


class LongJobsConfig(AppConfig):
    name = "tests.settings.jobs_app"
    label = "long_jobs"
