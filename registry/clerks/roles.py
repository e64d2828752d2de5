"""What each clerk role may do: least privilege, one table. Superusers are for the first hour of an installation."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from registry.models import Role, User

_OF_ALL = (  # their desks show each clerk what the role may see; what is kept how long is told to anybody
    "registry.view_approval", "registry.view_job", "registry.view_period",
)  # fmt: skip

PERMISSIONS: dict[Role, tuple[str, ...]] = {
    Role.REGISTRAR: (
        *_OF_ALL,
        "registry.view_citizen", "registry.add_citizen", "registry.change_citizen",
        "registry.view_passrecord", "registry.add_passrecord", "registry.change_passrecord",
        "registry.view_import", "registry.add_import", "registry.change_import",
        "registry.view_review", "registry.change_review",
        "registry.view_request", "registry.change_request", "registry.delete_citizen",
        "checkins.view_refusal",
        "registry.view_vaccine", "registry.view_policyversion",
    ),
    Role.VENUE_OFFICER: (
        *_OF_ALL,
        "venues.view_operator", "venues.add_operator", "venues.change_operator",
        "venues.view_staff", "venues.add_staff", "venues.change_staff", "venues.delete_staff",
        "venues.view_venue", "venues.add_venue", "venues.change_venue",
        "venues.view_scanner", "venues.change_scanner",
        "venues.view_application", "venues.change_application",
        "venues.view_category", "venues.view_categoryrule", "registry.view_policyversion",
        "checkins.view_hourcount", "checkins.view_deadletter", "checkins.view_refusal", "checkins.view_undone",
    ),
    Role.POLICY_MAKER: (
        *_OF_ALL,
        "registry.view_policyversion", "registry.add_policyversion", "registry.change_policyversion",
        "venues.view_categoryrule", "venues.add_categoryrule", "venues.change_categoryrule",
        "venues.delete_categoryrule",
        "venues.view_category", "venues.change_category",
        "registry.view_vaccine", "registry.add_vaccine", "registry.change_vaccine",
        "registry.view_spreading", "registry.view_outage", "registry.view_outagerule",
    ),
    Role.INVESTIGATOR: (
        *_OF_ALL,
        "checkins.view_entry", "checkins.view_hourcount", "checkins.view_deadletter", "checkins.view_destruction",
        "checkins.view_legalhold", "checkins.add_legalhold", "checkins.change_legalhold",
        "checkins.view_trace", "checkins.add_trace", "checkins.change_trace",
        "venues.view_venue", "venues.view_operator", "venues.view_scanner",
    ),
    Role.AUDITOR: (
        *_OF_ALL,
        "gate.view_gatesettings",
        "registry.view_outage", "registry.view_outagerule", "registry.view_spreading", "registry.view_revealrule",
        "registry.view_event", "registry.view_monthreview", "registry.add_monthreview",
        "registry.view_user", "registry.view_clerkinvitation",
        "registry.view_policyversion", "registry.view_signingkey",
        "checkins.view_legalhold",
        "registry.view_provider", "registry.view_message", "registry.view_verification",
        "checkins.view_destruction", "checkins.view_deadletter", "checkins.view_hourcount",
        "checkins.view_refusal", "checkins.view_undone", "checkins.view_trace",
    ),
    Role.SERVICE: (
        "registry.view_partner", "registry.add_partner", "registry.change_partner",
        "registry.view_partnerapp", "registry.add_partnerapp", "registry.change_partnerapp",
        *_OF_ALL,
        "gate.view_gatesettings", "gate.change_gatesettings",
        "registry.view_outage", "registry.add_outage", "registry.change_outage",
        "registry.view_outagerule", "registry.change_outagerule",
        "registry.view_spreading", "registry.add_spreading",
        "registry.view_message", "registry.view_verification",
        "registry.view_provider", "registry.add_provider", "registry.change_provider",
        "registry.view_signingkey", "registry.change_signingkey",
        "registry.view_user", "registry.add_user", "registry.change_user",
        "registry.view_clerkinvitation", "registry.add_clerkinvitation",
        "registry.view_revealrule", "registry.change_revealrule",
        "venues.view_scanner", "checkins.view_deadletter", "checkins.view_destruction",
        "registry.change_period",
    ),
}  # fmt: skip


class UnknownPermission(Exception):
    """The table names permissions that no model has: a slip, or migrations have not run."""


@transaction.atomic
def seed_roles() -> None:
    """Make the six groups and give each exactly what the table says. May run any number of times. Raises
    UnknownPermission."""
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    if unknown := set().union(*PERMISSIONS.values()) - known.keys():
        raise UnknownPermission(", ".join(sorted(unknown)))
    for role, names in PERMISSIONS.items():
        group, _ = Group.objects.get_or_create(name=role.value)
        group.permissions.set([known[name] for name in names])


def give(user: User, *roles: Role) -> None:
    """Make these, and no others, the user's roles. The groups must be seeded."""
    groups = list(Group.objects.filter(name__in=[role.value for role in roles]))
    if len(groups) != len(roles):
        raise UnknownPermission("seed_roles() has not run")
    user.groups.set([*user.groups.exclude(name__in=Role.values), *groups])
