"""A model field that is encrypted at rest. It cannot be searched: that is what the blind index beside it is for."""

from typing import Any

from django.db import models

from registry import secrets


class EncryptedTextField(models.BinaryField):
    """Text, stored as AES-256-GCM under a key of this field's own. None stays NULL; an empty text stays empty."""

    description = "Encrypted text"
    _pyi_private_set_type: str  # type: ignore[assignment]  # what mypy's Django plugin takes a value to be
    _pyi_private_get_type: str

    def __init__(self, *args: Any, purpose: str, **kwargs: Any) -> None:
        self.purpose = purpose
        super().__init__(*args, **{"editable": True} | kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"purpose": self.purpose}

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else secrets.decrypt(bytes(value), purpose=self.purpose).decode()

    def get_prep_value(self, value: Any) -> Any:
        return value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None:
            return None
        return super().get_db_prep_value(
            secrets.encrypt(str(value).encode(), purpose=self.purpose), connection, prepared
        )

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj) or "")

    def get_default(self) -> Any:
        return None if self.null else ""

    def formfield(self, **kwargs: Any) -> Any:
        from django.forms import CharField

        return models.Field.formfield(self, **{"form_class": CharField} | kwargs)
