"""Which database holds what: `vault` has the keys of the days and what must outlive a restore of `default`: the
registers of the days and people that are gone, and the newest seal of the access log. `default` has everything else."""

from typing import Any

from django.db.models import Model

VAULT_MODELS = {
    ("registry", name) for name in ("daykey", "paperkey", "destroyedday", "leaving", "kepthead")
}  # fmt: skip


def home(app_label: str, model_name: str | None) -> str:
    return "vault" if (app_label, (model_name or "").lower()) in VAULT_MODELS else "default"


class VaultRouter:
    """Django's database router for the two databases."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        return home(model._meta.app_label, model._meta.model_name)

    db_for_write = db_for_read

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        # By their _meta, not their type: `request.user` is a lazy object around the user.
        first, second = one._meta, other._meta
        return home(first.app_label, first.model_name) == home(second.app_label, second.model_name)

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        return hints.get("database", home(app_label, model_name)) == db
