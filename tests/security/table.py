"""Who may open what: every address there is, by name or, where it has none, by route.

`everybody` needs no sign-in; `nobody` is for what even those who may look cannot do. At the desk the table follows
registry/clerks/roles.py, but is written by hand: whoever widens a role says here what that opens.

A name with ! is what is sent to an address by POST, where by GET there is nothing or others may look.

For rows that not all of a role see, it speaks of the examples in examples.py: a job and an approval are seen by those
whose work they are.
"""

from __future__ import annotations

from registry.models import Role

REGISTRAR, OFFICER, POLICY = Role.REGISTRAR.value, Role.VENUE_OFFICER.value, Role.POLICY_MAKER.value
INVESTIGATOR, AUDITOR, SERVICE = Role.INVESTIGATOR.value, Role.AUDITOR.value, Role.SERVICE.value
CLERKS = frozenset(Role.values)
ANONYMOUS, STRANGER, DOOR, MANAGER, OWNER = "anonymous", "stranger", "door", "manager", "owner"
PORTAL = (STRANGER, DOOR, MANAGER, OWNER)
EVERYBODY = frozenset({ANONYMOUS, *PORTAL, *CLERKS})
NOBODY: frozenset[str] = frozenset()

PUBLIC = """
    landing wallet wallet-worker wallet-manifest outages outage pass-time poster-worker poster-address
    waiting status scanner:page scanner:worker scanner:manifest set_language! schema api-docs
    health/live health/ready
"""  # those without a name by their route
WATCHERS = "health/deep metrics"  # with METRICS_TOKEN; to all others there is nothing here

API = {  # what is asked for before anything is answered; to nobody in particular what is public or proves itself
    "nothing": "pass-keys revocations poster verifications! verification verification-confirm! "
    "scanner-pair! pass-restore! visits!",
    "token of a scanner": "scans! scan! scanner-manifest",
    "signature of a device": "pass-me pass-language! pass-requests! pass-withdrawal! pass-strips! pass-visits! "
    "pass-wards! pass-ward-end! pass-safe-number! pass-app-end! pass-news",
    "key of a lab": "records!",
    "key of an app": "app-verifications! app-verification app-verification-confirm! app-strips! app-wards! app-news "
    "app-end! app-use",
    "signature of a provider": "receipts!",
}

OWNERS = {  # under /owner/; a stranger has an account and a venue elsewhere
    (ANONYMOUS, *PORTAL): "sign-in sign-in-code sign-out! sign-up sign-up-code sign-up-account terms password "
    "password-code password-new join",
    PORTAL: "home account change-password phone phone-code phone-change second-factor second-factor-end apply",
    (DOOR, MANAGER, OWNER): "venue now refusals scanners scanner by-hand paper paper-enter poster poster-file",
    (
        MANAGER,
        OWNER,
    ): "counts export profile close open! scanner! poster-make! poster-renew pair code code-state revoke replace",
    (OWNER,): "application withdraw category name staff invite remove withdraw-invitation!",
}

SITE = {  # under /admin/, of no desk
    EVERYBODY: "login logout! enrol again join new_password",  # each asks for its own proof: a password, a link
    CLERKS: "index password_change password_change_done jsi18n search keyboard save_filter! forget_filter!",
    NOBODY: "enrol_qr view_on_site admin/(?P<url>.*)$",  # no enrolment under way, no pages elsewhere
    frozenset({AUDITOR}): "registry_monthreview_changelist audit_month",
    frozenset({AUDITOR, SERVICE}): "roles",
    frozenset({INVESTIGATOR}): "checkins_entry_changelist",
    frozenset({REGISTRAR}): "registry_waiting registry_waiting_take!",
    frozenset({OFFICER, INVESTIGATOR}): "autocomplete",  # of operators, for the form of a venue
    frozenset({OFFICER, POLICY, INVESTIGATOR, SERVICE}): "app_list",  # of the venues
}

