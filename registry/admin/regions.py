"""Regions as clerks type them: the first 5 digits of the 법정동 code (2 for the province, 3 for the district)."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from registry import regions
from registry.models import User


def told_region(region: str) -> str:
    """What stands below a field for one: what is typed there, and which it is now."""
    hint = _("The first 5 digits of the legal district code, for example 11680.")
    return f"{regions.called(region)} · {hint}" if region else hint


def check_region(region: str, user: User, *, required: bool) -> str:
    """The region, if it is one and the clerk may write it. Raises ValidationError."""
    if region and not re.fullmatch(r"\d{5}", region):
        raise ValidationError(_("A region is 5 digits, for example 11680."))
    if not region and (required or user.region):
        raise ValidationError(_("Please enter the region: 5 digits, for example 11680."))
    if not region.startswith(user.region):
        raise ValidationError(_("You may enter people and venues of region {region} only.").format(region=user.region))
    return region
