from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from gate import process
from registry.models import Provider, Role, User
from tests.registry.apps import App
from tests.registry.catcher import Catcher
from tests.registry.clerks import make_clerk
from tests.registry.simulators import KEY, KEYS, Simulator


@pytest.fixture(scope="session")
def _catcher() -> Iterator[Catcher]:
    catcher = Catcher()
    yield catcher
    catcher.shutdown()
    catcher.server_close()


@pytest.fixture(scope="session")
def _simulator(_catcher: Catcher) -> Iterator[Simulator]:
    simulator = Simulator(_catcher.address)
    yield simulator
    simulator.stop()
    simulator.client.close()


@pytest.fixture
def simulator(_simulator: Simulator, settings) -> Iterator[Simulator]:
    """The SMS provider of this test: a process of its own, well-behaved at the start, running again at the end."""
    settings.SMS_HTTP_URL, settings.SMS_HTTP_KEY = _simulator.address, KEY
    _simulator.behave("ok")
    yield _simulator
    if _simulator.process.poll() is not None:
        _simulator.start()


@pytest.fixture
def receipts(_catcher: Catcher, simulator: Simulator, settings) -> Iterator[Catcher]:
    """Where the providers of this test send their receipts, to be handed on by the test."""
    for name, value in KEYS.items():
        setattr(settings, name, value)
    settings.SITE_URL = _catcher.address
    _catcher.caught.clear()
    yield _catcher
    simulator.behave("ok", receipts="none")


@pytest.fixture
def providers(db: None, receipts: Catcher, simulator: Simulator, settings) -> dict[str, Provider]:
    """All three kinds, at the simulator: http, twilio, solapi."""
    settings.SMS_TWILIO_URL, settings.SMS_TWILIO_FROM = f"{simulator.address}/twilio", "+821000000000"
    settings.SMS_SOLAPI_URL, settings.SMS_SOLAPI_FROM = f"{simulator.address}/solapi", "01000000000"
    for kind in Provider.Kind.values:
        Provider.objects.get_or_create(name=kind, defaults={"kind": kind, "settings": f"SMS_{kind.upper()}"})
    return {provider.name: provider for provider in Provider.objects.all()}


@pytest.fixture
def service(db: None) -> User:
    """A clerk of the service, who lets partner apps in."""
    return make_clerk(Role.SERVICE)


@pytest.fixture
def app(service: User) -> App:
    return App(service)


@pytest.fixture(autouse=True)
def nobody_waits(settings) -> Iterator[None]:
    """What is tested here lies behind the gate, which has tests of its own and would hold the crowd that a test is."""
    settings.GATE_ADMISSION = frozenset()
    at = process.lookout()
    rules, at.rules = at.rules, replace(at.rules, limits=dict.fromkeys(at.rules.limits, 100))
    yield
    at.rules = rules
