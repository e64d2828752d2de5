"""The WSGI entrance that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from config.identity import refuse_swapped  # noqa: E402 -- needs the apps to be loaded
from gate.process import prepare  # noqa: E402

refuse_swapped()
prepare()
