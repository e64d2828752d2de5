"""A venue with all there can be around it, and who may look."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from registry import secrets
from registry.models import User
from registry.phone import mobiles
from tests.factories import ScannerFactory, VenueFactory
from tests.venues.owners import an_application, an_owner
from venues import staffing
from venues.models import Staff
from venues.posters import making

TOKEN = "x" * 22


class Place:
    """`people` by role, and a stranger with an account and a venue elsewhere; `keys` are the parameters of the
    addresses under /owner/ for it."""

    def __init__(self) -> None:
        now = timezone.now()
        owner = an_owner("010-0000-0011")
        self.venue = venue = VenueFactory(owner=owner)
        self.people: dict[str, User] = {
            "owner": owner,
            "stranger": VenueFactory(owner=an_owner("010-0000-0014")).operator.people.get(),
        }
        for role, phone in (("door", "010-0000-0012"), ("manager", "010-0000-0013")):
            self.people[role] = an_owner(phone)
            staff = Staff.objects.create(operator=venue.operator, user=self.people[role], role=role)
        self.application = an_application(owner, operator=venue.operator)
        phone = mobiles.korean_mobile("010-0000-0015")
        invitation = staffing.invite(venue.operator, phone=phone, role=Staff.Role.DOOR, by=owner, now=now)
        type(invitation).objects.filter(pk=invitation.pk).update(token_hash=secrets.token_hash(TOKEN))
        making.make(venue, by=owner, now=now)
        self.scanner = ScannerFactory(venue=venue)
        self.keys: dict[str, Any] = {
            "venue_id": venue.pk, "scanner_id": self.scanner.pk, "operator_id": venue.operator_id,
            "staff_id": staff.pk, "application_id": self.application.pk, "invitation_id": invitation.pk,
            "token": TOKEN, "sheet": "poster",
        }  # fmt: skip
