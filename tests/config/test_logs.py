"""Logs tell what went wrong and where, and of nobody."""

import json
import logging

from config import logs


def look_up(name: str, code: str) -> None:
    raise RuntimeError(f"no luck with {len(name + code)} letters")


def test_it_keeps_names_numbers_and_codes_out_of_the_trace_of_an_error():
    formatter = logs.settings("WARNING")["formatters"]["json"]
    record = logging.LogRecord("config", logging.ERROR, __file__, 1, "broken", None, None)
    try:
        look_up("홍길동", "123456")
    except RuntimeError as error:
        record.exc_info = (type(error), error, error.__traceback__)
    line = formatter["()"](**{key: value for key, value in formatter.items() if key != "()"}).format(record)
    assert json.loads(line)["exception"][0]["frames"][-1]["name"] == "look_up"
    assert "홍길동" not in line
    assert "123456" not in line


def test_it_keeps_the_keys_of_invitations_out_of_the_addresses_it_tells():
    told = logs.without_persons(None, "info", {"request": "POST /owner/join/abc-DEF_123/", "ip": "192.0.2.1"})
    assert told == {"request": "POST /owner/join/…/"}
    for address in ("/admin/join/abc-DEF_123/", "/admin/new-password/MTI/abc-def/"):
        told = logs.without_persons(None, "info", {"request": f"GET {address}"})
        assert "…" in told["request"] and "abc" not in told["request"]
