"""Evidence: who did what to whom, from where and why. Rows are written once and never changed."""

from typing import Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.fields import BigIntegerMultiRangeField, GrowingEnumField
from registry.models.people import User


class Tag(models.TextChoices):
    """What can be told of. One line each; a new one needs no migration."""

    SIGNED_IN = "signed_in", _("Signed in")
    SIGN_IN_REFUSED = "sign_in_refused", _("Sign-in refused")
    SESSION_ELSEWHERE = "session_elsewhere", _("Session came from another address")
    SESSION_CONFIRMED = "session_confirmed", _("Session confirmed at another address")
    DENIED = "denied", _("Denied")
    CLERK_INVITED = "clerk_invited", _("Clerk invited")
    CLERK_JOINED = "clerk_joined", _("Clerk joined")
    CLERK_INVITATION_WITHDRAWN = "clerk_invitation_withdrawn", _("Invitation of a clerk withdrawn")
    ADDRESS_CHANGED = "address_changed", _("Mail address of a clerk changed")
    CLERK_CHANGED = "clerk_changed", _("Name or mail address of an account changed")
    CLERK_LEFT = "clerk_left", _("Account closed")
    CLERK_BACK = "clerk_back", _("Account opened again")
    PASSWORD_LINK_SENT = "password_link_sent", _("Link to set a new password sent")
    MONTH_REVIEWED = "month_reviewed", _("Month of the access log reviewed")
    CHAIN_BEGUN_ANEW = "chain_begun_anew", _("Seals of the access log begun anew, after a restore")
    EVENTS_DESTROYED = "events_destroyed", _("Stretch of the access log destroyed")
    SECOND_FACTOR_SET = "second_factor_set", _("Second factor set up")
    SECOND_FACTOR_RESET = "second_factor_reset", _("Second factor reset")
    PERSON_ADDED = "person_added", _("Person added")
    PERSON_CORRECTED = "person_corrected", _("Person corrected")
    PERSON_SEARCHED = "person_searched", _("Searched for a person")
    PERSON_SEEN = "person_seen", _("Person looked at")
    PERSON_REVEALED = "person_revealed", _("Personal fields revealed")
    PEOPLE_MERGED = "people_merged", _("Two people merged")
    PEOPLE_PARTED = "people_parted", _("Two merged people parted")
    REVEAL_REFUSED = "reveal_refused", _("Showing refused: too many")
    REVEAL_RULE_CHANGED = "reveal_rule_changed", _("Limit of showing changed")
    DEVICE_BLOCKED = "device_blocked", _("Phone blocked")
    APP_PASS_ENDED = "app_pass_ended", _("Pass in a partner app ended")
    RECORD_ADDED = "record_added", _("Pass record added")
    RECORD_CORRECTED = "record_corrected", _("Pass record corrected")
    RECORD_REVOKED = "record_revoked", _("Pass record revoked")
    FILE_BROUGHT = "file_brought", _("File of pass records uploaded")
    FILE_DISCARDED = "file_discarded", _("File of pass records discarded")
    IMPORT_BEGUN = "import_begun", _("Import begun")
    IMPORT_DONE = "import_done", _("Import done")
    REFUSED_ROWS_SEEN = "refused_rows_seen", _("Refused rows of an import downloaded")
    IMPORT_UNDONE = "import_undone", _("Import undone")
    LAB_ADDED = "lab_added", _("Lab or hospital added")
    LAB_CHANGED = "lab_changed", _("Lab or hospital changed")
    LAB_KEY_RENEWED = "lab_key_renewed", _("Key of a lab renewed")
    LAB_CLOSED = "lab_closed", _("Access of a lab closed")
    APP_ADDED = "app_added", _("Partner app added")
    APP_CHANGED = "app_changed", _("Partner app changed")
    APP_KEY_RENEWED = "app_key_renewed", _("Key of a partner app renewed")
    APP_CLOSED = "app_closed", _("Access of a partner app closed")
    LAB_DELIVERED = "lab_delivered", _("Records delivered by a lab")
    REVIEW_CLOSED = "review_closed", _("Item closed")
    PHONE_VERIFIED = "phone_verified", _("Phone verified")
    PASS_ISSUED = "pass_issued", _("Pass issued")
    PASS_RESTORED = "pass_restored", _("Pass restored")
    PASS_REVOKED = "pass_revoked", _("Pass revoked")
    POLICY_PUBLISHED = "policy_published", _("Policy published")
    POLICY_PREVIEWED = "policy_previewed", _("Policy previewed")
    POLICY_FLOOR_SET = "policy_floor_set", _("Day set on which older passes end")
    POLICY_COPIED = "policy_copied", _("Policy draft made from an older version")
    VENUE_SUSPENDED = "venue_suspended", _("Venue suspended")
    VENUE_REOPENED = "venue_reopened", _("Venue reopened")
    SCANNER_PAIRED = "scanner_paired", _("Scanner paired")
    SCANNER_REVOKED = "scanner_revoked", _("Scanner revoked")
    DAY_DESTROYED = "day_destroyed", _("Day of the log destroyed")
    DAY_DESTROYED_AGAIN = "day_destroyed_again", _("Day of the log destroyed again, after a restore")
    HOLD_PLACED = "hold_placed", _("Days of the log held for a case")
    HOLD_RENEWED = "hold_renewed", _("Hold of days renewed")
    HOLD_RELEASED = "hold_released", _("Hold of days released")
    PERIOD_CHANGED = "period_changed", _("Period of keeping changed")
    KEY_MADE = "key_made", _("Signing key made")
    KEY_WITHDRAWN = "key_withdrawn", _("Signing key withdrawn")
    LOCK_LIFTED = "lock_lifted", _("Sign-in lock lifted")
    PASSWORD_SET = "password_set", _("Password set by another")
    ROLES_CHANGED = "roles_changed", _("Roles changed")
    NUMBER_CLAIMED = "number_claimed", _("Number claimed")
    DEVICE_REPLACED = "device_replaced", _("Device replaced")
    WARD_ADDED = "ward_added", _("Pass of a child or parent added")
    WARD_ENDED = "ward_ended", _("Pass of a child or parent ended")
    VERIFIED_AT_DESK = "verified_at_desk", _("Verified at the desk")
    PAPER_PASS_PRINTED = "paper_pass_printed", _("Paper pass printed")
    SAFE_NUMBER_ISSUED = "safe_number_issued", _("Safe number issued")
    SAFE_NUMBER_OPENED = "safe_number_opened", _("Safe number opened")
    REQUEST_OPENED = "request_opened", _("Request made")
    REQUEST_TAKEN = "request_taken", _("Request taken")
    REQUEST_LET_GO = "request_let_go", _("Request let go")
    REVIEW_TAKEN = "review_taken", _("Item taken")
    REVIEW_LET_GO = "review_let_go", _("Item let go")
    REQUEST_ANSWERED = "request_answered", _("Request answered")
    LANGUAGE_CHANGED = "language_changed", _("Language changed")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    PERSON_ERASED = "person_erased", _("Person erased")
    OUTAGE_OPENED = "outage_opened", _("Outage opened")
    OUTAGE_CLOSED = "outage_closed", _("Outage closed")
    OUTAGE_RULE_CHANGED = "outage_rule_changed", _("Rule for outages changed")
    DUE_DATES_SPREAD = "due_dates_spread", _("Due dates spread")
    PROVIDER_CHANGED = "provider_changed", _("SMS provider changed")
    BUDGET_CHANGED = "budget_changed", _("SMS budget changed")
    MESSAGE_RETRIED = "message_retried", _("SMS tried again")
    GATE_CHANGED = "gate_changed", _("Limits of the gate changed")
    OWNER_SIGNED_UP = "owner_signed_up", _("Signed up to the venue portal")
    PASSWORD_RENEWED = "password_renewed", _("Own password set anew")
    PHONE_CHANGED = "phone_changed", _("Number of a portal account changed")
    SECOND_FACTOR_ENDED = "second_factor_ended", _("Own second factor ended")
    VENUE_APPLIED = "venue_applied", _("Application sent")
    APPLICATION_ASKED = "application_asked", _("Question about an application")
    APPLICATION_ANSWERED = "application_answered", _("Question about an application answered")
    APPLICATION_APPROVED = "application_approved", _("Application approved")
    APPLICATION_REJECTED = "application_rejected", _("Application rejected")
    APPLICATION_WITHDRAWN = "application_withdrawn", _("Application withdrawn")
    DOCUMENT_SEEN = "document_seen", _("Document of an application looked at")
    VENUE_CHANGED = "venue_changed", _("Venue changed by its owner")
    VENUE_ADDED = "venue_added", _("Venue added by a clerk")
    VENUE_EDITED = "venue_edited", _("Venue changed by a clerk")
    OPERATOR_ADDED = "operator_added", _("Operator added by a clerk")
    OPERATOR_EDITED = "operator_edited", _("Operator changed by a clerk")
    CATEGORY_CHANGED = "category_changed", _("Venue category changed")
    VENUE_CLOSED = "venue_closed", _("Venue closed by its owner")
    VENUE_OPENED = "venue_opened", _("Venue opened again by its owner")
    STAFF_INVITED = "staff_invited", _("Staff invited")
    INVITATION_WITHDRAWN = "invitation_withdrawn", _("Invitation withdrawn")
    STAFF_JOINED = "staff_joined", _("Staff joined")
    STAFF_REMOVED = "staff_removed", _("Staff removed")
    SCANNER_RENAMED = "scanner_renamed", _("Scanner renamed")
    PAPER_LIST_ENTERED = "paper_list_entered", _("List on paper entered")
    POSTER_MADE = "poster_made", _("Poster made")
    POSTER_RENEWED = "poster_renewed", _("Poster renewed")
    TRACE_BEGUN = "trace_begun", _("Trace of contacts begun")
    TRACED = "traced", _("Found by a trace of contacts")
    TRACE_OPENED = "trace_opened", _("Result of a trace looked at")
    TRACE_REVEALED = "trace_revealed", _("Person of a trace revealed")
    TRACE_EXPORTED = "trace_exported", _("Result of a trace exported")
    TRACE_NOTIFIED = "trace_notified", _("Messages to those whom a trace found")
    TRACE_WIPED = "trace_wiped", _("Result of a trace destroyed")
    VISITS_SEEN = "visits_seen", _("Own visits looked at")
    APPROVAL_ASKED = "approval_asked", _("Second person asked")
    APPROVAL_GRANTED = "approval_granted", _("Granted as a second person")
    APPROVAL_REFUSED = "approval_refused", _("Refused as a second person")
    APPROVAL_WITHDRAWN = "approval_withdrawn", _("Request for a second person withdrawn")
    JOB_ASKED = "job_asked", _("Job begun")
    JOB_RESUMED = "job_resumed", _("Job taken up again")
    JOB_STOPPED = "job_stopped", _("Job stopped")
    JOB_FILE_SEEN = "job_file_seen", _("File of a job downloaded")


