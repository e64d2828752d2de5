"""Logs say nothing of anybody: personal data is put in at every entrance, and not found in what was logged.

It takes seconds, since it goes through all addresses there are, as whoever gets furthest.
"""

import io
import json
import logging

import pytest

from config import logs
from registry.models import Role
from tests.registry.clerks import desk_of, make_clerk
from tests.security import addresses

pytestmark = pytest.mark.django_db
NAME, PHONE, BIRTH, CODE, MAIL = "홍표지", "010-0000-9876", "1987-06-05", "918273", "pyoji@example.com"
TRACES = (NAME, PHONE, PHONE.replace("-", ""), "1000009876", BIRTH, "19870605", CODE, MAIL)
FIELDS = {
    **dict.fromkeys(("name", "username", "owner_name", "reason", "text", "answer", "q", "query", "title"), NAME),
    **dict.fromkeys(("phone", "number", "contact"), PHONE),
    **dict.fromkeys(("birth_date", "birth", "day"), BIRTH),
    **dict.fromkeys(("code", "otp_token", "password", "password1", "token", "key"), CODE),
    "email": MAIL,
    "scans": [NAME],
}  # fmt: skip


@pytest.fixture
def logged():
    """All that is logged from here on, as production writes it at LOG_LEVEL=INFO."""
    settings = logs.settings("INFO")["formatters"]["json"]
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(settings["()"](**{key: value for key, value in settings.items() if key != "()"}))
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel("INFO")
    quiet = {name: logging.getLogger(name).level for name in ("django", "psycopg", "django_structlog")}
    for name in quiet:
        logging.getLogger(name).setLevel("INFO")
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)
    for name, before in quiet.items():
        logging.getLogger(name).setLevel(before)


@pytest.mark.parametrize("half", [0, 1])
def test_it_keeps_what_comes_in_at_any_entrance_out_of_the_logs(logged, half):
    client = desk_of(make_clerk(Role.REGISTRAR, username="all", superuser=True))
    client.raise_request_exception = False
    told = client.post("/api/v1/verifications", json.dumps({"phone": PHONE}), "application/json")
    assert told.status_code in (202, 503)
    for address in addresses.every()[half::2]:
        path = address.path()
        if path.endswith("/logout/"):
            continue
        client.get(path, {"q": NAME, "phone": PHONE, "birth_date": BIRTH}, headers={"Referer": f"/?{PHONE}"})
        if path.startswith("/api/"):
            client.post(path, json.dumps(FIELDS), "application/json", headers={"Authorization": f"Bearer {CODE}"})
        else:
            client.post(path, {key: str(value) for key, value in FIELDS.items()})
    text = logged.getvalue()
    assert "request" in text  # something was logged at all
    assert {trace for trace in TRACES if trace in text} == set(), next(
        line for line in text.splitlines() if any(trace in line for trace in TRACES)
    )
