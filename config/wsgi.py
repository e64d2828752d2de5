"""The WSGI entrance that granian serves."""

import gc
import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django = get_wsgi_application()

# A thread that computes hands over after so long to one that could go on. With Python's five milliseconds a scan would
# wait so long after every answer of the database, which beside busy threads would be most of its time.
sys.setswitchinterval(0.0005)

from config import environment as env  # noqa: E402
from config.identity import bury_the_dead, refuse_swapped  # noqa: E402 -- needs the apps to be loaded
from config.warming import warm  # noqa: E402
from gate.entrance import Entrance  # noqa: E402
from gate.process import prepare  # noqa: E402

refuse_swapped()
bury_the_dead()
prepare()
warm(django)
os.nice(env.number("WEB_NICE", 0))
application = Entrance(django)

# What was loaded stays: to look it over for garbage holds up every thread for a tenth of a second, now and then.
gc.collect()
gc.freeze()