class EventQuerySet(models.QuerySet["Event"]):
    is_long = False  # has more rows, as is known already, than anybody counts

    def long(self) -> Self:
        rows = self.all()
        rows.is_long = True
        return rows

    def _clone(self) -> Self:
        rows: Self = super()._clone()  # type: ignore[misc]
        rows.is_long = self.is_long
        return rows


class Event(models.Model):
    """One row of evidence, inserted in the transaction of what it tells of. `target` is "model:key"; impersonal."""

    at = models.DateTimeField(_("at"))
    tag = GrowingEnumField(_("what"), max_length=30, choices=Tag)
    actor = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("who")
    )  # indexed below, with the moment
    address = models.GenericIPAddressField(_("from where"), null=True)
    target = models.CharField(_("of what"), max_length=80)
    reason = models.TextField(_("why"), blank=True)
    detail = models.JSONField(_("detail"), default=dict)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("access log entry")
        verbose_name_plural = _("access log")
        indexes = [
            models.Index(fields=["-at"], name="event_newest"),
            models.Index(fields=["target", "-at"], name="event_target"),
            models.Index(fields=["tag", "-at"], name="event_tag"),
            models.Index(fields=["actor", "-at"], condition=models.Q(actor__isnull=False), name="event_actor"),
            models.Index(
                fields=["actor", "tag", "-at"], condition=models.Q(actor__isnull=False), name="event_actor_tag"
            ),
            GinIndex(SearchVector("reason", config="simple"), name="event_reason", condition=~models.Q(reason="")),
        ]

    def __str__(self) -> str:
        return str(self.get_tag_display())


