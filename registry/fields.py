"""A model field that is encrypted at rest. It cannot be searched: that is what the blind index beside it is for."""

from typing import Any

from django import forms
from django.db import models

from registry import secrets


class EncryptedTextField(models.Field):
    """Text, stored as AES-256-GCM under a key of this field's own. None stays NULL; an empty text stays empty."""

    description = "Encrypted text"

    def __init__(self, *args: Any, purpose: str, **kwargs: Any) -> None:
        self.purpose = purpose
        super().__init__(*args, **kwargs)

    def get_internal_type(self) -> str:
        return "BinaryField"

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"purpose": self.purpose}

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else secrets.decrypt(bytes(value), purpose=self.purpose).decode()

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return None if value is None else secrets.encrypt(str(value).encode(), purpose=self.purpose)

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj) or "")

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": forms.CharField} | kwargs)
