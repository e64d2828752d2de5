"""How much of a request is read before anybody looks at it."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

LARGEST = 32 * 1024 * 1024  # bytes; a form answers what lies between its own limit and this one in plain words


class Bounded(FileUploadHandler):
    """Refuses what is far too large by what it says of itself, before a byte of it reaches the disk."""

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        if content_length > LARGEST:
            raise RequestDataTooBig

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