class Seal(models.Model):
    """What the access log was at a moment: the hashes of some of its rows, chained to the seal before.

    `last` and `newest` are the highest key and the latest moment of all rows sealed so far. Made and read by
    registry/evidence; what is hashed stands in docs/audit.md.
    """

    number = models.BigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField()
    events = BigIntegerMultiRangeField()  # keys of the rows
    last = models.BigIntegerField()
    newest = models.DateTimeField()
    hashes = models.BinaryField()  # 32 bytes a row, in order of the keys; empty once the rows are destroyed
    digest = models.BinaryField()  # SHA-256 of the hashes
    hash = models.BinaryField()
    destroyed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"seal {self.number}"


class AccessDay(models.Model):
    """A day of the access log that is over, and what each clerk did on it (registry/evidence/access_days.py)."""

    day = models.DateField(primary_key=True)
    clerks = models.JSONField(default=dict)  # by the user's key: how often each sign was, without what never was
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.day}"


class KeptHead(models.Model):
    """In `vault`, one row: the newest seal, out of reach of whoever rules the other database alone."""

    number = models.BigIntegerField()
    hash = models.BinaryField()
    kept_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"seal {self.number}"


class MonthReview(models.Model):
    """An auditor's sign-off of a month of the access log: the figures by user name, and what was said."""

    month = models.DateField(_("month"), primary_key=True)  # its first day
    findings = models.JSONField(default=list)
    words = models.TextField(_("what was found"))
    head = models.CharField(max_length=160, blank=True)  # of the chain, as it was then
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("signed by"))
    signed_at = models.DateTimeField(_("signed at"))

    class Meta:
        verbose_name = _("monthly review")
        verbose_name_plural = _("monthly reviews")
        constraints = [
            models.CheckConstraint(condition=models.Q(month__day=1), name="month_review_is_of_a_whole_month"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
