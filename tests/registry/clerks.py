"""Clerks for the tests of the admin: with roles, a second factor, and a client that is signed in through the page."""

import time

from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from registry import roles
from registry.models import Role, User

PASSWORD = "open-sesame-2468"


def make_clerk(*given: Role, username: str = "clerk", region: str = "", superuser: bool = False) -> User:
    roles.seed_roles()
    user = User.objects.create_user(username, password=PASSWORD, is_staff=True, is_superuser=superuser, region=region)
    roles.give(user, *given)
    TOTPDevice.objects.create(user=user, name="app", confirmed=True)
    return user


def code_of(user: User, steps: int = 0) -> str:
    device = TOTPDevice.objects.get(user=user)
    return f"{totp(device.bin_key, t0=device.t0 - steps * device.step):06d}"


def sign_in(user: User, client: Client | None = None) -> Client:
    client = client or Client()
    answer = client.post(
        "/admin/login/", {"username": user.username, "password": PASSWORD, "code": code_of(user)}, follow=False
    )
    assert answer.status_code == 302, answer.context["form"].errors
    TOTPDevice.objects.filter(user=user).update(last_t=int(time.time()) // 30 - 1)  # the same code, again in this step
    return client
