"""Accounts of those who run venues: made for a proven mobile number, and by it got back when the password is gone."""

from datetime import datetime

from axes.utils import reset as lift_lock
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from phonenumber_field.phonenumber import PhoneNumber

from registry import audit, secrets
from registry.citizens.names import plain_name
from registry.errors import DomainError
from registry.models import Tag, User
from registry.phone import mobiles
from venues.models import Account

TERMS = "2026-11"  # version of what templates/owner/terms.html says


class NumberTaken(DomainError):
    code = "number_taken"
    message = _("This number has an account already. Sign in with it, or set a new password.")


class NameTaken(DomainError):
    code = "name_taken"
    message = _("This user name is taken. Please choose another one.")


class NoAccount(DomainError):
    code = "no_account"
    status = 404
    message = _("No account belongs to this number.")


def of_number(phone: PhoneNumber) -> Account | None:
    """The account that a proven number leads to."""
    return Account.objects.select_related("user").filter(phone_index=_index(phone)).first()


def is_called(account: Account, name: str) -> bool:
    """Whether this is the name of the account's holder. A number may have come to somebody else since."""
    return plain_name(account.name) == plain_name(name)


def username_for(typed: str) -> str:
    """The user name for what somebody typed to sign in: a mobile number stands for its account.

    A number that we do not know becomes its blind index, which no account has, so that no number is kept in clear
    where failed tries are counted.
    """
    phone = mobiles.korean_mobile(typed)
    if phone is None:
        return typed
    account = of_number(phone)
    return account.user.username if account else f"number-{_index(phone).hex()[:32]}"


@transaction.atomic
def sign_up(
    *, phone: PhoneNumber, name: str, username: str, password: str, now: datetime, address: str | None = None
) -> User:
    """A user for a number that was just proven, who agreed to the terms. Raises NumberTaken, NameTaken."""
    if of_number(phone):
        raise NumberTaken
    if User.objects.filter(username__iexact=username).exists():
        raise NameTaken
    user = User(username=username)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise NameTaken from error
    try:
        with transaction.atomic():
            Account.objects.create(
                user=user, name=name, phone=phone.as_e164, phone_index=_index(phone), proven_at=now,
                terms=TERMS, agreed_at=now,
            )  # fmt: skip
    except IntegrityError as error:
        raise NumberTaken from error
    audit.record(Tag.OWNER_SIGNED_UP, by=user, target=user, address=address, terms=TERMS)
    return user


@transaction.atomic
def renew_password(user: User, password: str, *, how: str, address: str | None = None) -> None:
    """Set one's own password anew, `how` being "phone" or "password". Every session of the user ends by it, and a
    sign-in lock is lifted: who has the phone need not wait for a guesser."""
    user.set_password(password)
    user.save(update_fields=["password"])
    lift_lock(username=user.username)
    audit.record(Tag.PASSWORD_RENEWED, by=user, target=user, address=address, how=how)


@transaction.atomic
def change_phone(user: User, phone: PhoneNumber, *, now: datetime, address: str | None = None) -> None:
    """Put another proven number in the place of the old one. Raises NumberTaken, NoAccount."""
    other = of_number(phone)
    if other and other.user_id != user.pk:
        raise NumberTaken
    account = Account.objects.filter(user=user).first()
    if account is None:
        raise NoAccount
    account.phone, account.phone_index, account.proven_at = phone.as_e164, _index(phone), now
    try:
        with transaction.atomic():
            account.save(update_fields=["phone", "phone_index", "proven_at"])
    except IntegrityError as error:
        raise NumberTaken from error
    audit.record(Tag.PHONE_CHANGED, by=user, target=user, address=address)


@transaction.atomic
def end_second_factor(user: User, *, address: str | None = None) -> None:
    """Take one's own second factor away; the caller has asked for a code of it."""
    for kind in (TOTPDevice, StaticDevice):
        kind.objects.filter(user=user).delete()
    audit.record(Tag.SECOND_FACTOR_ENDED, by=user, target=user, address=address)


def _index(phone: PhoneNumber) -> bytes:
    return secrets.blind_index("phone", phone.as_e164)
