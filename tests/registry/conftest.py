from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.registry.simulators import KEY, Simulator


@pytest.fixture(scope="session")
def _simulator() -> Iterator[Simulator]:
    simulator = Simulator()
    yield simulator
    simulator.stop()


@pytest.fixture
def simulator(_simulator: Simulator, settings) -> Iterator[Simulator]:
    """The SMS provider of this test: a process of its own, well-behaved at the start, running again at the end."""
    settings.SMS_HTTP_URL, settings.SMS_HTTP_KEY = _simulator.address, KEY
    _simulator.behave("ok")
    yield _simulator
    if _simulator.process.poll() is not None:
        _simulator.start()
