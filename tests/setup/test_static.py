"""Collected static files: what demo, tests, drills and benches have collected is shared, as long as it is whole."""

import json
from pathlib import Path

import pytest

from config.local import prepare


@pytest.fixture
def neighbour(tmp_path: Path, settings) -> Path:
    """What somebody else has collected."""
    settings.STATIC_ROOT = str(tmp_path / "ours-static")
    other = tmp_path / "other-static"
    (other / "css").mkdir(parents=True)
    (other / "css" / "page.1234.css").write_text("p {}")
    (other / "staticfiles.json").write_text(json.dumps({"paths": {"css/page.css": "css/page.1234.css"}}))
    (other / ".munjigi").write_text(prepare.static_fingerprint())
    return other


def test_it_takes_over_what_was_collected_beside_it(neighbour, settings):
    prepare.static()
    ours = Path(settings.STATIC_ROOT)
    assert prepare.static_is_fresh(ours) and (ours / "css" / "page.1234.css").read_text() == "p {}"
    (neighbour / "css" / "page.1234.css").unlink()
    assert prepare.static_is_fresh(ours), "a name that the neighbour removes stays here"


def test_it_takes_over_nothing_that_is_old_or_not_whole(neighbour, settings):
    (neighbour / "css" / "page.1234.css").unlink()
    assert not prepare._taken_over(Path(settings.STATIC_ROOT))
    (neighbour / "css" / "page.1234.css").write_text("p {}")
    (neighbour / ".munjigi").write_text("before")
    assert not prepare._taken_over(Path(settings.STATIC_ROOT))
