"""The real settings, and beside them the floor that `bench.scan` is measured against."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "rest_framework.authtoken", "bench"]
ROOT_URLCONF = "bench.urls"
