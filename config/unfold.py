"""How the clerk's site looks, and its sidebar: one group a desk, and only what the role may see."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _may(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(permission)


def _item(title: Any, icon: str, model: str, badge: str = "") -> dict[str, Any]:
    """A link to a model's list, shown to those who may view it. `model` is "app.model"; `badge` names the function that
    tells how many wait there."""
    app, name = model.split(".")
    waiting = {"badge": badge, "badge_variant": "warning"} if badge else {}
    return waiting | {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{name}_changelist"),
        "permission": _may(f"{app}.view_{name}"),
    }


def _page(title: Any, icon: str, name: str, permission: str) -> dict[str, Any]:
    """A link to a page that no model stands for."""
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{name}"),
        "permission": _may(permission),
    }


def _desk(title: Any, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "separator": True, "collapsible": False, "items": list(items)}


NAVIGATION = [
    _desk(
        _("My work"),
        _item(_("Approvals"), "how_to_reg", "registry.approval", "registry.admin.approvals.open_count"),
        _item(_("Jobs"), "hourglass_top", "registry.job"),
    ),
    _desk(
        _("People"),
        _item(_("What waits"), "inbox", "registry.request", "registry.admin.waiting.open_count")
        | {"link": reverse_lazy("admin:registry_waiting")},
        _item(_("People"), "person", "registry.citizen"),
        _item(_("Pass records"), "vaccines", "registry.passrecord"),
        _item(_("Imports"), "upload_file", "registry.import"),
        _item(_("Items to look at"), "rule", "registry.review"),
        _item(_("Requests of citizens"), "contact_support", "registry.request")
        | {"active": lambda request: "/registry/request/" in request.path and "/waiting/" not in request.path},
    ),
    _desk(
        _("Policy"),
        _item(_("Policy versions"), "gavel", "registry.policyversion"),
        _item(_("Vaccines"), "medication", "registry.vaccine"),
        _item(_("Venue categories"), "category", "venues.category"),
    ),
    _desk(
        _("Venues"),
        _item(_("Applications"), "inbox", "venues.application", "venues.admin.applications.open_count"),
        _item(_("Venues"), "storefront", "venues.venue"),
        _item(_("Operators"), "apartment", "venues.operator"),
        _item(_("Scanners"), "qr_code_scanner", "venues.scanner"),
    ),
    _desk(
        _("Entry log"),
        _item(_("Entries"), "door_open", "checkins.entry"),
        _item(_("Traces"), "conversion_path", "checkins.trace"),
        _item(_("Hour counts"), "bar_chart", "checkins.hourcount"),
        _item(_("Refusals"), "block", "checkins.refusal"),
        _item(_("Scans taken back"), "undo", "checkins.undone"),
        _item(_("Refused scans"), "report", "checkins.deadletter"),
        _item(_("Legal holds"), "lock_clock", "checkins.legalhold", "checkins.admin.holds.ending_count"),
        _item(_("Destroyed days"), "delete_forever", "checkins.destruction"),
    ),
    _desk(
        _("Service"),
        _item(_("SMS"), "cell_tower", "registry.provider"),
        _item(_("SMS outbox"), "sms", "registry.message"),
        _item(_("Phone checks"), "phonelink_lock", "registry.verification"),
        _item(_("Gate"), "traffic", "gate.gatesettings"),
        _item(_("Due dates"), "event_upcoming", "registry.spreading"),
        _item(_("Outages"), "crisis_alert", "registry.outage"),
        _item(_("Labs and hospitals"), "biotech", "registry.partner"),
        _item(_("Partner apps"), "apps", "registry.partnerapp"),
        _item(_("Signing keys"), "key", "registry.signingkey"),
        _item(_("Users"), "badge", "registry.user"),
        _item(_("Invitations of clerks"), "person_add", "registry.clerkinvitation"),
        _page(_("Who may do what"), "admin_panel_settings", "roles", "registry.view_user"),
        _item(_("Limit of showing"), "visibility_lock", "registry.revealrule"),
    ),
    _desk(
        _("Audit"),
        _item(_("Access log"), "history", "registry.event"),
        _item(_("Monthly review"), "fact_check", "registry.monthreview", "registry.admin.monthly.open_count"),
        _item(_("Kept and destroyed"), "auto_delete", "registry.period"),
    ),
]

# unfold and simple-history bring no Korean, and Django says some things as no office would: what our pages show of
# theirs is translated with ours.
BORROWED = (
    _("Select value"), _("Date"), _("No results found"), _("Reset filters"), _("Apply Filters"), _("More actions"),
    _("This page yielded into no results. Create a new item or reset your filters."), _("No data"), _("Go back"),
    _("Type to search"), _("Expand row"), _("True"), _("False"), _("Toggle password visibility"),
    _(
        "Please enter your old password, for security’s sake, and then enter your new password twice so we can verify "
        "you typed it in correctly."
    ),
    _("Select all rows"), _("Select record"), _("Run the selected action"), _("Run"), _("Clear selection"),
    _("Click here to select the objects across all pages"),
    _("Object"), _("Comment"), _("Changed by"), _("Change reason"), _("Changes"), _("Created"), _("Changed"),
    _("This object doesn't have a change history."), _("History"), _("Please correct the errors below."),
    _("Save and continue editing"), _("Previous"), _("Next"), _("Select %s to view"), _("View history: %s"),
    _("View %s"), _("Change history: %s"), _(" By %(filter_title)s "),
)  # fmt: skip

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Munjigi desk"),
    "SITE_HEADER": _("Munjigi desk"),
    "SITE_SUBHEADER": _("Registry of passes"),
    "SITE_URL": None,
    "SITE_SYMBOL": "door_open",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("icons/munjigi.svg")},
    ],
    "STYLES": [lambda request: static("css/admin.css")],
    "SCRIPTS": [
        lambda request: static("js/admin/keyboard.js"),
        lambda request: static("js/admin/shortcuts.js"),
        lambda request: static("js/admin/progress.js"),
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": False,  # the header has its own switch, which a keyboard reaches
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": NAVIGATION},
    "COLORS": {  # the blue of the public pages (KRDS primary), light to dark
        "primary": {
            "50": "#ecf2fe",
            "100": "#d8e5fd",
            "200": "#b1cefb",
            "300": "#86aff9",
            "400": "#4c87f6",
            "500": "#256ef4",
            "600": "#0b50d0",
            "700": "#083891",
            "800": "#052561",
            "900": "#03163a",
            "950": "#020f27",
        },
    },
}

# What unfold's own templates say and it has no Korean for; here, so that it is found for translation.
WORDS = (_("Choose file to upload"),)
