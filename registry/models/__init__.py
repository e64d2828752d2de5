"""The registry's facts, one file a subject."""

from registry.models.approvals import Approval
from registry.models.audit import AccessDay, Event, KeptHead, MonthReview, Seal, Tag
from registry.models.clerks import ClerkInvitation, Mail
from registry.models.desk import RevealRule
from registry.models.figures import Figure
from registry.models.imports import Import, ImportColumns, ImportPart, ImportRow
from registry.models.jobs import Job, JobFile
from registry.models.keys import DayKey, DestroyedDay, Leaving, PaperKey, SigningKey
from registry.models.outage import Outage, OutageRule, Spreading
from registry.models.partners import Partner, PartnerApp, PartnerUse
from registry.models.people import Citizen, Consent, FormerIdentity, Relation, Review, Role, User
from registry.models.periods import Disposal, Kept, Period
from registry.models.phone import Code, Device, PaperPass, Revocation, SafeNumber, Verification
from registry.models.policy import PolicyPreview, PolicyVersion
from registry.models.records import PassRecord, Vaccine
from registry.models.reminders import Reminder
from registry.models.requests import Request
from registry.models.saved_filters import SavedFilter
from registry.models.sms import Budget, Message, Provider, Spent, Tally

__all__ = [
    "AccessDay",
    "Approval",
    "Budget",
    "Citizen",
    "ClerkInvitation",
    "Code",
    "Consent",
    "DayKey",
    "DestroyedDay",
    "Device",
    "Disposal",
    "Event",
    "Figure",
    "FormerIdentity",
    "Import",
    "ImportColumns",
    "ImportPart",
    "ImportRow",
    "Job",
    "JobFile",
    "Kept",
    "KeptHead",
    "Leaving",
    "Mail",
    "Message",
    "MonthReview",
    "Outage",
    "OutageRule",
    "PaperKey",
    "PaperPass",
    "Partner",
    "PartnerApp",
    "PartnerUse",
    "PassRecord",
    "Period",
    "PolicyPreview",
    "PolicyVersion",
    "Provider",
    "Relation",
    "Reminder",
    "Request",
    "RevealRule",
    "Review",
    "Revocation",
    "Role",
    "SafeNumber",
    "SavedFilter",
    "Seal",
    "SigningKey",
    "Spent",
    "Spreading",
    "Tag",
    "Tally",
    "User",
    "Vaccine",
    "Verification",
]
