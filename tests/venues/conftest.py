"""What a process holds for some seconds does not reach the next test."""

import pytest

from registry import policy
from venues import manifest, revocations


@pytest.fixture(autouse=True)
def fresh_process():
    for held in (policy, manifest, revocations):
        held.forget()
    yield
    for held in (policy, manifest, revocations):
        held.forget()
