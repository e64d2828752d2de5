"""The pages that describe the interface stand under the same content policy as all others."""

import re

import pytest

pytestmark = pytest.mark.django_db


def test_it_has_no_script_inline(client):
    page = client.get("/api/docs/").content.decode()
    assert not re.search(r"<script>", page)
    [own] = re.findall(r'<script src="(/api/docs/[^"]*)"', page)
    script = client.get(own.replace("&amp;", "&"))
    assert script["Content-Type"].startswith("application/javascript")
