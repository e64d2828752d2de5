"""A clerk's second factor: an authenticator app (TOTP, RFC 6238) and backup codes that are good once each."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from registry import audit
from registry.errors import DomainError
from registry.models import Tag, User

BACKUP_CODES = 10
TOTP_DIGITS = 6


class WrongToken(DomainError):
    code = "wrong_token"
    status = 422
    message = _("This code is not right. Codes of the app change every 30 seconds, and each backup code works once.")


class TokenPaused(DomainError):
    """Too many wrong codes: the device pauses, longer each time."""

    code = "token_paused"
    status = 429
    message = _("Too many wrong codes. Please wait {seconds} seconds and try again.")


def enrolled(user: User) -> bool:
    """Whether the user has a confirmed authenticator app. Backup codes alone are not one."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def _check(device: Device, token: str, now: datetime) -> DomainError | None:
    """What is wrong with a token. Answered, not raised: the failure that the device counts must be committed."""
    allowed, detail = device.verify_is_allowed()
    if not allowed:
        until = (detail or {}).get("locked_until", now)
        return TokenPaused(seconds=max(1, round((until - now).total_seconds())))
    return None if device.verify_token(token) else WrongToken()


def verify(user: User, token: str, now: datetime) -> Device:
    """The user's device for a token: six digits are the app's, all else a backup code. Raises WrongToken, TokenPaused.

    Only the device that the token is meant for counts a failure.
    """
    token = token.replace(" ", "").replace("-", "").lower()
    kind = TOTPDevice if token.isdigit() and len(token) == TOTP_DIGITS else StaticDevice
    with transaction.atomic():
        device = kind.objects.select_for_update().filter(user=user, confirmed=True).first()
        wrong = _check(device, token, now) if device else WrongToken()
    if device is None or wrong:
        raise wrong or WrongToken()
    return device


@transaction.atomic
def begin(user: User) -> TOTPDevice:
    """A fresh secret, not good for signing in until `confirm`; an earlier unconfirmed one is dropped."""
    TOTPDevice.objects.filter(user=user, confirmed=False).delete()
    return TOTPDevice.objects.create(user=user, name="authenticator", confirmed=False)


def unconfirmed(user: User) -> TOTPDevice | None:
    return TOTPDevice.objects.filter(user=user, confirmed=False).first()


def address(device: TOTPDevice) -> str:
    """The otpauth:// address that the QR holds."""
    return str(device.config_url)


def secret(device: TOTPDevice) -> str:
    """The secret in groups of four, for typing."""
    from base64 import b32encode

    text = b32encode(device.bin_key).decode()
    return " ".join(text[n : n + 4] for n in range(0, len(text), 4))


def confirm(user: User, token: str, now: datetime) -> tuple[TOTPDevice, list[str]]:
    """Make the fresh secret good by one of its codes; answers ten backup codes. Raises WrongToken, TokenPaused."""
    with transaction.atomic():
        device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
        wrong = _check(device, token.replace(" ", ""), now) if device else WrongToken()
        if device and wrong is None:
            TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
            return TOTPDevice.objects.get(pk=device.pk), _backup_codes(user)
    raise wrong or WrongToken()


def _backup_codes(user: User) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="backup codes", confirmed=True)
    codes = [StaticToken.random_token() for _n in range(BACKUP_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return [f"{code[:4]}-{code[4:]}" for code in codes]


@transaction.atomic
def reset(user: User, *, by: User, reason: str, asked_by: str) -> None:
    """Take the user's app and backup codes away: the next sign-in leads to enrolment. `asked_by` is the user name of
    whoever asked `by` to (registry/clerks/ways_in.py)."""
    for kind in (TOTPDevice, StaticDevice):
        kind.objects.filter(user=user).delete()
    audit.record(Tag.SECOND_FACTOR_RESET, by=by, target=user, reason=reason, asked_by=asked_by)
