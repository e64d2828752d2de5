"""What a process holds for some seconds does not reach the next test; proofs lie in a folder of the test's own."""

import pytest

from registry import policy
from tests.registry.conftest import _catcher, _simulator, simulator
from venues import manifest, revocations

__all__ = ["_catcher", "_simulator", "simulator"]


@pytest.fixture(autouse=True)
def fresh_process():
    for held in (policy, manifest, revocations):
        held.forget()
    yield
    for held in (policy, manifest, revocations):
        held.forget()


@pytest.fixture(autouse=True)
def document_folder(settings, tmp_path):
    kept = settings.STORAGES["documents"]
    options = kept["OPTIONS"] | {"location": str(tmp_path / "documents")}
    settings.STORAGES = settings.STORAGES | {"documents": kept | {"OPTIONS": options}}
    return tmp_path / "documents"
