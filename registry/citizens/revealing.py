"""One personal field in clear, for a reason that is kept, and only so many within an hour and a day."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import PhoneNumber

from registry import audit
from registry.citizens import people
from registry.errors import DomainError
from registry.models import Citizen, Event, RevealRule, Tag, User
from registry.phone.limits import Limit, longest_wait

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Field(models.TextChoices):
    """What can be shown, one at a time."""

    NAME = "name", _("Name")
    BIRTH = "birth", _("Birth date")
    PHONE = "phone", _("Mobile number")


class TooManyReveals(DomainError):
    code = "too_many_reveals"
    status = 429
    message = _(
        "You have shown as many personal fields as the limit allows: {an_hour} within an hour, {a_day} within 24 "
        "hours. The next in {minutes} min. If your work needs more, ask the service desk; this is in the access log."
    )


def reveal(citizen: Citizen, field: Field, *, by: User, reason: str, now: datetime, address: str | None = None) -> str:
    """The field in clear, empty where there is none. Raises TooManyReveals, of which evidence stays as well."""
    told: dict[str, Any] = {"target": citizen, "reason": reason, "address": address, "field": field.value}
    told |= people.own_name(citizen, by)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)  # one at a time, so that the count holds
        allowed = rule()
        limits = [Limit(allowed.an_hour, HOUR), Limit(allowed.a_day, DAY)]
        shown = Event.objects.filter(tag=Tag.PERSON_REVEALED, actor=by, at__gt=now - DAY).order_by("-at")
        wait = longest_wait(limits, shown.values_list("at", flat=True)[: allowed.a_day], now)
        audit.record(Tag.REVEAL_REFUSED if wait else Tag.PERSON_REVEALED, by=by, **told)
    if wait:
        minutes = -(-wait // timedelta(minutes=1))
        raise TooManyReveals(an_hour=allowed.an_hour, a_day=allowed.a_day, minutes=minutes)
    return _in_clear(citizen, field)


def rule() -> RevealRule:
    return RevealRule.objects.filter(pk=1).first() or RevealRule(pk=1)


@transaction.atomic
def change_rule(changed: RevealRule, *, by: User, address: str | None = None) -> None:
    """Write the one rule, with what it said and says as evidence."""
    before = rule()
    changed.pk = 1
    changed.save()
    values: dict[str, Any] = {
        name: {"an_hour": each.an_hour, "a_day": each.a_day} for name, each in (("before", before), ("after", changed))
    }
    audit.record(Tag.REVEAL_RULE_CHANGED, by=by, target=changed, address=address, **values)


def _in_clear(citizen: Citizen, field: Field) -> str:
    match field:
        case Field.NAME:
            return citizen.name
        case Field.BIRTH:
            return citizen.birth
        case Field.PHONE:
            return PhoneNumber.from_string(citizen.phone).as_national if citizen.phone else ""
