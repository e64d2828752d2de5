"""The registry's facts, one file a subject."""

from registry.models.audit import Event, Tag
from registry.models.keys import DayKey, PaperKey, SigningKey
from registry.models.people import Citizen, Review, Role, User
from registry.models.phone import Code, Device, Revocation, Verification
from registry.models.policy import PolicyVersion
from registry.models.records import PassRecord, Vaccine
from registry.models.sms import Message, Provider

__all__ = [
    "Citizen",
    "Code",
    "DayKey",
    "Device",
    "Event",
    "Message",
    "PaperKey",
    "PassRecord",
    "PolicyVersion",
    "Provider",
    "Review",
    "Revocation",
    "Role",
    "SigningKey",
    "Tag",
    "User",
    "Vaccine",
    "Verification",
]
