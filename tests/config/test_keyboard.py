"""The desk's keys: those of one's own desks, listed on a page and told to the script."""

import json
import re

import pytest

from registry.models import Role
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db


def test_keys_lead_to_the_desks_of_the_role_and_the_page_lists_them():
    client = desk_of(make_clerk(Role.REGISTRAR))
    page = client.get("/admin/keyboard/").content.decode()
    told = json.loads(re.search(r'<script id="shortcuts" type="application/json">(.*?)</script>', page)[1])
    assert told["g p"] == "/admin/registry/citizen/" and told["?"] == "/admin/keyboard/" and "g l" not in told
    for keys, address in told.items():
        assert client.get(address).status_code == 200
        assert f"<kbd>{keys}</kbd>" in page


def test_a_stranger_gets_no_keys(client):
    assert client.get("/admin/keyboard/").status_code == 302