LOOK = "changelist change history"
DESKS: dict[str, dict[tuple[str, ...], str]] = {
    "registry_citizen": {
        (REGISTRAR,): f"{LOOK} add change! search! timeline add_record show_name show_birth_date show_phone verify "
        "print_paper send_safe_number void merge merge_with part erase block_device",
    },
    "registry_passrecord": {(REGISTRAR,): f"{LOOK} add change! simple_history revoke"},
    "registry_request": {(REGISTRAR,): f"{LOOK} answer_request take let_go look_up erase_person"},
    "registry_review": {(REGISTRAR,): f"{LOOK} one_person close give_back take let_go"},
    "registry_import": {  # its page is shown whatever is sent to it
        (REGISTRAR,): f"{LOOK} change! bring columns begin go_on undo discard template progress refused",
    },
    "registry_vaccine": {(REGISTRAR, POLICY): LOOK, (POLICY,): "add change!"},
    "registry_policyversion": {
        (REGISTRAR, OFFICER, POLICY, AUDITOR): f"{LOOK} simple_history calendar",
        (POLICY,): "add change! preview! publish end_older go_back",
    },
    "registry_approval": {  # the example is of a trace; an auditor sees all
        tuple(CLERKS): "changelist",
        (INVESTIGATOR, AUDITOR): "change history",
        (INVESTIGATOR,): "grant refuse withdraw",
    },
    "registry_job": {  # the example is the check of an import
        tuple(CLERKS): "changelist",
        (REGISTRAR,): "change history progress file stop resume",
    },
    "registry_period": {tuple(CLERKS): f"{LOOK} certificate", (SERVICE,): "days"},
    "registry_outage": {
        (POLICY, AUDITOR, SERVICE): f"{LOOK} change_rule",
        (SERVICE,): "open_outage close_outage",
    },
    "registry_outagerule": {(POLICY, AUDITOR, SERVICE): LOOK, (SERVICE,): "change!"},
    "registry_spreading": {(POLICY, AUDITOR, SERVICE): LOOK, (SERVICE,): "respread"},
    "registry_event": {(AUDITOR,): LOOK},
    "registry_revealrule": {(AUDITOR, SERVICE): LOOK, (SERVICE,): "change!"},
    "registry_user": {
        (AUDITOR, SERVICE): LOOK,
        (SERVICE,): "change! change_roles change_address close_account open_account send_password_link unlock "
        "reset_second_factor",
    },
    "registry_clerkinvitation": {(AUDITOR, SERVICE): LOOK, (SERVICE,): "add withdraw"},
    "registry_message": {(AUDITOR, SERVICE): LOOK, (SERVICE,): "retry"},
    "registry_provider": {(AUDITOR, SERVICE): LOOK, (SERVICE,): "add change! set_budget retry_all adjust"},
    "registry_verification": {(AUDITOR, SERVICE): LOOK},
    "registry_signingkey": {(AUDITOR, SERVICE): LOOK, (SERVICE,): "withdraw encrypt_anew"},
    "registry_partner": {(SERVICE,): f"{LOOK} add change! renew_key close"},
    "registry_partnerapp": {(SERVICE,): f"{LOOK} add change! renew_key close"},
    "gate_gatesettings": {(AUDITOR, SERVICE): LOOK, (SERVICE,): "change!"},
    "venues_application": {(OFFICER,): f"{LOOK} document approve ask_back reject"},
    "venues_operator": {(OFFICER, INVESTIGATOR): f"{LOOK} simple_history", (OFFICER,): "add change!"},
    "venues_venue": {
        (OFFICER, INVESTIGATOR): f"{LOOK} simple_history",
        (OFFICER,): "add change! deeds suspend reopen",
        (INVESTIGATOR,): "entries",
    },
    "venues_scanner": {(OFFICER, INVESTIGATOR, SERVICE): LOOK, (OFFICER,): "revoke"},
    "venues_category": {(OFFICER, POLICY): LOOK, (POLICY,): "change!"},
    "checkins_trace": {
        (INVESTIGATOR, AUDITOR): f"{LOOK} progress",
        (INVESTIGATOR,): "ask_person ask_venue result reveal notify export",  # the last four to the two of a trace
    },
    "checkins_legalhold": {(INVESTIGATOR, AUDITOR): LOOK, (INVESTIGATOR,): "place renew release"},
    "checkins_destruction": {(INVESTIGATOR, AUDITOR, SERVICE): LOOK},
    "checkins_hourcount": {(OFFICER, INVESTIGATOR, AUDITOR): LOOK},
    "checkins_deadletter": {(OFFICER, INVESTIGATOR, AUDITOR, SERVICE): LOOK},
    "checkins_refusal": {(REGISTRAR, OFFICER, AUDITOR): LOOK},
    "checkins_undone": {(OFFICER, AUDITOR): LOOK},
}


def of_desks() -> dict[str, frozenset[str]]:
    """Who may open each address of a desk; `delete` is nobody's, the short address of a row leads any clerk to it."""
    found: dict[str, frozenset[str]] = {}
    for desk, rows in DESKS.items():
        found |= {f"admin:{desk}_{name}": NOBODY for name in ("add", "change!", "delete", *LOOK.split())}
        found |= {f"admin:{desk}_{name}": frozenset(who) for who, names in rows.items() for name in names.split()}
        found[f"admin/{desk.replace('_', '/', 1)}/<path:object_id>/"] = CLERKS
    return found


def everything() -> dict[str, frozenset[str]]:
    """Who may open what, by name (or route), with ! for what is sent by POST."""
    found = dict.fromkeys(PUBLIC.split(), EVERYBODY) | dict.fromkeys(WATCHERS.split(), NOBODY) | of_desks()
    found |= {f"owner:{name}": frozenset(who) for who, names in OWNERS.items() for name in names.split()}
    for who, names in SITE.items():
        found |= {name if "/" in name else f"admin:{name}": who for name in names.split()}
    return found | {name: EVERYBODY for names in API.values() for name in names.split()}
