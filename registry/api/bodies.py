"""Reading JSON bodies: small, plain, and 400 for anything else."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser

LARGEST_BODY = 32_768  # a quarter of day keys is a third of it


class SmallJSONParser(BaseParser):
    """A JSON body of at most 32 KiB, or `largest` of a subclass. Raises ValidationError (400 `malformed`)."""

    media_type = "application/json"
    largest = LARGEST_BODY  # bytes

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        raw = stream.read(self.largest + 1)
        if len(raw) > self.largest:
            raise ValidationError(_("The request is too large."))
        try:
            return json.loads(raw.decode(), parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise ValidationError(_("The request is not JSON.")) from None


def _refuse(name: str) -> Any:
    raise ValueError(name)
