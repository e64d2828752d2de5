"""Every address of every app, tried by everybody: it opens to those whom table.py names, and to nobody else."""

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import RequestFactory
from django.urls import resolve

from tests.security import addresses, table
from tests.security.examples import Examples

pytestmark = pytest.mark.django_db
TABLE = table.everything()
ROUTES = {address.called: address for address in addresses.every()}
DESK = [key for key in TABLE if key.startswith(("admin:", "admin/"))]
PORTAL = [key for key in TABLE if key.startswith("owner:")]
API = [key for names in table.API.values() for key in names.split()]
OPEN = [key for key in TABLE if key not in {*DESK, *PORTAL, *API}]
QUERIES = {"admin:autocomplete": "?app_label=venues&model_name=venue&field_name=operator&term="}
LOOKS = tuple(f"_{name}" for name in table.LOOK.split())
LAST = ("admin:logout!", "owner:sign-out!")
SIGN_INS = ("/admin/login/?next=", "/owner/sign-in/?next=")
# Open, and yet there is nothing: no such invitation, no list or filter named.
NOT_THERE = {"admin:join", "admin:save_filter!", "admin:forget_filter!"}


@pytest.fixture
def examples(settings, tmp_path):
    kept = settings.STORAGES["documents"]
    options = kept["OPTIONS"] | {"location": str(tmp_path)}
    settings.STORAGES = settings.STORAGES | {"documents": kept | {"OPTIONS": options}}
    settings.MASTER_KEYS_BEFORE = [settings.MASTER_KEY]  # there is something to encrypt anew
    return Examples()


def at_the_desk(user):
    """A clerk who asks the views of the resolver themselves, signed in and with a second factor, and never has a page
    rendered: whether a door opens is known before, and there are two thousand of them."""
    user.is_verified = lambda: True

    def knock(method: str, path: str):
        request = RequestFactory().generic(method, path)
        request.user, request.session, request._dont_enforce_csrf_checks = user, SessionStore(), True
        request._messages = FallbackStorage(request)
        request.resolver_match = match = resolve(request.path)
        try:
            return told(match.func(request, *match.args, **match.kwargs))
        except PermissionDenied:
            return 403
        except Http404:
            return 404

    return knock


def with_browser(client):
    return lambda method, path: told(client.generic(method, path))


def told(response) -> int | str:
    """The status, or "sign in" where it leads there."""
    return "sign in" if response.headers.get("Location", "").startswith(SIGN_INS) else response.status_code


def is_shut(status) -> bool:
    return status in ("sign in", 401, 403, 404, 405)


def is_shut_well(status, actor: str, key: str, method: str) -> bool:
    """The portal leads to its sign-in, or says that there is nothing: a stranger does not learn what there is."""
    if key not in PORTAL or (method == "POST" and not key.endswith("!")):
        return is_shut(status)
    return status == ("sign in" if actor == table.ANONYMOUS else 404)


def wrong(knock, actor: str, keys: list[str], examples: Examples) -> dict[str, int | str]:
    """The addresses that answer this actor otherwise than the table says, with what they answered. Those that are shut
    to a GET are tried by POST as well."""
    found = {}
    for key in sorted(keys, key=LAST.__contains__):
        may = actor in TABLE[key]
        path = ROUTES[key.removesuffix("!")].path(**examples.of(key)) + QUERIES.get(key, "")
        for method in methods(key, may):
            status = knock(method, path)
            absent = status == 404 and key in NOT_THERE
            right = absent or not is_shut(status) if may else is_shut_well(status, actor, key, method)
            if not right:
                found[f"{method} {key}"] = status
    return found


def methods(key: str, may: bool) -> list[str]:
    """A deed that is shut to somebody is shut to what is sent as well."""
    if key.endswith("!"):
        return ["POST"]
    deed = not key.endswith(LOOKS) and f"{key}!" not in TABLE
    return ["GET"] if may or not deed else ["GET", "POST"]


def test_the_table_names_every_address_and_none_besides():
    assert {key.removesuffix("!") for key in TABLE} == set(ROUTES)
    assert len(ROUTES) == len(addresses.every())


def test_it_opens_to_strangers_what_is_public_and_nothing_else(client, examples):
    assert wrong(with_browser(client), table.ANONYMOUS, [*OPEN, *PORTAL, *DESK], examples) == {}


@pytest.mark.parametrize("actor", table.PORTAL)
def test_it_opens_to_owners_and_their_staff_what_is_theirs(client, examples, actor):
    client.force_login(examples.people[actor], backend="django.contrib.auth.backends.ModelBackend")
    assert wrong(with_browser(client), actor, [*PORTAL, *DESK[::20]], examples) == {}


@pytest.mark.parametrize("role", sorted(table.CLERKS))
def test_it_opens_to_a_clerk_the_desks_of_the_role(examples, role):
    assert wrong(at_the_desk(examples.people[role]), role, DESK, examples) == {}


@pytest.mark.parametrize(("proof", "names"), table.API.items())
def test_the_api_answers_nobody_without_proof(client, proof, names):
    for key in names.split():
        path = ROUTES[key.removesuffix("!")].path()
        for header in ({}, {"Authorization": "Bearer x"}):
            send = client.post if key.endswith("!") else client.get
            response = send(path, {"code": "x"}, content_type="application/json", headers=header)
            assert (response.status_code in (401, 403)) == (proof != "nothing"), (key, response.status_code)
