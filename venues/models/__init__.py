"""The venues' facts, one file a subject."""

from venues.models.onboarding import Account, Application, Document, Invitation, Remark
from venues.models.paper import PaperList
from venues.models.places import (
    Category,
    CategoryRule,
    Operator,
    Staff,
    Venue,
    VenueQuerySet,
    validate_business_number,
)
from venues.models.posters import Poster, PosterTries
from venues.models.scanners import PairingCode, PairingTries, Scanner, ScannerQuerySet

__all__ = [
    "Account",
    "Application",
    "Category",
    "CategoryRule",
    "Document",
    "Invitation",
    "Operator",
    "PairingCode",
    "PairingTries",
    "PaperList",
    "Poster",
    "PosterTries",
    "Remark",
    "Scanner",
    "ScannerQuerySet",
    "Staff",
    "Venue",
    "VenueQuerySet",
    "validate_business_number",
]
