"""Clerks for the tests of the admin: with roles, a second factor, and a client that is signed in through the page."""

from functools import cache

from django.contrib.auth.hashers import make_password
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from registry.clerks import roles
from registry.models import Role, User

PASSWORD = "open-sesame-2468"


@cache
def hashed() -> str:
    """The password's hash, made once: it is slow by design."""
    return make_password(PASSWORD)


def make_clerk(*given: Role, username: str = "clerk", region: str = "", superuser: bool = False) -> User:
    user = User.objects.create(
        username=username, password=hashed(), is_staff=True, is_superuser=superuser, region=region
    )
    roles.give(user, *given)
    TOTPDevice.objects.create(user=user, name="app", confirmed=True)
    return user


def code_of(user: User, steps: int = 0) -> str:
    device = TOTPDevice.objects.get(user=user)
    return f"{totp(device.bin_key, t0=device.t0 - steps * device.step):06d}"


def sign_in(user: User, client: Client | None = None) -> Client:
    """A client of this clerk, signed in through the page."""
    client = client or Client()
    answer = client.post("/admin/login/", {"username": user.username, "password": PASSWORD, "code": code_of(user)})
    assert answer.status_code == 302, answer.context["form"].errors
    return client


def desk_of(user: User) -> Client:
    """The same without the slow hash of the password, for tests that are not about signing in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.get(user=user).persistent_id
    session.save()
    return client
