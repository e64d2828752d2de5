"""Model fields of our own: text and bytes encrypted at rest, text out of a growing enumeration, a set of integers."""

from typing import Any

from django import forms
from django.db import models

from registry import secrets


class EncryptedTextField(models.Field):
    """Text, stored as AES-256-GCM under a key of this field's own. None stays NULL; an empty text stays empty.

    It cannot be searched: that is what the blind index beside it is for.
    """

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


class EncryptedBytesField(EncryptedTextField):
    """The same for bytes: a file, whole."""

    description = "Encrypted bytes"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else secrets.decrypt(bytes(value), purpose=self.purpose)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return None if value is None else secrets.encrypt(bytes(value), purpose=self.purpose)

    def formfield(self, **kwargs: Any) -> Any:
        return None


class GrowingEnumField(models.CharField):
    """A member of `choices`, an enumeration that grows with the code.

    Its members are no part of the schema: a migration sees a plain CharField, so that a new one needs no migration.
    Whoever writes the column takes the enumeration, not text.
    """

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, {key: kwargs[key] for key in kwargs if key != "choices"}


class BigIntegerMultiRangeField(models.Field):
    """PostgreSQL's int8multirange: a set of integers as `psycopg.types.multirange.Multirange`; arithmetic on it is done
    in SQL."""

    description = "Set of integers"

    def db_type(self, connection: Any) -> str:
        return "int8multirange"
