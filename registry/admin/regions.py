"""Regions as clerks type them: the first 5 digits of the 법정동 code (2 for the province, 3 for the district)."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from registry.models import User


def check_region(region: str, user: User, *, required: bool) -> str:
    """The region, if it is one and the clerk may write it. Raises ValidationError."""
    if region and not re.fullmatch(r"\d{5}", region):
        raise ValidationError(_("A region is 5 digits, for example 11680."))
    if not region and (required or user.region):
        raise ValidationError(_("Please enter the region: 5 digits, for example 11680."))
    if not region.startswith(user.region):
        raise ValidationError(_("You may enter people and venues of region {region} only.").format(region=user.region))
    return region
